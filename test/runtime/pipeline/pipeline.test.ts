/** The pipeline: a rule that throws affects only itself, batches are bounded, and a due review is evaluated although nothing arrives. */
import { describe, expect, it, vi } from 'vitest';
import type { Event, Located } from '../../../engine/core/event.ts';
import { limits } from '../../../engine/core/limits.ts';
import { profiler } from '../../../engine/core/correlate/log-profile.ts';
import type { Rule, RuleSet } from '../../../engine/core/rule.ts';
import { memoryAlerts } from '../../../engine/memory/alert/alerts.ts';
import { memoryEvidence, type MemoryRef } from '../../../engine/memory/alert/evidence.ts';
import { memoryWindowStore } from '../../../engine/memory/correlate/window-store.ts';
import { silent, type Meter } from '../../../engine/runtime/metering/meter.ts';
import { pipeline } from '../../../engine/runtime/pipeline/pipeline.ts';
import type { WindowStore } from '../../../engine/runtime/correlate/ports.ts';
import { countingMeter } from '../../support/counting.ts';
import { countRule, rulesOf } from '../../support/rules.ts';

const begin = Date.UTC(2026, 0, 1);

function located(id: string, seconds: number, raw: object = {}): Located {
  const event: Event = {
    id,
    time: begin + seconds * 1000,
    dataset: 'd',
    raw: { kind: 'a', user: 'u', ...raw },
    mapped: undefined,
    tags: [],
  };
  const ref: MemoryRef = { shard: 0, ms: event.time, seq: 0, index: 0, event };
  return { event, ref };
}

function open(ruleset: RuleSet, meter: Meter = silent, watched = (store: WindowStore): WindowStore => store) {
  const profile = profiler({ latenessMs: 1000, lagMs: 60_000 });
  const alerts = memoryAlerts();
  const faults: [string, unknown][] = [];
  const onRuleFault = (id: string, fault: unknown): void => void faults.push([id, fault]);
  const windows = watched(memoryWindowStore(profile, alerts));
  return {
    run: pipeline(ruleset, { windows, evidence: memoryEvidence(), outbox: alerts, profile, latenessMs: 1000, meter, onRuleFault }),
    alerts,
    faults,
  };
}

const context = (seconds: number) => ({ clock: { ms: begin + seconds * 1000, seq: 0 }, createdAt: (at: number) => at });

/** The same set, but one rule throws when code of the file `by` reads its property `read`. */
function sabotaged(ruleset: RuleSet, id: string, read: keyof Rule, by: string): RuleSet {
  const bad = ruleset.byId.get(id)!;
  const broken: Rule = Object.defineProperty({ ...bad }, read, {
    get(): unknown {
      if (new Error('').stack!.includes(by)) throw new Error('this rule is broken');
      return bad[read];
    },
  });
  const swap = (rule: Rule): Rule => (rule === bad ? broken : rule);
  return {
    ...ruleset,
    rules: ruleset.rules.map(swap),
    byId: new Map([...ruleset.byId].map(([key, rule]) => [key, swap(rule)])),
    match: (view) => ruleset.match(view).map((found) => ({ ...found, rule: swap(found.rule) })),
  };
}

describe('a rule whose evaluation throws', () => {
  it('is reported with its id, and the other rules of the batch fire', async () => {
    const { run, alerts, faults } = open(
      sabotaged(rulesOf(countRule('bad', 'gte: 2'), countRule('good', 'gte: 2')), 'bad', 'correlation', 'evaluate.ts'),
    );
    await run.process([[located('1', 1), located('2', 2)]], context(0));
    expect(alerts.all().map(({ rule }) => rule.id)).toEqual(['good']);
    expect(faults).toEqual([['bad', new Error('this rule is broken')]]);
    await run.process([[located('3', 30), located('4', 31)]], context(0));
    expect(alerts.all().map(({ rule }) => rule.id)).toEqual(['good', 'good']);
  });
});

