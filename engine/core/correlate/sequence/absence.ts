/**
 * `not` at the end of an ordered sequence: the steps before it arm a watch, and a timer fires it.
 *
 *      s      p armed                    deadline
 *      ●──────●──────────────────────────┤         due when the arrival clock passes
 *             (   nothing of the step    ]         arrival of the arming event + (deadline − p) + lateness
 *
 * The deadline is p + within, otherwise s + timespan; of several such steps the latest counts. Any fulfilling assignment
 * counts: of those that end with one entry, the one that begins first is watched (earliest.ts), since its watch ends first
 * and an event that breaks it breaks all of them. An event counts against the watch if it had arrived by the due time; so
 * the verdict is the same whenever it is evaluated after that.
 *
 * For the same reason an arming must not move once it was due. Armings are evaluated on everything that arrived within the
 * lateness of the arming event. If later entries could change one (another beginning, hence another deadline, or a `not`
 * before the end), the arrivals are processed one by one, in the order in which the clock passed them.
 */
import { completions, type Completion } from './completion.ts';
import { beginsOf, earliest } from './earliest.ts';
import { compareEntries, type Entry } from '../entry.ts';
import type { Correlated } from '../kind.ts';
import { limits } from '../../limits.ts';
import { fulfilment } from '../proof.ts';
import { countBefore, lookBackMs, partsOf, timelineOf, type Negative, type SequenceParts, type Timeline } from './sequence.ts';
import { earlier, isDue } from '../settle.ts';
import type { Step } from '../../step.ts';
import type { Budget, Fulfilment, Moment, Verdict } from '../verdict.ts';

type Watch = { readonly steps: readonly Step[]; readonly parts: SequenceParts; readonly timespanMs: number; readonly latenessMs: number };

/**
 * How far before its end a window of an ordered sequence may look, ms: the timespan, plus how far before the first event a
 * leading `not` looks, plus how long after the last one a `not` at the end waits.
 */
export function orderedHorizonMs({ steps, correlation: { timespanMs } }: Correlated): number {
  const parts = partsOf(steps);
  return lookBackMs(parts, timespanMs) + timespanMs + Math.max(0, ...parts.trailing.map(({ withinMs }) => withinMs ?? 0));
}

/** The maximum time that a sequence waits after its last positive event for a `not` at its end, ms; undefined: it has none. */
export function trailingWaitMs({ steps, correlation: { timespanMs } }: Correlated): number | undefined {
  if (steps.at(-1)?.negative !== true) return undefined;
  return Math.max(...partsOf(steps).trailing.map(({ withinMs }) => withinMs ?? timespanMs));
}

