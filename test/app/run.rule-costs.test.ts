/** The cost of rules, reported by worker processes to the API of another process. */
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { ruleList } from '../../api/schemas/rules.ts';
import { limits } from '../../engine/core/limits.ts';
import { startEngine } from '../support/engine.ts';

const rules = {
  'rules.yaml': `
id: windowed
conditions: { all: [{ fact: kind, operator: equal, value: a }] }
correlation: { type: event_count, group-by: [user], timespan: 10s, condition: { gte: 2 } }
---
id: idle
conditions: { all: [{ fact: kind, operator: equal, value: nothing }] }
`,
};

test('a worker reports its rule costs when it stops, and the API shows them with the counts', async () => {
  await using engine = await startEngine({ rules });
  await engine.start('api');
  const worker = await engine.start('worker');
  const time = Date.UTC(2026, 5, 1);
  const events = Array.from({ length: 3 * limits.costSampleEvents }, (_, i) => ({ id: `e${i}`, time, kind: 'a', user: `u${i % 50}` }));
  await engine.send(events);
  await engine.quiet();
  const gone = once(worker.process, 'exit');
  worker.process.kill('SIGTERM');
  await gone;
  const answer = ruleList.parse(await (await fetch(`${engine.url()}/v1/rules`)).json());
  const [idle, windowed] = answer.rules;
  expect([idle!.id, idle!.cost]).toMatchObject(['idle', { match_seconds: 0, judge_seconds: 0 }]);
  expect(windowed!.cost!.match_seconds).toBeGreaterThan(0);
  expect(windowed!.cost!.judge_seconds).toBeGreaterThan(0);
  expect(windowed!.counts).toMatchObject({ alerts: 50, status: { open: 50 }, precision: null });
});