describe('a single-event rule whose alert throws', () => {
  it('is reported and counted, and the other rules that match the event fire', async () => {
    const each = (id: string): string => `id: ${id}\nconditions: { all: [{ fact: kind, operator: equal, value: a }] }`;
    const { meter, counted } = countingMeter();
    const { run, alerts, faults } = open(
      sabotaged(rulesOf(each('bad'), each('good'), countRule('count', 'gte: 2')), 'bad', 'title', 'compose.ts'),
      meter,
    );
    await run.process([[located('1', 1), located('2', 2)]], context(0));
    expect(
      alerts
        .all()
        .map(({ rule }) => rule.id)
        .toSorted(),
    ).toEqual(['count', 'good', 'good']);
    expect(faults).toEqual([1, 2].map(() => ['bad', new Error('this rule is broken')]));
    expect(counted['ruleFaults']).toBe(2);
  });
});

describe('a batch', () => {
  it('is sent before it exceeds its bounds, and all of it is evaluated', async () => {
    const sent: number[] = [];
    const watched = (store: WindowStore): WindowStore => ({
      ...store,
      openAppend() {
        const buffer = store.openAppend();
        const append = buffer.append.bind(buffer);
        return Object.assign(buffer, { append: () => (sent.push(buffer.size), append()) });
      },
    });
    const users = Array.from({ length: limits.groupsPerEventMax }, (_, n) => `u${n}`);
    const each = `id: each\nconditions: { all: [{ fact: kind, operator: equal, value: b }] }`;
    const { run, alerts } = open(rulesOf(countRule('count', 'gte: 10', 'suppress: 1d'), each), silent, watched);
    const events = Array.from({ length: 600 }, (_, n) => located(String(n), n, { kind: 'a', user: users }));
    const others = Array.from({ length: 2 * limits.batchAlertsMax + 1 }, (_, n) => located(`b${n}`, 600, { kind: 'b' }));
    await run.process([events, others], context(600));
    const most = limits.batchEntriesMax + users.length - 1;
    expect(sent.length).toBeGreaterThan(2);
    expect(Math.max(...sent)).toBeLessThanOrEqual(most);
    expect(sent.reduce((sum, size) => sum + size, 0)).toBe(events.length * users.length);
    expect(alerts.all().filter(({ rule }) => rule.id === 'count')).toHaveLength(users.length);
    expect(alerts.all().filter(({ rule }) => rule.id === 'each')).toHaveLength(others.length);
  });
});

