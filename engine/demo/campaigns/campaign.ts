/** What a campaign is: an attack as a story of its own, with the rule that should find it and the group it should name. */
import type { Cast } from '../cast.ts';
import type { Planned } from '../planned.ts';
import type { Customer, Employee } from '../population.ts';

export type Scene = Cast & {
  /** An address that nobody else has. */
  readonly attacker: string;
  /** Another customer with each call, whom no other campaign has. They go on with their lives. */
  victim(): Customer;
  /** Another employee with each call. */
  insider(): Employee;
};

export type Played = {
  /** Of the alert: group names and values. */
  readonly group: Readonly<Record<string, string>>;
  readonly events: readonly Planned[];
};

export type Campaign = {
  readonly name: string;
  /** One line for a person. */
  readonly about: string;
  readonly rule: string;
  /** At most so long from its first event to its last, ms. */
  readonly lastsMs: number;
  /** Only between 22:00 and 04:00 UTC; or in the first tenth, since its alert has to wait for the arrival clock. */
  readonly when?: 'at-night' | 'early';
  play(scene: Scene, at: number): Played;
};

/** n events, one after the other. */
export const repeat = (n: number, make: (k: number) => Planned): Planned[] => Array.from({ length: n }, (_, k) => make(k));
