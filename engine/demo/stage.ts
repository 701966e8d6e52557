/** Lays the campaigns over the day: chooses attackers, victims and start times. */
import type { Cast } from './cast.ts';
import type { Campaign, Played, Scene } from './campaigns/campaign.ts';
import { isNight } from './benign/index.ts';
import { hour, minute, type Planned } from './planned.ts';
import type { Truth } from './truth.ts';

export type Staged = { readonly truth: Truth; readonly events: readonly Planned[] };

/** @param endMs nothing happens after this time, epoch ms */
export function stage(campaigns: readonly Campaign[], cast: Cast, startMs: number, endMs: number): Staged[] {
  const victims = drawn(cast.customers);
  const insiders = drawn(cast.employees);
  return campaigns.map((campaign, n) => {
    const dice = cast.dice.fork(campaign.name);
    const scene: Scene = { ...cast, dice, attacker: `203.0.113.${n + 1}`, victim: victims, insider: insiders };
    const played = campaign.play(scene, beginning(campaign, dice, startMs, endMs));
    return { truth: truthOf(campaign, played), events: played.events };
  });
}

/** Draws one item after the other, spread over the list, so that they live in different places; starts over when all are taken. */
function drawn<T>(list: readonly T[]): () => T {
  const step = stepOver(list.length);
  let at = 0;
  return () => {
    at = (at + step) % list.length;
    return list[at]!;
  };
}

/** About a third of the length and coprime to it, so that it reaches every index once. */
function stepOver(length: number): number {
  const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b));
  let step = Math.max(1, Math.floor(length / 3));
  while (divisor(step, length) !== 1) step++;
  return step;
}

function beginning({ when, lastsMs }: Campaign, dice: Cast['dice'], startMs: number, endMs: number): number {
  const least = startMs + 10 * minute;
  const most = endMs - lastsMs - 10 * minute;
  if (when === 'early') return dice.int(least, startMs + Math.floor((endMs - startMs) / 10));
  if (when === undefined) return dice.int(least, most);
  // The span covers a day and a night, so some of these times are at night.
  const nights = Array.from({ length: 96 }, (_, n) => least + n * (hour / 4)).filter((at) => at <= most && inTheDark(at, lastsMs));
  return dice.pick(nights);
}

/** At night, and over before four o'clock. */
const inTheDark = (at: number, lastsMs: number): boolean => isNight(at) && isNight(at + lastsMs + 2 * hour);

function truthOf({ name, about, rule }: Campaign, { group, events }: Played): Truth {
  const inOrder = events.toSorted((a, b) => a.at - b.at);
  const iso = (planned: Planned): string => new Date(planned.at).toISOString();
  return { campaign: name, about, rule, group, events: inOrder.map(({ id }) => id), first: iso(inOrder[0]!), last: iso(inOrder.at(-1)!) };
}
