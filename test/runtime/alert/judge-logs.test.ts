import { describe, expect, it } from 'vitest';
import type { Alert } from '../../../engine/core/alert/alert.ts';
import type { Event } from '../../../engine/core/event.ts';
import { profiler } from '../../../engine/core/correlate/log-profile.ts';
import type { Rule, RuleSet } from '../../../engine/core/rule.ts';
import { memoryWindowStore } from '../../../engine/memory/correlate/window-store.ts';
import { silent, type Meter, type PlainCounter } from '../../../engine/runtime/metering/meter.ts';
import { openRuleBook } from '../../../engine/runtime/metering/rule-counts.ts';
import { pipeline } from '../../../engine/runtime/pipeline/pipeline.ts';
import type { Evidence } from '../../../engine/runtime/alert/ports.ts';
import { countRule, rulesOf } from '../../support/rules.ts';

const begin = Date.UTC(2026, 0, 1);
const eventAt = (ms: number, user = 'ann'): Event => {
  const id = `e${ms}`;
  return { id, time: begin + ms, dataset: 'd', raw: { id, kind: 'a', user }, mapped: undefined, tags: [] };
};

/** Processes the events in one batch. */
async function processed(ruleset: RuleSet, events: readonly Event[]) {
  const counted = new Map<PlainCounter, number>();
  const book = openRuleBook();
  const meter: Meter = {
    ...silent,
    rulesOf: book.of,
    add: (counter, by = 1) => void counted.set(counter, (counted.get(counter) ?? 0) + by),
  };
  const profile = profiler({ latenessMs: 1000, lagMs: 1000 });
  const alerts: Alert[] = [];
  const faults: string[] = [];
  const windows = memoryWindowStore(profile, { alert: (alert) => void alerts.push(alert), update: () => undefined });
  const evidence: Evidence = { fetch: async (refs) => refs.map(({ index }) => events[index]!) };
  const outbox = { add: async () => undefined };
  const onRuleFault = (id: string): void => void faults.push(id);
  const run = pipeline(ruleset, { windows, evidence, outbox, profile, latenessMs: 1000, meter, onRuleFault });
  const located = events.map((event, index) => ({ event, ref: { shard: 0, ms: event.time, seq: 0, index } }));
  await run.process([located], { clock: { ms: begin, seq: 0 }, createdAt: (at) => at });
  return { counted, faults, alerts, rules: Object.fromEntries(book.totals()) };
}

describe('a rule that throws on a window log', () => {
  it('is reported and counted, and affects no other rule', async () => {
    const ruleset = rulesOf(countRule('bad', 'gte: 2'), countRule('good', 'gte: 2'));
    const broken = new WeakSet<Rule>(ruleset.rules.filter(({ id }) => id === 'bad'));
    const rules = ruleset.rules.map((rule) => (broken.has(rule) ? Object.defineProperty({ ...rule }, 'title', { get: boom }) : rule));
    const match: RuleSet['match'] = (view) =>
      ruleset.match(view).map((matcher) => ({ ...matcher, rule: rules.find(({ id }) => id === matcher.rule.id)! }));
    const { counted, faults, alerts, rules: totals } = await processed({ ...ruleset, rules, match }, [eventAt(1), eventAt(2)]);
    expect(alerts.map(({ rule }) => rule.id)).toEqual(['good']);
    expect(faults).toEqual(['bad']);
    expect(counted.get('ruleFaults')).toBe(1);
    expect(totals).toMatchObject({ bad: { matches: 2, errors: 1, alerts: 0 }, good: { matches: 2, errors: 0, alerts: 1, evaluations: 1 } });
    expect(totals['good']!.seconds).toBeGreaterThan(0);
  });
});

describe('a search for an assignment', () => {
  const twin = (steps: number, times: number, within = ''): string => `
id: twins
steps:
${Array.from({ length: steps }, (_, n) => `  - { name: s${n}, conditions: { all: [{ fact: kind, operator: equal, value: a }] }, times: { gte: ${times}${within} } }`).join('\n')}
  - { name: end, conditions: { all: [{ fact: kind, operator: exists, value: true }] } }
correlation: { type: temporal, group-by: [user], timespan: 10s }
`;

  it('is counted as undecided when it reaches its bound, and nothing fires', async () => {
    const events = Array.from({ length: 30 }, (_, i) => eventAt(i < 21 ? i : 1000 + i)).map((event, i) =>
      i < 21 ? event : { ...event, raw: { ...event.raw, kind: 'z' } },
    );
    const { counted, alerts } = await processed(rulesOf(twin(11, 2, ', in: 2ms')), events);
    expect(counted.get('undecided')).toBeGreaterThan(0);
    expect(alerts).toEqual([]);
  });

  it('is not counted below its bound', async () => {
    const { counted } = await processed(rulesOf(twin(1, 2)), [eventAt(1), eventAt(2), eventAt(3)]);
    expect(counted.get('evaluated')).toBe(1);
    expect(counted.has('undecided')).toBe(false);
  });
});

function boom(): never {
  throw new Error('this rule has no title');
}
