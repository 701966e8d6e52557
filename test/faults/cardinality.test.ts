/** The number of metric series is bounded: clients cannot add series, whatever they send, and rules add a limited number. */
import { unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { limits } from '../../engine/core/limits.ts';
import { ruleFacts } from '../../engine/runtime/metering/rule-counts.ts';
import { startEngine, type RawEvent } from '../support/engine.ts';
import { until } from '../support/processes.ts';
import { scrape, type Sample } from '../support/samples.ts';

const first = `
id: payments-count
conditions: { all: [{ fact: event.dataset, operator: equal, value: payments }] }
correlation: { type: event_count, group-by: [user.id], timespan: 1m, condition: { gte: 2 } }
`;

/** Weir's own series, without Node's: those cover its handles and garbage collections, and are few. */
const series = (samples: readonly Sample[]): string[] =>
  samples.filter(({ name }) => !/^weir_(?:nodejs|process)_/.test(name)).map(({ name, labels }) => `${name}${JSON.stringify(labels)}`);

const hostile = fc.oneof(
  fc.constantFrom('__proto__', 'constructor', 'other', 'a"b', 'a\nb', 'a\\', '{x="y"}', 'x'.repeat(120), ' ', 'Ünï'),
  fc.string({ minLength: 1, maxLength: 100 }),
);

test('clients add no series, and rules add a bounded number', async () => {
  await using engine = await startEngine({ rules: { 'first.yaml': first } });
  await engine.start('up');
  await engine.send([{ id: 'a', 'event.dataset': 'payments', 'user.id': 'u' }]);
  await engine.quiet();
  const before = series(await scrape(engine.url()));

  const words = fc.sample(hostile, { numRuns: 2000, seed: 7 });
  const events = words.map((word, i): RawEvent => ({ id: word + i, 'event.dataset': word, 'user.id': word, [word]: word, dataset: word }));
  for (let from = 0; from < events.length; from += 500) await engine.post(events.slice(from, from + 500));
  const send = (path: string, init: RequestInit): Promise<unknown> => fetch(engine.url() + path, init).then((answer) => answer.text());
  for (const word of words.slice(0, 200)) {
    const encoded = encodeURIComponent(word.toWellFormed());
    await send(`/v1/${encoded}`, { method: 'POST', body: word });
    await send(`/v1/alerts?rule=${encoded}`, {});
    await send(`/v1/events?dataset=${encoded}`, { method: 'POST', body: '{"id":"x"', headers: { 'content-type': 'application/json' } });
    await send('/v1/siem/ack', {
      method: 'POST',
      body: JSON.stringify({ leases: [word] }),
      headers: { 'content-type': 'application/json' },
    });
  }
  await engine.quiet();
  expect(series(await scrape(engine.url())).toSorted()).toEqual(before.toSorted());

  // More rules than get series, each with a source of its own.
  const rules = limits.ruleSeriesMax + 50;
  const many = Array.from(
    { length: rules },
    (_, i) =>
      `id: rule-${String(i).padStart(4, '0')}\nconditions: { all: [{ fact: event.dataset, operator: equal, value: "feed ${i}\\"" }] }\n`,
  );
  writeFileSync(join(engine.rulesPath, 'many.yaml'), many.join('---\n'));
  unlinkSync(join(engine.rulesPath, 'first.yaml'));
  let after: Sample[] = [];
  await until(async () => (after = await scrape(engine.url())).some(({ labels }) => labels['rule'] === 'rule-0000'));
  const of = (label: string): Set<string> => new Set(after.flatMap(({ labels }) => labels[label] ?? []));
  expect(of('rule').size).toBe(limits.ruleSeriesMax + 1);
  expect(of('rule')).toContain('other');
  expect(of('rule')).not.toContain('payments-count');
  expect(of('dataset').size).toBe(limits.sourceSeriesMax + 1);
  const facts = Object.keys(ruleFacts).length;
  expect(series(after).length).toBeLessThanOrEqual(before.length + facts * (limits.ruleSeriesMax + 1) + limits.sourceSeriesMax);

  // A rule without a series counts as `other`.
  await engine.send([{ id: 'b', 'event.dataset': `feed ${rules - 1}"` }]);
  await engine.quiet();
  const matched = (await scrape(engine.url())).find(({ name, labels }) => name === 'weir_rule_matches_total' && labels['rule'] === 'other');
  expect(matched?.value).toBe(1);

  writeFileSync(join(engine.rulesPath, 'many.yaml'), many.slice(0, 2).join('---\n'));
  await until(async () => !(after = await scrape(engine.url())).some(({ labels }) => labels['rule'] === 'rule-0002'));
  expect([...of('rule')].toSorted()).toEqual(['rule-0000', 'rule-0001']);
});