/** The verdict on a sequence that ends with a `not`. */
export function evaluateAbsence(rule: Correlated, entries: readonly Entry[], moment: Moment, budget: Budget): Verdict {
  const { steps, correlation } = rule;
  const parts = partsOf(steps);
  const watch: Watch = { steps, parts, timespanMs: correlation.timespanMs, latenessMs: moment.latenessMs };
  const horizon = orderedHorizonMs(rule);
  const { armed, slack, undecided } = armings(watch, entries, budget);
  const against = parts.trailing.map((negative) => ({ negative, line: timelineOf(entries, negative.step) }));
  const fulfilments: Fulfilment[] = [];
  let reviewAt: number | undefined;
  let holdFrom: number | undefined;
  for (const arming of armed) {
    const { by, value, spans } = arming;
    const at = deadlineOf(watch, arming);
    const due = dueOf(watch, arming);
    const disturbed = against.some(({ negative, line }) => happened(line, by.time, deadlineFor(watch, arming, negative), due));
    if (disturbed) continue;
    if (isDue(at, due, moment)) fulfilments.push(fulfilment(at, by, value, spans));
    else {
      reviewAt = earlier(reviewAt, due + 1);
      // Hold the whole horizon, not only from the first event on: a window across a cut of the log is not evaluated (judge.ts).
      holdFrom = earlier(holdFrom, at - horizon);
    }
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

/** True when the step occurred in (after, until] and had arrived by `due`. */
function happened({ list, times }: Timeline, after: number, until: number, due: number): boolean {
  for (let i = countBefore(times, after + 1); i < list.length && times[i]! <= until; i++) {
    if (list[i]!.ref.ms <= due) return true;
  }
  return false;
}

type Armings = { readonly armed: readonly Completion[]; readonly slack: number; readonly undecided: number };

/** For each entry of the last positive step, the assignment that decides its watch. */
function armings(watch: Watch, entries: readonly Entry[], budget: Budget): Armings {
  const { steps, parts, timespanMs, latenessMs } = watch;
  const whole = completions(steps, timespanMs, entries, budget);
  const last = parts.positives.at(-1);
  if (last === undefined || whole.slack > 1) return { armed: [], slack: whole.slack, undecided: 0 };
  const noOtherNot = parts.leading.length === 0 && parts.positives.every(({ not }) => not.length === 0);
  if (isFixed(watch) && noOtherNot) return { armed: whole.found, slack: 1, undecided: whole.undecided };
  const shaping = entries.filter(({ step }) => parts.trailing.every((negative) => negative.step !== step));
  const byEntry = new Map(whole.found.map((completion) => [completion.by, completion]));
  const lookBack = timespanMs + lookBackMs(parts, timespanMs);
  const begins = beginsOf(parts, shaping);
  const armed: Completion[] = [];
  const looks: Budget = { left: limits.rejudgedMax };
  let { undecided } = whole;
  let newestArrival = -Infinity;
  for (let from = 0, i = 0; i < shaping.length;) {
    const { time } = shaping[i]!;
    let end = i;
    for (; end < shaping.length && shaping[end]!.time === time; end++) newestArrival = Math.max(newestArrival, shaping[end]!.ref.ms);
    while (shaping[from]!.time < time - lookBack) from++;
    for (; i < end; i++) {
      const by = shaping[i]!;
      if (by.step !== last.step) continue;
      const latest = byEntry.get(by);
      const around = (): readonly Entry[] => shaping.slice(from, end);
      const late = newestArrival > by.ref.ms + latenessMs;
      const decided = late ? replayArrivals(watch, around(), by, budget, looks) : watched(watch, begins, around, latest, budget, looks);
      if (decided === 'bound') undecided++;
      const arming = decided === 'bound' ? latest : decided;
      if (arming !== undefined) armed.push(arming);
    }
  }
  return { armed, slack: 1, undecided };
}

/** True when no deadline depends on the beginning. */
const isFixed = ({ parts }: Watch): boolean => parts.trailing.every(({ withinMs }) => withinMs !== undefined);

/** The assignment with the same end that is watched; `bound`: finding it would take too long. */
function watched(
  watch: Watch,
  begins: Timeline,
  entries: () => readonly Entry[],
  latest: Completion | undefined,
  budget: Budget,
  looks: Budget,
): Completion | undefined | 'bound' {
  if (latest === undefined || isFixed(watch)) return latest;
  return earliest(watch, begins, entries, latest, budget, looks) ?? 'bound';
}

/** Processes the late arrivals in order of the clock, until the watch of that entry is due with nothing new before it. */
function replayArrivals(
  watch: Watch,
  entries: readonly Entry[],
  by: Entry,
  budget: Budget,
  looks: Budget,
): Completion | undefined | 'bound' {
  const onTime = by.ref.ms + watch.latenessMs;
  const late = [...new Set(entries.map((entry) => entry.ref.ms))].filter((arrival) => arrival > onTime).toSorted((a, b) => a - b);
  let arming: Completion | undefined;
  for (const clock of [onTime, ...late]) {
    if (arming !== undefined && dueOf(watch, arming) < clock) break;
    looks.left -= entries.length;
    if (looks.left < 0) return 'bound';
    const known = entries.filter((entry) => entry.ref.ms <= clock);
    const latest = completions(watch.steps, watch.timespanMs, known, budget).found.findLast((completion) => completion.by === by);
    const decided = watched(watch, beginsOf(watch.parts, known), () => known, latest, budget, looks);
    if (decided === 'bound') return decided;
    arming = decided;
  }
  return arming;
}
