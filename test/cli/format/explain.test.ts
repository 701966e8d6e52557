/** Explanations as text. */
import { expect, test } from 'vitest';
import { compile, explain } from '../../../engine/compile/index.ts';
import { formatExplanation } from '../../../engine/cli/format/explain.ts';
import type { Event } from '../../../engine/core/event.ts';

const text = `
id: card-testing
title: Card testing
level: high
conditions:
  all:
    - { fact: event.dataset, operator: equal, value: payments }
    - any:
        - { fact: transaction.status, operator: in, value: [declined] }
        - not: { fact: user.id, operator: equal, value: { fact: account.owner } }
correlation: { type: value_count, group-by: [source.ip], timespan: 10m, condition: { field: card.fingerprint, gte: 5 } }
---
id: sequence
status: draft
steps:
  - { name: first, conditions: { all: [ { fact: a, operator: greaterThan, value: 5 } ] } }
  - { name: second, not: true, conditions: { all: [ { fact: a, path: '$.b', operator: equal, value: 1 } ] }, group-by: [account.owner] }
correlation: { type: temporal, group-by: [user.id], timespan: 30m }
`;
const { ruleset } = compile([{ path: 'r.yaml', text }]);
const event = (raw: Event['raw'], dataset = 'payments'): Event => ({ id: 'e', time: 0, dataset, raw, mapped: undefined, tags: [] });
const lines = async (rule: string, of: Event): Promise<string[]> =>
  formatExplanation(await explain(ruleset, ruleset.byId.get(rule)!, of), false);

test('shows a match, with the value each condition was compared with', async () => {
  const raw = { transaction: { status: 'approved' }, user: { id: 7 }, account: { owner: 8 }, source: { ip: '203.0.113.9' } };
  expect(await lines('card-testing', event(raw))).toEqual([
    'card-testing  Card testing  (live, high)',
    'matches',
    '  ✓ all',
    '    ✓ event.dataset equal "payments"',
    '    ✓ any',
    '      ✗ transaction.status in ["declined"]   is "approved"',
    '      ✓ not',
    '        ✗ user.id equal account.owner (8)   is 7',
    '  group source.ip = 203.0.113.9',
    '  then value_count of card.fingerprint gte 5 in 10m',
  ]);
});

test('shows why there is no match: no condition held, no group key, or the rule is not running', async () => {
  expect((await lines('card-testing', event({}, 'logins')))[1]).toBe('does not match: no condition held');
  expect((await lines('card-testing', event({})))[1]).toMatch(/^does not count/);
  const drafted = await lines('sequence', event({ a: 6, user: { id: 'u' } }));
  expect(drafted[1]).toBe('does not match: the rule is not running');
  expect(drafted).toEqual(
    expect.arrayContaining([
      '  ✓ step first',
      '      ✓ a greaterThan 5   is 6',
      '  ✗ step second (must not happen)',
      '    group user.id (account.owner) = nothing',
      '  then temporal within 30m',
    ]),
  );
});

test('values from outside cannot control the terminal, nor flood it', async () => {
  const output = (
    await lines('card-testing', event({ transaction: { status: `\u001b[2J\u202e${'x'.repeat(5_000)}` }, source: { ip: '\u0007' } }))
  ).join('\n');
  // oxlint-disable-next-line no-control-regex -- these are what must not be there
  expect(output).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
  expect(output.length).toBeLessThan(1_000);
});
