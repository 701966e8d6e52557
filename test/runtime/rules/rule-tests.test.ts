import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compile } from '../../../engine/compile/index.ts';
import type { Alert } from '../../../engine/core/alert/alert.ts';
import { replayStores } from '../../../engine/memory/replay-stores.ts';
import { fitsExpectation, pairAlerts, type ExpectedAlert } from '../../../engine/runtime/rules/expected-alerts.ts';
import { runRuleTests, tryEvents, type RuleTestResult } from '../../../engine/runtime/rules/rule-tests.ts';

async function resultsOf(text: string): Promise<RuleTestResult[]> {
  const { ruleset, problems } = compile([{ path: 'rules/a.yaml', text }]);
  expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
  const results: RuleTestResult[] = [];
  for await (const result of runRuleTests(ruleset, replayStores)) results.push(result);
  return results;
}

const counting = (status: string, tests: string): string => `
id: three
status: ${status}
conditions: { all: [{ fact: k, operator: equal, value: x }] }
correlation: { type: event_count, group-by: [u], timespan: 1m, condition: { gte: 3 } }
tests:
${tests}`;

describe('rule tests', () => {
  it('space events without a time by one second, and report expected and actual alerts', async () => {
    const tests = `
  - name: three seconds
    events: [{ k: x, u: 1 }, { k: x, u: 1 }, { k: x, u: '1' }]
    alerts: [{ group: { u: 1 }, created: 2026-01-01T00:00:02Z }]
  - name: wrong
    events: [{ k: x, u: 1 }, { k: x, u: 1 }]
    alerts: [{ value: 3 }]`;
    const [right, wrong] = await resultsOf(counting('live', tests));
    expect(right).toMatchObject({ passed: true, rule: 'three', missing: [], unexpected: [] });
    expect(wrong).toMatchObject({ passed: false, file: 'rules/a.yaml', line: 11, column: 5, missing: [{ value: 3 }], alerts: [] });
  });

  it('run drafts and rules that are off, and shadow rules as shadow', async () => {
    const tests = (shadow: boolean): string =>
      `  - { name: t, events: [{ k: x, u: 1 }, { k: x, u: 1 }, { k: x, u: 1 }], alerts: [{ shadow: ${shadow} }] }`;
    for (const status of ['draft', 'off', 'live'])
      expect(await resultsOf(counting(status, tests(false)))).toMatchObject([{ passed: true }]);
    expect(await resultsOf(counting('shadow', tests(true)))).toMatchObject([{ passed: true }]);
  });

  it('fail on one alert too many, and do not count a suppressed repeat', async () => {
    const events = (n: number, apart: number): string =>
      Array.from({ length: n }, (_, i) => `{ '@timestamp': ${1767225600 + i * apart}, k: x, u: 1 }`).join(', ');
    const test = (list: string, alerts: string): string => counting('live', `  - { name: t, events: [${list}], alerts: ${alerts} }`);
    expect(await resultsOf(test(events(6, 1), '[{ count: 6 }]'))).toMatchObject([{ passed: true }]);
    const twice = `${events(3, 1)}, { '@timestamp': 1767229200, k: x, u: 1 }, { '@timestamp': 1767229201, k: x, u: 1 }, { '@timestamp': 1767229202, k: x, u: 1 }`;
    expect(await resultsOf(test(twice, '[{ value: 3 }]'))).toMatchObject([{ passed: false, unexpected: [{ value: 3 }] }]);
  });

  it('wait for absences', async () => {
    const [result] = await resultsOf(`
id: unanswered
steps:
  - { name: asked, conditions: { all: [{ fact: k, operator: equal, value: asked }] } }
  - { name: answered, not: true, conditions: { all: [{ fact: k, operator: equal, value: answered }] }, within: 5m }
correlation: { type: temporal_ordered, group-by: [u], timespan: 1h }
tests:
  - { name: t, events: [{ k: asked, u: 1 }], alerts: [{ group: { u: 1 } }] }`);
    expect(result).toMatchObject({ passed: true });
  });

  it('report events that ingest would reject, and run nothing', async () => {
    const [result] = await resultsOf(
      counting('live', `  - { name: t, events: [{ k: x }, { '@timestamp': yesterday, k: x }], alerts: [] }`),
    );
    expect(result).toMatchObject({ passed: false, faults: [expect.stringMatching(/^event 2: bad-time: /)], alerts: [] });
  });
});

