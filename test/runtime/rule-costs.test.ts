/** What a rule costs is measured on what the index really tries, and on every judgement. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compile } from '../../engine/compile/index.ts';
import { limits } from '../../engine/core/limits.ts';
import { profiler } from '../../engine/core/profile.ts';
import type { Event, Located } from '../../engine/core/event.ts';
import { replayStores } from '../../engine/memory/replay-stores.ts';
import { silent } from '../../engine/runtime/meter.ts';
import { pipeline } from '../../engine/runtime/pipeline.ts';
import { ruleCosts } from '../../engine/runtime/rule-costs.ts';

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

describe('a batch', () => {
  it('is sampled now and then, and each judgement is counted', async () => {
    const costs = ruleCosts();
    const profile = profiler({ latenessMs: 1000, lagMs: 1000 });
    const stores = replayStores(profile);
    const onRuleFault = (_: string, fault: unknown): never => {
      throw fault;
    };
    const running = pipeline(ruleset, { ...stores, profile, latenessMs: 1000, meter: silent, costs, onRuleFault });
    const located = (i: number): Located => stores.locate(event(`e${i}`, { kind: 'a', n: 9, user: 'u' }), 1000, i);
    const context = { clock: { ms: 1000, seq: 0 }, createdAt: () => 1000 };
    await running.process(
      Array.from({ length: limits.costSampleEvents - 1 }, (_, i) => located(i)),
      context,
    );
    expect([...costs.take()].map(([id, { matchMs, judgeMs }]) => [id, matchMs, judgeMs > 0])).toEqual([['windowed', 0, true]]);
    await running.process([located(limits.costSampleEvents)], context);
    const spent = costs.take();
    expect([...spent.keys()].toSorted()).toEqual(['always-tried', 'by-kind', 'windowed']);
    for (const { matchMs } of spent.values()) expect(matchMs).toBeGreaterThan(0);
    expect(costs.take().size).toBe(0);
  });
});
