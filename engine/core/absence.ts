/**
 * `not` at the end of an ordered sequence: the steps before it arm a watch, and a timer fires it.
 *
 *      s      p armed                    deadline
 *      ●──────●──────────────────────────┤         due when the arrival clock passes
 *             (   nothing of the step    ]         arrival of the arming event + (deadline − p) + lateness
 *
 * The deadline is p + within, else s + timespan; of several such steps the latest counts. Against the watch counts
 * what had arrived by the due time; so the verdict is the same whenever it is looked at after that.
 *
 * Of the assignments that end with one entry the one that begins last has the longest watch. Where that is disturbed,
 * one that began earlier may have been over before: any assignment that fulfils counts, so the last of those is taken.
 *
 * For the same reason an arming must not move once it was due. Armings are judged on everything that arrived within
 * the lateness of the arming event. Where later entries could change one (another beginning, hence another
 * deadline, or a `not` before the end), the arrivals are gone through one by one, as the clock saw them.
 */
import { completions, type Completion } from './completion.ts';
import { compareEntries, type Entry } from './entry.ts';
import { limits } from './limits.ts';
import type { Budget } from './matching.ts';
import { fulfilment } from './proof.ts';
import type { Step } from './rule.ts';
import { countBefore, partsOf, type Negative, type Parts } from './sequence.ts';
import { earlier, isDue } from './settle.ts';
import type { Fulfilment, Moment, Verdict } from './verdict.ts';

type Watch = { readonly steps: readonly Step[]; readonly parts: Parts; readonly timespanMs: number; readonly latenessMs: number };

/**
 * The verdict on a sequence that ends with a `not`.
 * @param horizonMs how long before its end a window may look
 */
export function judgeAbsence(
  steps: readonly Step[],
  timespanMs: number,
  horizonMs: number,
  entries: readonly Entry[],
  moment: Moment,
  budget: Budget,
): Verdict {
  const parts = partsOf(steps);
  const watch: Watch = { steps, parts, timespanMs, latenessMs: moment.latenessMs };
  const { armed, shaping, slack, ...looked } = armings(watch, entries, budget);
  let { undecided, left } = looked;
  const against = parts.trailing.map((negative) => ({ negative, ...timeline(entries, negative.step) }));
  const fulfilments: Fulfilment[] = [];
  let reviewAt: number | undefined;
  let holdFrom: number | undefined;
  const wait = (due: number, from: number): void => {
    reviewAt = earlier(reviewAt, due + 1);
    // The whole horizon, not only from the first event on: what is fulfilled across a cut of the log is left alone (judge.ts).
    holdFrom = earlier(holdFrom, from - horizonMs);
  };
  for (const arming of armed) {
    const { by } = arming;
    const at = deadlineOf(watch, arming);
    const due = dueOf(watch, arming);
    const beginsBefore = mustBeginBefore(watch, arming, against, due);
    if (beginsBefore === Infinity) {
      if (isDue(at, due, moment)) fulfilments.push(fulfilment(at, by, arming.value, arming.spans));
      else wait(due, Math.min(at, fixed(watch) ? Infinity : by.time));
      continue;
    }
    const from = by.time - timespanMs;
    if (!shaping.some(({ step, time }) => step === parts.positives[0]!.step && time > from && time < beginsBefore)) continue;
    if (moment.closing === undefined && !isDue(at, due, moment)) {
      wait(due, by.time);
      continue;
    }
    const known = shaping.filter(({ time, ref }) => time > from - lookBack(watch) && time <= by.time && ref.ms <= due);
    left -= known.length;
    if (left < 0) {
      undecided++;
      continue;
    }
    const other = completions(steps, timespanMs, known, budget, beginsBefore).found.find((completion) => completion.by === by);
    if (other === undefined) continue;
    const until = deadlineOf(watch, other);
    if (isDue(until, due, moment)) fulfilments.push(fulfilment(until, by, other.value, other.spans));
  }
  fulfilments.sort((a, b) => a.at - b.at || compareEntries(a.by, b.by));
  return { fulfilments, slack, reviewAt, holdFrom, undecided };
}

const deadlineFor = ({ timespanMs }: Watch, { by, start }: Completion, { withinMs }: Negative): number =>
  withinMs === undefined ? start + timespanMs : by.time + withinMs;

const deadlineOf = (watch: Watch, arming: Completion): number =>
  Math.max(...watch.parts.trailing.map((negative) => deadlineFor(watch, arming, negative)));

const dueOf = (watch: Watch, arming: Completion): number =>
  arming.by.ref.ms + (deadlineOf(watch, arming) - arming.by.time) + watch.latenessMs;

/** How long before the first event the leading steps look. */
const lookBack = ({ parts, timespanMs }: Watch): number => Math.max(0, ...parts.leading.map(({ withinMs }) => withinMs ?? timespanMs));

