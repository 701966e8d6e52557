/** The cost of a rule is measured on the conditions that the index really tries, and on every evaluation. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compile } from '../../../engine/compile/index.ts';
import { limits } from '../../../engine/core/limits.ts';
import { profiler } from '../../../engine/core/correlate/log-profile.ts';
import type { Event, Located } from '../../../engine/core/event.ts';
import type { Rule } from '../../../engine/core/rule.ts';
import type { View } from '../../../engine/core/match/view.ts';
import { replayStores } from '../../../engine/memory/replay-stores.ts';
import { silent } from '../../../engine/runtime/metering/meter.ts';
import { pipeline } from '../../../engine/runtime/pipeline/pipeline.ts';
import { spending } from '../../../engine/runtime/metering/rule-costs.ts';
import { openRuleBook, type RuleTotals } from '../../../engine/runtime/metering/rule-counts.ts';

const text = `
id: by-kind
conditions: { all: [{ fact: kind, operator: equal, value: a }, { fact: n, operator: greaterThan, value: 3 }] }
---
id: always-tried
conditions: { all: [{ fact: n, operator: greaterThan, value: 5 }] }
---
id: windowed
conditions: { all: [{ fact: kind, operator: equal, value: a }] }
correlation: { type: event_count, group-by: [user], timespan: 10s, condition: { gte: 2 } }
---
id: never
status: off
conditions: { all: [{ fact: kind, operator: equal, value: a }] }
`;
const { ruleset } = compile([{ path: 'rules.yaml', text }]);
const zero: RuleTotals = { matches: 0, matchSeconds: 0, evaluations: 0, seconds: 0, alerts: 0, muted: 0, errors: 0 };
const event = (id: string, raw: Event['raw']): Event => ({ id, time: 1000, dataset: 'd', raw, mapped: undefined, tags: [] });

describe('a sample', () => {
  it('tries each rule that matches, and none that the index leaves out', () => {
    const view = ruleset.view();
    fc.assert(
      fc.property(fc.constantFrom('a', 'b', 5, null), fc.integer({ min: 0, max: 9 }), (kind, n) => {
        let clock = 0;
        const tried: string[] = [];
        ruleset.time(
          view.load(event('e', { kind, n })),
          () => (clock += 2),
          (rule, ms) => void (tried.push(rule.id), expect(ms).toBe(2)),
        );
        const matched = ruleset.match(view.load(event('e', { kind, n }))).map(({ rule }) => rule.id);
        expect(tried).toEqual(expect.arrayContaining(matched));
        expect(tried.toSorted()).toEqual(kind === 'a' ? ['always-tried', 'by-kind', 'windowed'] : ['always-tried']);
      }),
    );
  });
});

describe('the costs of a process', () => {
  it('are sampled at regular intervals, wherever packs begin, and include every evaluation', async () => {
    const book = openRuleBook();
    const spent = spending(book.totals);
    const profile = profiler({ latenessMs: 1000, lagMs: 1000 });
    const stores = replayStores(profile);
    const onRuleFault = (_: string, fault: unknown): never => {
      throw fault;
    };
    const meter = { ...silent, rulesOf: book.of };
    const tried: string[] = [];
    const watched = {
      ...ruleset,
      time: (view: View, ...rest: [() => number, (rule: Rule, ms: number) => void]) => {
        tried.push(view.event.id);
        ruleset.time(view, ...rest);
      },
    };
    const running = pipeline(watched, { ...stores, profile, latenessMs: 1000, meter, onRuleFault });
    const located = (i: number): Located => stores.locate(event(`e${i}`, { kind: 'a', n: i, user: 'u' }), 1000, i);
    const packs = (from: number, ...sizes: number[]): Located[][] =>
      sizes.map((size) => Array.from({ length: size }, () => located(from++)));
    const context = { clock: { ms: 1000, seq: 0 }, createdAt: () => 1000 };
    const every = limits.costSampleEvents;
    await running.process(packs(1, every - 10, 0, 9), context);
    expect([...spent()].map(([id, { match_seconds, judge_seconds }]) => [id, match_seconds, judge_seconds > 0])).toEqual([
      ['windowed', 0, true],
    ]);
    await running.process(packs(every, 1), context);
    const sampled = spent();
    expect([...sampled.keys()].toSorted()).toEqual(['always-tried', 'by-kind', 'windowed']);
    for (const { match_seconds } of sampled.values()) expect(match_seconds).toBeGreaterThan(0);
    expect(spent().size).toBe(0);
    await running.process(packs(every + 1, 100, 3 * every), context);
    expect(tried).toEqual([every, 2 * every, 3 * every, 4 * every].map((i) => `e${i}`));
  });

  it('start again from zero for a rule that was removed and added again', () => {
    let totals = new Map([['one', { ...zero, matchSeconds: 5, seconds: 2 }]]);
    const spent = spending(() => totals);
    expect(Object.fromEntries(spent())).toEqual({ one: { match_seconds: 5, judge_seconds: 2 } });
    totals = new Map([['one', { ...zero, matchSeconds: 1, seconds: 2.5 }]]);
    expect(Object.fromEntries(spent())).toEqual({ one: { match_seconds: 1, judge_seconds: 0.5 } });
    totals = new Map();
    expect(spent().size).toBe(0);
  });
});
