/**
 * The contract of every WindowStore. Run on Maps (test/memory/correlate/window-store.test.ts) and on Redis
 * (test/redis/correlate/window-store.test.ts).
 *
 * The tests use a store as the pipeline does: append, evaluate, commit, and again where the pipeline could crash.
 */
import { describe, expect, test } from 'vitest';
import type { Alert, AlertUpdate } from '../../engine/core/alert/alert.ts';
import type { Arrival } from '../../engine/core/event.ts';
import type { Entry } from '../../engine/core/correlate/entry.ts';
import { eventHash } from '../../engine/core/util/hash.ts';
import { logTarget } from '../../engine/core/correlate/target.ts';
import { recountAfterMs } from '../../engine/core/alert/judge.ts';
import { profiler, weightUnits } from '../../engine/core/correlate/log-profile.ts';
import type { Rule } from '../../engine/core/rule.ts';
import { appendAll } from '../support/appends.ts';
import {
  compareReviews,
  endOfInstant,
  type Commit,
  type Review,
  type Snapshot,
  type WindowStore,
} from '../../engine/runtime/correlate/ports.ts';
import type { LogTarget } from '../../engine/core/correlate/target.ts';
import { countRule, rulesOf } from '../support/rules.ts';

export type WindowStoreUnderTest = {
  readonly store: WindowStore;
  /** Everything that commits have emitted so far. */
  outbox(): Promise<{ alerts: Alert[]; updates: AlertUpdate[] }>;
};

export const testTolerance = { latenessMs: 5000, lagMs: 60_000 };
export const testProfile = profiler(testTolerance);

const base = Date.UTC(2026, 0, 1);
const { byId } = rulesOf(
  countRule('three', 'gte: 3'),
  countRule('few', 'lt: 3'),
  `
id: pair
steps:
  - { name: a, conditions: { all: [{ fact: kind, operator: equal, value: a }] } }
  - { name: b, conditions: { all: [{ fact: kind, operator: equal, value: b }] } }
correlation: { type: temporal, group-by: [user], timespan: 10s }
`,
  `
id: sum
conditions: { all: [{ fact: kind, operator: equal, value: a }] }
correlation: { type: value_sum, group-by: [user], timespan: 10s, condition: { field: amount, gte: 100 } }
`,
);
const rule = (id: string): Rule => byId.get(id)!;

let groups = 0;
/** Each test has its own log. */
const target = (id: string): LogTarget => {
  const group = [`user-${++groups}`];
  return logTarget(rule(id), group);
};

const entry = (event: string, seconds: number, more: Partial<Entry> & { arrival?: Arrival } = {}): Entry => {
  const { arrival = { ms: base + seconds * 1000, seq: 0 }, ...rest } = more;
  return {
    time: base + seconds * 1000,
    id: eventHash('test', event),
    step: 0,
    index: 0,
    value: 0,
    ref: { shard: 1, ms: arrival.ms, seq: arrival.seq, index: 7 },
    counted: false,
    ...rest,
  };
};

const at = (seconds: number): Arrival => ({ ms: base + seconds * 1000, seq: 0 });

const put = (store: WindowStore, log: LogTarget, entries: readonly Entry[]) =>
  appendAll(
    store,
    entries.map((one) => ({ target: log, entry: one })),
  );

const commitOf = (log: Snapshot, more: Partial<Commit> = {}): Commit => ({
  target: log.target,
  judged: log.version,
  recordVersion: undefined,
  marks: undefined,
  journal: undefined,
  cut: log.cut,
  cutByCap: log.capped,
  capped: 0,
  slack: 1,
  muted: undefined,
  late: 0,
  judgedJournal: log.journal,
  reviewAt: undefined,
  alerts: [],
  updates: [],
  mutedWindows: 0,
  ...more,
});

const mark = (id: string, seconds: number) => ({ id, at: base + seconds * 1000, base: 0, count: 1, first: base, last: base });