function timeline(entries: readonly Entry[], step: number): { readonly list: readonly Entry[]; readonly times: readonly number[] } {
  const list = entries.filter((entry) => entry.step === step);
  return { list, times: list.map((entry) => entry.time) };
}

type Against = { readonly negative: Negative; readonly list: readonly Entry[]; readonly times: readonly number[] };

/** The time before which an assignment to this end must begin for its watch to be undisturbed. Infinity: this one is; -Infinity: none is. */
function mustBeginBefore(watch: Watch, arming: Completion, against: readonly Against[], due: number): number {
  let before = Infinity;
  for (const { negative, list, times } of against) {
    const time = firstIn(list, times, arming.by.time, deadlineFor(watch, arming, negative), due);
    if (time !== undefined) before = Math.min(before, negative.withinMs === undefined ? time - watch.timespanMs : -Infinity);
  }
  return before;
}

/** When the step first occurred in (after, until] and had arrived by `due`. */
function firstIn(list: readonly Entry[], times: readonly number[], after: number, until: number, due: number): number | undefined {
  for (let i = countBefore(times, after + 1); i < list.length && times[i]! <= until; i++) {
    if (list[i]!.ref.ms <= due) return times[i];
  }
  return undefined;
}

type Armings = {
  readonly armed: readonly Completion[];
  /** Entries that assignments are made of. */
  readonly shaping: readonly Entry[];
  readonly slack: number;
  readonly undecided: number;
  /** Entries that may still be looked at again. */
  readonly left: number;
};

/** True when no deadline depends on the beginning. */
const fixed = ({ parts }: Watch): boolean => parts.trailing.every(({ withinMs }) => withinMs !== undefined);

/** For each entry of the last positive step, the assignment on which its watch was, or will be, decided. */
function armings(watch: Watch, entries: readonly Entry[], budget: Budget): Armings {
  const { steps, parts, timespanMs, latenessMs } = watch;
  const whole = completions(steps, timespanMs, entries, budget);
  const last = parts.positives.at(-1);
  if (last === undefined || whole.slack > 1) return { armed: [], shaping: [], slack: whole.slack, undecided: 0, left: 0 };
  const noOtherNot = parts.leading.length === 0 && parts.positives.every(({ not }) => not.length === 0);
  if (fixed(watch) && noOtherNot) return { armed: whole.found, shaping: [], slack: 1, undecided: whole.undecided, left: 0 };
  const shaping = entries.filter(({ step }) => parts.trailing.every((negative) => negative.step !== step));
  const byEntry = new Map(whole.found.map((completion) => [completion.by, completion]));
  const horizonMs = timespanMs + lookBack(watch);
  const armed: Completion[] = [];
  let { undecided } = whole;
  let rejudged: number = limits.rejudgedMax;
  let newestArrival = -Infinity;
  for (let from = 0, i = 0; i < shaping.length;) {
    const { time } = shaping[i]!;
    let end = i;
    for (; end < shaping.length && shaping[end]!.time === time; end++) newestArrival = Math.max(newestArrival, shaping[end]!.ref.ms);
    while (shaping[from]!.time < time - horizonMs) from++;
    for (; i < end; i++) {
      const by = shaping[i]!;
      if (by.step !== last.step) continue;
      let arming = byEntry.get(by);
      if (newestArrival > by.ref.ms + latenessMs) {
        const looked = replayArrivals(watch, shaping.slice(from, end), by, budget, rejudged);
        rejudged = looked.left;
        if (rejudged < 0) undecided++;
        else arming = looked.arming;
      }
      if (arming !== undefined) armed.push(arming);
    }
  }
  return { armed, shaping, slack: 1, undecided, left: Math.max(0, rejudged) };
}

type Looked = { readonly arming: Completion | undefined; readonly left: number };

/** Goes through the late arrivals as the clock did, until the watch of that entry is due with nothing new before it. */
function replayArrivals(watch: Watch, entries: readonly Entry[], by: Entry, budget: Budget, rejudgedMax: number): Looked {
  const promptly = by.ref.ms + watch.latenessMs;
  const late = [...new Set(entries.map((entry) => entry.ref.ms))].filter((arrival) => arrival > promptly).toSorted((a, b) => a - b);
  let left = rejudgedMax;
  let arming: Completion | undefined;
  for (const clock of [promptly, ...late]) {
    if (arming !== undefined && dueOf(watch, arming) < clock) break;
    left -= entries.length;
    if (left < 0) break;
    const known = entries.filter((entry) => entry.ref.ms <= clock);
    arming = completions(watch.steps, watch.timespanMs, known, budget).found.findLast((completion) => completion.by === by);
  }
  return { arming, left };
}