describe('a trial of rules', () => {
  it('returns the alerts of all rules, including absences, and the events that cannot be read', async () => {
    const text = `${counting('live', '  []')}\n---\nid: one\nconditions: { all: [{ fact: u, operator: equal, value: 7 }] }\n`;
    const { ruleset } = compile([{ path: 'rules/a.yaml', text }]);
    const { alerts, rejected, faults } = await tryEvents(
      ruleset,
      [
        { k: 'x', u: 7 },
        { k: 'x', u: 7, time: true },
        { k: 'x', u: 7 },
        { k: 'x', u: 7 },
      ],
      replayStores,
    );
    expect(alerts.map(({ rule }) => rule.id).sort()).toEqual(['one', 'one', 'one', 'three']);
    expect(rejected).toEqual([{ index: 1, code: 'bad-time', detail: expect.any(String) as string }]);
    expect(faults).toEqual([]);
  });
});

const alert = (value: number, group: Record<string, string> = {}): Alert => ({
  id: `al_${value}`,
  rule: { id: 'r', title: 'R', level: 'high', tags: ['a', 'b'], hash: 'h' },
  status: 'open',
  shadow: false,
  group,
  entities: [
    { field: 'u', value: '42', risk: 5 },
    { field: 'ip', value: '::1', risk: 5 },
  ],
  value,
  reason: '',
  message: '',
  first_seen: '2026-01-01T00:00:00.000Z',
  last_seen: '2026-01-01T00:00:00.000Z',
  created: '2026-01-01T00:00:00.000Z',
  count: 1,
  events: [{ a: 1, b: { c: 2 } }],
});

describe('expected alerts', () => {
  it.each<[ExpectedAlert, boolean]>([
    [{}, true],
    [{ group: { u: 42 } }, true],
    [{ group: { u: 43 } }, false],
    [{ group: { other: 1 } }, false],
    [{ rule: 'r' }, true],
    [{ rule: { id: 'r', level: 'high' } }, true],
    [{ rule: { tags: ['a'] } }, false],
    [{ created: '2026-01-01T01:00:00+01:00' }, true],
    [{ created: '2026-01-01T00:00:00.001Z' }, false],
    [{ entities: [{ field: 'ip' }] }, true],
    [{ entities: [{ value: 42, field: 'u' }] }, true],
    [{ entities: [{ field: 'ip', value: 42 }] }, false],
    [{ events: [{ b: { c: 2 } }] }, true],
    [{ events: [{ toString: 1 }] }, false],
    [{ value: '1' }, false],
  ])('%j fits: %j', (expected, result) => expect(fitsExpectation(expected, alert(1, { u: '42' }))).toBe(result));

  it('are assigned so that as many as possible have their own alert', () => {
    const keys = fc.array(fc.array(fc.constantFrom('value', 'shadow', 'group'), { maxLength: 3 }), { maxLength: 5 });
    fc.assert(
      fc.property(keys, fc.array(fc.nat({ max: 2 }), { maxLength: 5 }), fc.nat({ max: 2 }), (wanted, values, value) => {
        const source = { value, shadow: false, group: {} };
        const expected = wanted.map((names) => Object.fromEntries(names.map((name) => [name, source[name as keyof typeof source]])));
        const alerts = values.map((each, index) => ({ ...alert(each), id: `al_${index}` }));
        const { missing, unexpected } = pairAlerts(expected, alerts);
        expect(expected.length - missing.length).toBe(alerts.length - unexpected.length);
        expect(expected.length - missing.length).toBe(mostPairs(expected, alerts));
      }),
    );
  });
});

/** The slow, obvious way: tries every assignment. */
function mostPairs(expected: readonly ExpectedAlert[], alerts: readonly Alert[]): number {
  const [first, ...rest] = expected;
  if (first === undefined) return 0;
  const used = alerts
    .filter((one) => fitsExpectation(first, one))
    .map(
      (one) =>
        1 +
        mostPairs(
          rest,
          alerts.filter((other) => other !== one),
        ),
    );
  return Math.max(mostPairs(rest, alerts), ...used);
}
