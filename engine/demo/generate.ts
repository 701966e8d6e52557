/**
 * Generates a day of traffic at a bank with a shop, and the attacks in it. Pure: the same seed, number and end give the same
 * events, in order of arrival.
 *
 *     slices of half an hour ─▶ stories begin ─▶ their events, delayed ─▶ sorted by arrival, released slice by slice
 *                                    ▲
 *     campaigns ── laid over the day ┘
 *
 * Only events that have not arrived yet are kept, so a million events need no more memory than their last hours. The
 * number of events is exact, including duplicates; a story that would not fit is replaced by a page view rather than cut,
 * because half a story (a VPN session without its computer) would be an attack.
 */
import type { JsonObject } from '../core/event.ts';
import { arrivals, type Arriving } from './arrivals.ts';
import { filler, isNight, stories } from './benign/index.ts';
import { campaigns } from './campaigns/index.ts';
import type { Cast, Story } from './cast.ts';
import { dice as diceOf, type Dice } from './dice.ts';
import { feeds } from './feeds.ts';
import { hour } from './planned.ts';
import { population } from './population.ts';
import { stage } from './stage.ts';
import type { Truth } from './truth.ts';

export type TrafficOptions = {
  readonly seed: number;
  /** At least `eventsLeast`. */
  readonly events: number;
  /** The last event arrives by this time, epoch ms; the first happens a day earlier. */
  readonly endMs: number;
  /** The longest delay before an event arrives. */
  readonly latenessMs: number;
};

export type Arrived = {
  /** The event's id, as its feed's mapping reads it. */
  readonly id: string;
  readonly event: JsonObject;
  /** The campaign it belongs to; undefined for ordinary traffic. */
  readonly truth: Truth | undefined;
};

export type Traffic = { readonly truths: readonly Truth[]; readonly events: Iterable<Arrived> };

/** Fewer events would hold only the campaigns, without ordinary traffic. */
export const eventsLeast = 1000;
export const spanMs = 24 * hour;
const sliceMs = hour / 2;
/** Approximate number of events of one customer in a day. */
const eventsPerCustomer = 8;
const customersMax = 40_000;

export function generate({ seed, events, endMs, latenessMs }: TrafficOptions): Traffic {
  const dice = diceOf(`weir ${seed}`);
  const startMs = endMs - spanMs;
  const size = Math.min(customersMax, Math.max(120, Math.floor(events / eventsPerCustomer)));
  const people = population(dice.fork('population'), size);
  const cast: Cast = { ...people, dice, feeds: feeds() };
  let order = 0;
  const delayed = (planned: Parameters<typeof arrivals>[0], chance: Dice): Arriving[] =>
    arrivals(planned, chance, latenessMs, () => order++);

  const staged = stage(campaigns, { ...cast, dice: dice.fork('campaigns') }, startMs, endMs - latenessMs);
  const truths = new Map(staged.flatMap(({ truth }) => truth.events.map((id) => [id, truth] as const)));
  const delays = dice.fork('attacks');
  const attacks = staged.flatMap((one) => one.events.flatMap((planned) => delayed(planned, delays)));

  function* traffic(): Generator<Arrived> {
    const life = benign(cast, dice, { startMs, endMs, latenessMs, events: events - attacks.length }, delayed);
    let waiting = attacks;
    for (const { untilMs, begun } of life) {
      waiting = [...waiting, ...begun].toSorted((a, b) => a.arrives - b.arrives || a.order - b.order);
      const ready = waiting.findIndex(({ arrives }) => arrives >= untilMs);
      const leaving = ready < 0 ? waiting : waiting.slice(0, ready);
      waiting = ready < 0 ? [] : waiting.slice(ready);
      for (const { planned } of leaving) yield { id: planned.id, event: planned.event, truth: truths.get(planned.id) };
    }
  }
  return { truths: staged.map(({ truth }) => truth), events: { [Symbol.iterator]: once(traffic) } };
}

/** An iterable that can be read only once: ids count up, so a second reading would give different ones. */
function once<T>(make: () => Iterator<T>): () => Iterator<T> {
  let used = false;
  return () => {
    if (used) throw new Error('traffic can be read once; generate it again');
    used = true;
    return make();
  };
}

type Day = Pick<TrafficOptions, 'endMs' | 'events' | 'latenessMs'> & { readonly startMs: number };
type Slice = { readonly untilMs: number; readonly begun: readonly Arriving[] };

/** Ordinary traffic, slice by slice: the events of stories that begin before `untilMs`. */
function* benign(
  cast: Cast,
  dice: Dice,
  { startMs, endMs, latenessMs, events }: Day,
  delayed: (planned: Arriving['planned'], chance: Dice) => Arriving[],
): Generator<Slice> {
  const slices = Array.from({ length: spanMs / sliceMs }, (_, n) => startMs + n * sliceMs);
  const busy = slices.reduce((sum, at) => sum + bustle(at), 0);
  const [life, delays] = [{ ...cast, dice: dice.fork('life') }, dice.fork('delays')];
  const drawers = { day: storyDrawer('day'), night: storyDrawer('night') };
  let [made, share] = [0, 0];
  for (const from of slices) {
    share += bustle(from);
    const quota = Math.round((events * share) / busy);
    const draw = isNight(from) ? drawers.night : drawers.day;
    const begun: Arriving[] = [];
    while (made < quota) {
      const at = from + life.dice.int(0, sliceMs - 1);
      const arriving = draw(life.dice)(life, at).flatMap((planned) => delayed(planned, delays));
      const fits = made + arriving.length <= events && arriving.every(({ arrives }) => arrives < endMs);
      const kept = fits ? arriving : delayed(filler(life, Math.min(at, endMs - latenessMs - 1))[0]!, delays).slice(0, 1);
      begun.push(...kept);
      made += kept.length;
    }
    yield { untilMs: from + sliceMs >= endMs ? Infinity : from + sliceMs, begun };
  }
}

/** How busy a time of day is: at night a quarter of the day's traffic. */
const bustle = (at: number): number => (isNight(at) ? 1 : new Date(at).getUTCHours() < 9 ? 3 : 4);

/** Draws stories by their weights. */
function storyDrawer(time: 'day' | 'night'): (dice: Dice) => Story {
  const sum = stories.reduce((total, story) => total + story[time], 0);
  return (dice) => {
    let left = dice.next() * sum;
    return (stories.find((story) => (left -= story[time]) < 0) ?? stories[0]!).story;
  };
}
