/**
 * The guarantees of guarantees.test.ts with several workers on one store. Each works on a batch; they finish in any order
 * and at the same time, and some die before they acknowledge, so that their batch is delivered again. The arrival clock is
 * at the oldest unacknowledged event. Compared with the array-filter oracle; a failure prints its seed.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Located } from '../../engine/core/event.ts';
import { profiler } from '../../engine/core/correlate/log-profile.ts';
import { replayStores } from '../../engine/memory/replay-stores.ts';
import { silent } from '../../engine/runtime/metering/meter.ts';
import { pipeline } from '../../engine/runtime/pipeline/pipeline.ts';
import type { WindowStore } from '../../engine/runtime/correlate/ports.ts';
import { anyRule, beginning, eventsOf, type EventCase, type RuleCase } from './guarantees.arbitraries.ts';
import { arrivalsOf, inOrderOfTime, repeatsOf, type Arrivals } from './guarantees.arrivals.ts';
import { expectedWindows, wanderers } from './guarantees.oracle.ts';
import { byGroup, endOf, eventFor, exact, expectCounts, expectCovered, rulesetOf, waits } from './guarantees.support.ts';

/** The next step: which batches are finished, how many at the same time, how long each waits in between, and whether they are acknowledged. */
type Turn = { readonly who: number; readonly together: number; readonly dies: boolean; readonly pauses: readonly number[] };

type Case = {
  readonly rule: RuleCase;
  readonly latenessMs: number;
  readonly arrivals: Arrivals;
  readonly workers: number;
  readonly turns: Turn[];
};

const turn: fc.Arbitrary<Turn> = fc.record({
  who: fc.nat({ max: 3 }),
  together: fc.constantFrom(1, 2, 4),
  dies: fc.constantFrom(false, false, false, true),
  pauses: fc.array(fc.constantFrom(0, 0, 5, 25, 60), { minLength: 3, maxLength: 3 }),
});

const casesOf = (
  rules: fc.Arbitrary<RuleCase>,
  arrivals: (rule: RuleCase, latenessMs: number) => fc.Arbitrary<Arrivals>,
): fc.Arbitrary<Case> =>
  fc
    .record({
      rule: rules,
      latenessMs: fc.constantFrom(0, 2, 6),
      workers: fc.constantFrom(1, 2, 4),
      turns: fc.array(turn, { minLength: 6, maxLength: 6 }),
    })
    .chain(({ rule, latenessMs, ...rest }) => arrivals(rule, latenessMs).map((some) => ({ rule, latenessMs, arrivals: some, ...rest })));

const late = (rule: RuleCase, latenessMs: number): fc.Arbitrary<Arrivals> =>
  fc
    .tuple(eventsOf(rule, 16, { min: 1, max: 8 }), repeatsOf(rule, 3))
    .chain(([events, repeats]) => arrivalsOf(events, repeats, latenessMs));

/** Distinct times: with equal times, each order of arrival would have another correct result. */
const inOrder = (rule: RuleCase): fc.Arbitrary<Arrivals> =>
  fc.record({ order: eventsOf(rule, 16, { min: 1, max: 8 }).map((events) => inOrderOfTime(events, [])), batch: fc.constantFrom(1, 2, 3) });

/** A store that waits before each append, each read of the record and each commit, so that other workers come in between. */
function slowly(windows: WindowStore, pauses: () => readonly number[]): WindowStore {
  const pause = async (which: number): Promise<void> => {
    for (let n = pauses()[which]!; n > 0; n--) await undefined;
  };
  return {
    ...windows,
    openAppend() {
      const buffer = windows.openAppend();
      const append = buffer.append.bind(buffer);
      return Object.assign(buffer, { append: () => pause(0).then(append) });
    },
    records: (targets) => pause(1).then(() => windows.records(targets)),
    commit: (commits) => pause(2).then(() => windows.commit(commits)),
  };
}

