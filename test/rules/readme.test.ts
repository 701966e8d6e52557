/** Every example in rules/README.md is a rule that compiles and passes its tests, or a mapping that compiles. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compile } from '../../engine/compile/index.ts';
import { envelope } from '../../engine/core/ingest/envelope.ts';
import { resultLines } from '../../engine/cli/format/tests.ts';
import { resultsOf, root } from './shipped.ts';

const page = readFileSync(join(root, 'rules/README.md'), 'utf8');
const blocks = [...page.matchAll(/^```yaml( dataset)?\n(.*?)^```/gms)].map(([, dataset, text]) => ({
  path: dataset === undefined ? 'rules/identity/many-failed-logins.yaml' : 'rules/datasets/example.yaml',
  text: text!,
}));
const rules = blocks.filter(({ path }) => !path.includes('datasets'));

describe('rules/README.md', () => {
  it('has rules that compile without findings and pass their tests', async () => {
    expect(rules.length).toBe(3);
    for (const block of rules) {
      const { ruleset, problems } = compile([block]);
      expect(problems).toEqual([]);
      const results = await resultsOf(ruleset);
      expect(results.length).toBeGreaterThanOrEqual(2);
      expect(results.filter(({ passed }) => !passed)).toEqual([]);
    }
  });

  it('has a mapping that recognises its events', () => {
    const { ruleset, problems } = compile(blocks.filter(({ path }) => path.includes('datasets')));
    expect(problems).toEqual([]);
    const order = { order_no: 'o-1', placed_at: '2026-03-02T10:00:00Z', total_cents: 4200 };
    const context = { datasets: ruleset.datasets, receivedMs: 0, futureMsMax: Infinity, dataset: undefined };
    expect(envelope(order, context, () => 'none')).toMatchObject({ dataset: 'shop.orders', id: 'o-1', time: Date.UTC(2026, 2, 2, 10) });
  });

  it('shows a failing test exactly as it is printed', async () => {
    const wrong = { ...rules[1]!, text: rules[1]!.text.replace('value: 3 }', 'value: 4 }').replace('gte: 3', 'gte: 4') };
    const results = await resultsOf(compile([wrong]).ruleset);
    const shown = /^```text\n(.*?)^```/ms.exec(page)![1]!.trimEnd().split('\n');
    expect(resultLines(results[0]!, false)).toEqual(shown);
  });
});