export function windowStoreContract(open: () => Promise<WindowStoreUnderTest>): void {
  describe('append', () => {
    test('keeps every field of an entry, in order of arrival', async () => {
      const { store } = await open();
      const log = target('pair');
      const entries = [entry('x', 5, { step: 1, index: 3 }), entry('y', 2), entry('z', 9)];
      const { snapshots } = await put(store, log, entries);
      expect(snapshots).toHaveLength(1);
      expect(snapshots[0]!.journal).toEqual(entries);
      expect((await store.read([log]))[0]!.journal).toEqual(entries);
    });

    test('keeps the number that a rule sums', async () => {
      const { store } = await open();
      const log = target('sum');
      await put(store, log, [entry('x', 1, { value: -12.5 }), entry('y', 2, { value: 2 ** 53 - 1 })]);
      expect((await store.read([log]))[0]!.journal.map((one) => one.value)).toEqual([-12.5, 2 ** 53 - 1]);
    });

    test('returns a log as soon as it has the minimum number of entries', async () => {
      const { store } = await open();
      const log = target('three');
      expect((await put(store, log, [entry('1', 1), entry('2', 2)])).snapshots).toEqual([]);
      expect((await put(store, log, [entry('3', 3)])).snapshots[0]!.journal).toHaveLength(3);
      expect((await put(store, log, [entry('4', 4)])).snapshots[0]!.journal).toHaveLength(4);
    });

    test('returns the log of a sum when its values could reach the threshold, and after a commit when they could again', async () => {
      const { store } = await open();
      const log = target('sum');
      expect((await put(store, log, [entry('1', 1, { value: 60 }), entry('2', 2, { value: -50 })])).snapshots).toEqual([]);
      const { snapshots } = await put(store, log, [entry('3', 3, { value: 41 })]);
      expect(snapshots[0]!.journal).toHaveLength(3);
      await store.commit([commitOf(snapshots[0]!, { slack: weightUnits / 2 })]);
      expect((await put(store, log, [entry('4', 4, { value: 49 })])).snapshots).toEqual([]);
      expect((await put(store, log, [entry('5', 5, { value: 1 })])).snapshots[0]!.journal).toHaveLength(5);
    });

    test('returns the log of a rule with steps only when each step has occurred', async () => {
      const { store } = await open();
      const log = target('pair');
      expect((await put(store, log, [entry('1', 1), entry('2', 2), entry('3', 2)])).snapshots).toEqual([]);
      expect((await put(store, log, [entry('4', 3, { step: 1 })])).snapshots).toHaveLength(1);
    });

    test('returns the log for a repeated entry, too, so that a redelivery makes up for a crash before the commit', async () => {
      const { store } = await open();
      const log = target('three');
      const entries = [entry('1', 1), entry('2', 2), entry('3', 3)];
      expect((await put(store, log, entries)).snapshots).toHaveLength(1);
      expect((await put(store, log, entries)).snapshots).toHaveLength(1);
    });

    test('keeps logs of different groups and rules apart', async () => {
      const { store } = await open();
      const [one, other] = [target('three'), target('three')];
      const sameGroup = logTarget(rule('few'), one.group);
      await put(store, one, [entry('1', 1)]);
      await put(store, other, [entry('2', 2)]);
      await put(store, sameGroup, [entry('3', 3)]);
      const sizes = (await store.read([one, other, sameGroup])).map((log) => log.journal.map((found) => found.id));
      expect(sizes).toEqual([[eventHash('test', '1')], [eventHash('test', '2')], [eventHash('test', '3')]]);
    });

    test('grows through every capacity without losing or changing an entry', async () => {
      const { store } = await open();
      const log = target('sum');
      const all: Entry[] = [];
      for (let round = 0; round < 40; round++) {
        const some = Array.from({ length: (round % 7) + 1 }, (_, i) => entry(`${round}/${i}`, round, { value: round + i }));
        all.push(...some);
        await put(store, log, some);
      }
      expect((await store.read([log]))[0]!.journal).toEqual(all);
    });
  });

  describe('commit', () => {
    test('holds a log back for as many entries as its slack', async () => {
      const { store } = await open();
      const log = target('few');
      const { snapshots } = await put(store, log, [entry('1', 1)]);
      await store.commit([commitOf(snapshots[0]!, { slack: 3 })]);
      expect((await put(store, log, [entry('2', 2), entry('3', 3)])).snapshots).toEqual([]);
      expect((await put(store, log, [entry('4', 4)])).snapshots[0]!.journal).toHaveLength(4);
    });

    test('keeps what was appended since the evaluation when it tidies a log', async () => {
      const { store } = await open();
      const log = target('few');
      const { snapshots } = await put(store, log, [entry('1', 1), entry('2', 2), entry('3', 3)]);
      await put(store, log, [entry('4', 4)]);
      const judged = snapshots[0]!;
      const kept = [{ ...judged.journal[1]!, counted: true }];
      expect(await store.commit([commitOf(judged, { journal: kept, cut: base + 2000 })])).toEqual(['done']);
      const [after] = await store.read([log]);
      expect(after!.journal).toEqual([...kept, entry('4', 4)]);
      expect(after!.cut).toBe(base + 2000);
      expect(after!.version.generation).not.toBe(judged.version.generation);
    });

    test('does not tidy a log that another commit has tidied', async () => {
      const { store } = await open();
      const log = target('few');
      const { snapshots } = await put(store, log, [entry('1', 1), entry('2', 2)]);
      const judged = snapshots[0]!;
      await store.commit([commitOf(judged, { journal: [judged.journal[1]!] })]);
      await store.commit([commitOf(judged, { journal: [] })]);
      expect((await store.read([log]))[0]!.journal).toEqual([judged.journal[1]!]);
    });

    test('drops a log that is tidied to nothing, and the next entry opens a new one', async () => {
      const { store } = await open();
      const log = target('few');
      const { snapshots } = await put(store, log, [entry('1', 1)]);
      await store.commit([commitOf(snapshots[0]!, { journal: [] })]);
      expect((await store.read([log]))[0]!.version.length).toBe(0);
      expect((await put(store, log, [entry('2', 2)])).snapshots[0]!.journal).toEqual([entry('2', 2)]);
    });

    test('answers stale and writes nothing when the evaluation used an older record', async () => {
      const { store, outbox } = await open();
      const log = target('few');
      const { snapshots } = await put(store, log, [entry('1', 1)]);
      const first = { recordVersion: 0, marks: [mark('al_first', 1)] };
      expect(await store.commit([commitOf(snapshots[0]!, first)])).toEqual(['done']);
      const second = { recordVersion: 0, marks: [mark('al_second', 2)], alerts: [{ id: 'al_second' } as Alert] };
      expect(await store.commit([commitOf(snapshots[0]!, second)])).toEqual(['stale']);
      const [record] = await store.records([log]);
      expect(record).toEqual({ version: 1, marks: [mark('al_first', 1)] });
      expect((await outbox()).alerts.filter((alert) => alert.id === 'al_second')).toEqual([]);
    });

    test('answers stale when the log was tidied since the evaluation, even if the record is the newest', async () => {
      const { store, outbox } = await open();
      const log = target('few');
      const { snapshots } = await put(store, log, [entry('1', 1)]);
      const judged = snapshots[0]!;
      const tidied = { journal: [{ ...judged.journal[0]!, counted: true }], recordVersion: 0, marks: [{ ...mark('al_1', 1), base: 1 }] };
      expect(await store.commit([commitOf(judged, tidied)])).toEqual(['done']);
      const [record] = await store.records([log]);
      const twice = { recordVersion: 1, marks: [{ ...mark('al_1', 1), base: 1, count: 2 }], alerts: [{ id: 'al_twice' } as Alert] };
      expect(await store.commit([commitOf(judged, twice)])).toEqual(['stale']);
      expect(await store.records([log])).toEqual([record]);
      expect((await outbox()).alerts.filter((alert) => alert.id === 'al_twice')).toEqual([]);
      const [again] = await store.read([log]);
      expect(await store.commit([commitOf(again!, twice)])).toEqual(['done']);
    });

    test('puts alerts and updates into the outbox', async () => {
      const { store, outbox } = await open();
      const log = target('few');
      const { snapshots } = await put(store, log, [entry('1', 1)]);
      const update: AlertUpdate = { id: 'al_1', count: 2, first_seen: '', last_seen: '', version: 3 };
      await store.commit([commitOf(snapshots[0]!, { alerts: [{ id: 'al_1' } as Alert], updates: [update] })]);
      const found = await outbox();
      expect(found.alerts).toContainEqual({ id: 'al_1' });
      expect(found.updates).toContainEqual(update);
    });

    test('only recounts in-order entries of a suppressed log, a moment later', async () => {
      const { store } = await open();
      const log = target('three');
      const { snapshots } = await put(store, log, [entry('1', 1), entry('2', 2), entry('3', 3)]);
      await store.commit([commitOf(snapshots[0]!, { muted: { from: base + 3000, to: base + 13_000 } })]);
      expect((await put(store, log, [entry('4', 4)])).snapshots).toEqual([]);
      const due = await store.due(base + 4000 + recountAfterMs(4), 1000);
      expect(due.filter((review) => review.groupHash === log.groupHash)).toHaveLength(1);
      const late = entry('5', 2, { arrival: at(5) });
      expect((await put(store, log, [late])).snapshots).toHaveLength(1);
      expect((await put(store, log, [entry('6', 13)])).snapshots).toHaveLength(1);
    });
  });

  describe('reviews', () => {
    const dueFor = async (store: WindowStore, log: LogTarget, seconds: number) =>
      (await store.due(base + seconds * 1000, 10_000)).filter((review) => review.groupHash === log.groupHash);

    test('are due at their time, stay due, and are removed by a commit that needs none', async () => {
      const { store } = await open();
      const log = target('few');
      const { snapshots } = await put(store, log, [entry('1', 1)]);
      await store.commit([commitOf(snapshots[0]!, { reviewAt: base + 60_000 })]);
      expect(await dueFor(store, log, 59)).toEqual([]);
      const [review] = await dueFor(store, log, 60);
      expect(review).toEqual({ shape: log.rule.shape, group: log.group, groupHash: log.groupHash, dueMs: base + 60_000 });
      expect(await dueFor(store, log, 61)).toHaveLength(1);
      await store.commit([commitOf(snapshots[0]!)]);
      expect(await dueFor(store, log, 61)).toEqual([]);
    });

    test('are not removed by a commit that has not seen the newest entry', async () => {
      const { store } = await open();
      const log = target('few');
      const judged = (await put(store, log, [entry('1', 1)])).snapshots[0]!;
      const newer = (await put(store, log, [entry('2', 2)])).snapshots[0]!;
      await store.commit([commitOf(newer, { reviewAt: base + 30_000 })]);
      await store.commit([commitOf(judged)]);
      expect(await dueFor(store, log, 30)).toHaveLength(1);
      await store.commit([commitOf(judged, { reviewAt: base + 90_000 })]);
      expect(await dueFor(store, log, 30)).toHaveLength(1);
    });

    test('are due again when a commit wrote counts without the newest entries', async () => {
      const { store } = await open();
      const log = target('few');
      const judged = (await put(store, log, [entry('1', 1)])).snapshots[0]!;
      const newer = (await put(store, log, [entry('2', 2)])).snapshots[0]!;
      const counts = (version: number, count: number) => ({ recordVersion: version, marks: [{ ...mark('al_1', 1), count }] });
      await store.commit([commitOf(newer, counts(0, 2))]);
      expect(await dueFor(store, log, 1000)).toEqual([]);
      await store.commit([commitOf(judged, counts(1, 1))]);
      expect(await dueFor(store, log, 1000)).toMatchObject([{ dueMs: base + 1000 + recountAfterMs(1) }]);
    });

    test('can be dismissed', async () => {
      const { store } = await open();
      const log = target('few');
      const judged = (await put(store, log, [entry('1', 1)])).snapshots[0]!;
      await store.commit([commitOf(judged, { reviewAt: base + 30_000 })]);
      await store.dismiss(await dueFor(store, log, 30));
      expect(await dueFor(store, log, 1000)).toEqual([]);
    });

    test('are not dismissed when they have been set for another time', async () => {
      const { store } = await open();
      const log = target('few');
      const judged = (await put(store, log, [entry('1', 1)])).snapshots[0]!;
      await store.commit([commitOf(judged, { reviewAt: base + 30_000 })]);
      const read = await dueFor(store, log, 30);
      await store.commit([commitOf(judged, { reviewAt: base + 40_000 })]);
      await store.dismiss(read);
      expect(await dueFor(store, log, 1000)).toMatchObject([{ dueMs: base + 40_000 }]);
    });

    test('are given page by page, in order, also those of one instant', async () => {
      const { store } = await open();
      const logs = Array.from({ length: 40 }, () => target('few'));
      for (const [i, log] of logs.entries()) {
        const judged = (await put(store, log, [entry('1', 1)])).snapshots[0]!;
        await store.commit([commitOf(judged, { reviewAt: base + 500_000 + (i < 30 ? 1 : i) })]);
      }
      const all = (await store.due(base + 501_000, 10_000, endOfInstant(base + 500_000))).map(({ groupHash }) => groupHash);
      expect(all.toSorted()).toEqual(logs.map(({ groupHash }) => groupHash).toSorted());
      const paged: Review[] = [];
      for (let page: readonly Review[] = []; ;) {
        page = await store.due(base + 501_000, 3, page.at(-1) ?? endOfInstant(base + 500_000));
        paged.push(...page);
        if (page.length < 3) break;
      }
      expect(paged.map(({ groupHash }) => groupHash)).toEqual(all);
      expect(paged).toEqual(paged.toSorted(compareReviews));
    });
  });
}