describe('reviews', () => {
  const absence = `
id: silent
steps:
  - { name: ask, conditions: { all: [{ fact: kind, operator: equal, value: a }] } }
  - { name: answer, not: true, conditions: { all: [{ fact: kind, operator: equal, value: b }] }, within: 5s }
correlation: { type: temporal_ordered, group-by: [user], timespan: 10s }
`;

  it('fire an absence once, when the clock has passed its deadline and the lateness', async () => {
    const { run, alerts } = open(rulesOf(absence));
    await run.process([[located('1', 1)]], context(1));
    expect(await run.review(10, context(7))).toBe(0);
    expect(await run.review(10, context(7.002))).toBe(1);
    expect(await run.review(10, context(8))).toBe(0);
    expect(alerts.all().map(({ created }) => created)).toEqual([new Date(begin + 6000).toISOString()]);
  });

  it('do not fire an absence whose missing event arrives while the clock stands still', async () => {
    const { run, alerts } = open(rulesOf(absence));
    await run.process([[located('1', 1)]], context(1));
    await run.process([[located('2', 3, { kind: 'b' })]], context(1));
    await run.review(10, context(100));
    expect(alerts.all()).toEqual([]);
  });

  const edited = absence.replace('value: a', 'value: c');
  const other = absence.replace('id: silent', 'id: other').replace('value: a', 'value: d');

  /** Events that arm the rule for many users, so that its edit leaves as many reviews. */
  const arming = Array.from({ length: 3000 }, (_, n) => located(String(n), 1, { user: `u${n}` }));

  it('of an edited rule delay no review of another one', async () => {
    let store!: WindowStore;
    const before = open(rulesOf(absence), silent, (made) => (store = made));
    await before.run.process([arming], context(1));
    const { run, alerts } = open(rulesOf(edited, other), silent, () => store);
    await run.process([[located('x', 2, { kind: 'd' })]], context(2));
    while ((await run.review(1000, context(9))) === 1000);
    expect(await store.due(Infinity, 10_000)).toHaveLength(3000);
    expect(before.alerts.all().map(({ rule }) => rule.id)).toEqual(['other']);
    expect(alerts.all()).toEqual([]);
  });

  it('of an edited rule are left to processes that run it, and dropped when they are old and were met for a while', async () => {
    vi.useFakeTimers({ now: 0 });
    try {
      let store!: WindowStore;
      const before = open(rulesOf(absence), silent, (made) => (store = made));
      await before.run.process([arming.slice(0, 10)], context(1));
      const { run } = open(rulesOf(edited), silent, () => store);
      const left = async (seconds: number) => (await run.review(1000, context(seconds)), (await store.due(Infinity, 100)).length);
      expect(await left(100)).toBe(10);
      vi.advanceTimersByTime(limits.orphanMetMs);
      expect(await left(100)).toBe(10);
      const after = 10 + limits.orphanReviewMs / 1000;
      const late = open(rulesOf(edited), silent, () => store);
      await late.run.review(1000, context(after));
      vi.advanceTimersByTime(limits.orphanMetMs - 1);
      await late.run.review(1000, context(after));
      expect((await store.due(Infinity, 100)).length).toBe(10);
      vi.advanceTimersByTime(limits.orphanMetMs);
      expect(await left(after)).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  it('of a rule that throws delay no review of another one', async () => {
    let store!: WindowStore;
    const before = open(rulesOf(absence, other), silent, (made) => (store = made));
    await before.run.process([[...arming, located('x', 2, { kind: 'd' })]], context(1));
    const { run, faults } = open(sabotaged(rulesOf(absence, other), 'silent', 'correlation', 'evaluate.ts'), silent, () => store);
    while ((await run.review(1000, context(9))) === 1000);
    expect(faults).toHaveLength(3000);
    expect(before.alerts.all().map(({ rule }) => rule.id)).toEqual(['other']);
  });

  it('update the count and times of a suppressed alert', async () => {
    const { run, alerts } = open(rulesOf(countRule('burst', 'gte: 2')));
    await run.process([[located('1', 1), located('2', 2)]], context(2));
    await run.process([[located('3', 3), located('4', 4)]], context(4));
    await run.review(10, context(10));
    expect(alerts.all()).toMatchObject([{ count: 4, last_seen: new Date(begin + 4000).toISOString() }]);
  });
});

describe('the latency from event to alert', () => {
  const later = (ms: number) => ({ ...context(0), createdAt: (at: number) => at + ms });

  it('is measured from the arrival of the event that fulfilled the rule, for windows and for single events', async () => {
    const seconds: number[] = [];
    const meter: Meter = { ...silent, alertLatency: (took) => void seconds.push(took) };
    const single = 'id: each\nconditions: { all: [{ fact: kind, operator: equal, value: b }] }';
    const { run } = open(rulesOf(countRule('burst', 'gte: 2'), single), meter);
    await run.process([[located('1', 1), located('2', 2)]], later(250));
    await run.process([[located('3', 3, { kind: 'b' })]], later(40));
    expect(seconds).toEqual([0.25, 0.04]);
  });

  it('leaves out alerts that had to wait for the lateness', async () => {
    const seconds: number[] = [];
    const meter: Meter = { ...silent, alertLatency: (took) => void seconds.push(took) };
    const settled = rulesOf(countRule('burst', 'gte: 2').replace('timespan: 10s', 'timespan: 10s, settle: true'));
    const { run, alerts } = open(settled, meter);
    await run.process([[located('1', 1), located('2', 2)]], later(250));
    await run.review(10, context(100));
    expect(alerts.all()).toHaveLength(1);
    expect(seconds).toEqual([]);
  });
});
