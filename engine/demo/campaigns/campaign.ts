/** A campaign: an attack as a story, with the rule that should detect it and the group of the alert. */
import type { Cast } from '../cast.ts';
import type { Planned } from '../planned.ts';
import type { Customer, Employee } from '../population.ts';

export type Scene = Cast & {
  /** An address that is used by nobody else. */
  readonly attacker: string;
  /** Returns a different customer with each call, whom no other campaign uses. Their ordinary traffic continues. */
  victim(): Customer;
  /** Returns a different employee with each call. */
  insider(): Employee;
};

export type Played = {
  /** The group of the expected alert: names and values. */
  readonly group: Readonly<Record<string, string>>;
  readonly events: readonly Planned[];
};

export type Campaign = {
  readonly name: string;
  /** One line for a person. */
  readonly about: string;
  readonly rule: string;
  /** Maximum time from the first event to the last, ms. */
  readonly lastsMs: number;
  /** Only between 22:00 and 04:00 UTC; or in the first tenth of the day, because the alert waits for the arrival clock. */
  readonly when?: 'at-night' | 'early';
  play(scene: Scene, at: number): Played;
};

/** n events, one after the other. */
export const repeat = (n: number, make: (k: number) => Planned): Planned[] => Array.from({ length: n }, (_, k) => make(k));