async function alertsOfWorkers({ rule, latenessMs, arrivals: { order, batch }, workers, turns }: Case) {
  const ruleset = rulesetOf(rule);
  const profile = profiler({ latenessMs, lagMs: 3_600_000 });
  const stores = replayStores(profile);
  const onRuleFault = (_: string, fault: unknown): never => {
    throw fault;
  };
  let round = 0;
  const runs = Array.from({ length: workers }, (_, i) => {
    const windows = slowly(stores.windows, () => turns[(round + i) % turns.length]!.pauses);
    return pipeline(ruleset, { ...stores, windows, profile, latenessMs, meter: silent, onRuleFault });
  });
  const createdAt = (at: number): number => at;
  let newest = 0;
  const located = order.map((event, i): Located => {
    newest = Math.max(newest, event.t);
    return stores.locate(eventFor(event, ruleset), beginning + newest, i);
  });
  const unread = Array.from({ length: Math.ceil(located.length / batch) }, (_, i) => located.slice(i * batch, (i + 1) * batch));
  const inHand: Located[][] = [];
  const clock = (): Located['ref'] => {
    const [oldest] = [...inHand, ...unread].map(([first]) => first!.ref).sort((a, b) => a.ms - b.ms || a.seq - b.seq);
    return oldest ?? { ...located[0]!.ref, ms: beginning + 1e9 };
  };
  for (; inHand.length > 0 || unread.length > 0; round++) {
    inHand.push(...unread.splice(0, workers - inHand.length));
    const { who, together, dies } = turns[round % turns.length]!;
    const doing = new Set(Array.from({ length: together }, (_, i) => inHand[(who + i) % inHand.length]!));
    const context = { clock: clock(), createdAt };
    await Promise.all([...doing].map((one, i) => runs[i % workers]!.process([one], context)));
    if (!dies || round > 20) for (const one of doing) inHand.splice(inHand.indexOf(one), 1);
    await runs[round % workers]!.review(1000, { clock: clock(), createdAt });
  }
  for (let rounds = 0; rounds < 3; rounds++) await runs[0]!.review(1000, { clock: clock(), createdAt });
  return stores.alerts();
}

/**
 * Events that were sent twice with different content. A rule that is evaluated at once may alert on the second while the
 * first is still with another worker, and the first then finds that alert. The guarantees do not exclude this.
 */
const raced = (rule: RuleCase, order: readonly EventCase[]): readonly number[] =>
  waits(rule)
    ? []
    : order
        .filter((event) => order.some((other) => other.n === event.n && JSON.stringify(other) !== JSON.stringify(event)))
        .map(({ n }) => n);

it('the same pairs, each window near an alert, each event counted once, for 1, 2 and 4 workers that finish in any order, and die', () =>
  fc.assert(
    fc.asyncProperty(casesOf(anyRule, late), async (one) => {
      const { rule, arrivals } = one;
      const { order } = arrivals;
      const alerts = byGroup(await alertsOfWorkers(one));
      const expected = expectedWindows(rule, order);
      const wandering = wanderers(rule, order);
      const racing = raced(rule, order);
      const sure = exact(rule, order) && racing.length === 0;
      if (sure) expect([...alerts.keys()].sort()).toEqual([...expected.keys()].sort());
      for (const [group, windows] of expected)
        expectCovered(rule, alerts.get(group) ?? [], windows, new Set([...wandering.get(group)!, ...racing]));
      for (const some of alerts.values()) expectCovered(rule, some, []);
      if (sure && rule.steps.length === 0)
        for (const [group, windows] of expected)
          expectCounts(rule, alerts.get(group)!, windows, { exactly: true, wandering: wandering.get(group) });
    }),
    { numRuns: 4000 },
  ));

it('rules that can be contradicted fire the same alerts as with one worker, if the events came in order', () =>
  fc.assert(
    fc.asyncProperty(
      casesOf(
        anyRule.filter((rule) => !exact(rule, []) && !waits(rule)),
        inOrder,
      ),
      async (one) => {
        const alerts = byGroup(await alertsOfWorkers(one));
        const expected = expectedWindows(one.rule, one.arrivals.order);
        expect([...alerts.keys()].sort()).toEqual([...expected.keys()].sort());
        for (const [group, windows] of expected) {
          expectCovered(one.rule, alerts.get(group)!, windows);
          const ends = new Set(windows.map(({ at }) => at));
          expect(
            alerts
              .get(group)!
              .map(endOf)
              .filter((end) => !ends.has(end)),
          ).toEqual([]);
        }
      },
    ),
    { numRuns: 1000 },
  ));
