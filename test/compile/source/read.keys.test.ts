/** Unknown keys are errors at every level of a rule and of a mapping. */
import { describe, expect, it, test } from 'vitest';
import { readWebhookFile } from '../../../engine/compile/deliver/webhook-file.ts';
import { nothingAllowed } from '../../../engine/compile/deliver/egress.ts';
import { compileText } from '../../support/compiled.ts';

const leaf = '{ fact: a, operator: exists, value: true }';
const one = (more: string): string => `id: r\nconditions: { all: [ ${leaf} ] }\n${more}\n`;
const condition = (text: string): string => `id: r\nconditions: ${text}\n`;
const step = (more: string): string =>
  `id: r\nsteps: [ { name: s, conditions: { all: [ ${leaf} ] }, ${more} }, { name: t, conditions: { all: [ ${leaf} ] } } ]\n` +
  'correlation: { type: temporal_ordered, group-by: [g], timespan: 10m }\n';
const correlation = (more: string): string =>
  one(`correlation: { type: event_count, group-by: [g], timespan: 10m, condition: { gte: 2 }, ${more} }`);

/** Each level, with one more key. */
const levels: Readonly<Record<string, (more: string) => string>> = {
  rule: one,
  event: (more) => one(`event: { type: t, ${more} }`),
  'all, any or not': (more) => condition(`{ all: [ ${leaf} ], ${more} }`),
  condition: (more) => condition(`{ all: [ { fact: a, operator: equal, value: 1, ${more} } ] }`),
  'nested condition': (more) => condition(`{ all: [ { not: { any: [ { fact: a, operator: equal, value: 1, ${more} } ] } } ] }`),
  value: (more) => condition(`{ all: [ { fact: a, operator: equal, value: { fact: b, ${more} } } ] }`),
  step,
  times: (more) => step(`times: { gte: 2, ${more} }`),
  correlation,
  'condition of a correlation': (more) =>
    one(`correlation: { type: event_count, group-by: [g], timespan: 10m, condition: { gte: 2, ${more} } }`),
  suppress: (more) => one(`suppress: { for: 1h, by: [g], ${more} }`),
  test: (more) => one(`tests: [ { name: n, events: [ { a: 1 } ], alerts: [], ${more} } ]`),
};

/** Errors as `code: hint`, and how many rules there are. */
function outcome(text: string, path?: string): { rules: number; errors: string[] } {
  const { ruleset, problems } = compileText(text, path);
  const errors = problems.filter(({ severity }) => severity === 'error').map(({ code, message }) => `${code}: ${message}`);
  return { rules: ruleset.rules.length, errors };
}

describe.each(Object.entries(levels))('in %s', (_, document) => {
  it.each(['zzz-nothing-like-it', 'exceptions', '__proto__', 'constructor'])('the key %s is an error', (key) => {
    const { rules, errors } = outcome(document(`${key}: [ 1 ]`));
    expect(errors).toEqual([expect.stringContaining(`unknown-key: unknown key "${key}" in `)]);
    expect(rules).toBe(0);
  });

  it('a key that begins with x- is accepted', () => {
    expect(outcome(document('x-owner: [ fraud team ]'))).toEqual({ rules: 1, errors: [] });
  });
});

test('an expected alert has no keys of the user, because each of its keys is compared', () => {
  expect(outcome(one('tests: [ { events: [ { a: 1 } ], alerts: [ { x-value: 1 } ] } ]')).errors).toHaveLength(1);
});

test('a rule that another tool would keep switched off does not go live', () => {
  const { ruleset, problems } = compileText(one('enabled: false\nthreshold: 5\nexceptions: [ { user.name: backup } ]'));
  expect(ruleset.rules).toEqual([]);
  expect(problems.filter(({ code }) => code === 'unknown-key').map(({ line, severity, hint }) => [line, severity, hint])).toEqual([
    [3, 'error', 'to switch a rule off: status: off, or draft'],
    [4, 'error', 'a threshold belongs into the correlation: condition: { gte: 5 }'],
    [5, 'error', 'exclude them in the conditions: { not: { any: [ … ] } }'],
  ]);
});

test.each([
  [one('severity: high'), 'did you mean "level"?'],
  [one('timeframe: 5m'), 'the length of a window is the "timespan" of the correlation'],
  [one('type: event_count'), 'it belongs into "correlation"'],
  [one('supress: 1h'), 'did you mean "suppress"?'],
  [correlation('window: 5m'), 'the length of a window is the "timespan" of the correlation'],
  [correlation('group_by: [a]'), 'did you mean "group-by", of the correlation?'],
  [step('withn: 5m'), 'did you mean "within"?'],
  [one('zzz-nothing: 1'), expect.stringMatching(/^must be one of: id, title, /)],
])('the hint of an unknown key names what was probably meant: %j', (text, hint) => {
  expect(compileText(text).problems.find(({ code }) => code === 'unknown-key')?.hint).toEqual(hint);
});

test.each([
  ...['unless: []', 'signal: true', 'define: x'].map(one),
  ...['after: 1d', 'rule: other'].map(step),
  ...['and: []', 'baseline: 30d', 'generate: true', 'min_rules: 2'].map(correlation),
  ...['factor: 0.8', 'step: enter'].map(levels['value']!),
])('a key that is reserved for a later version is refused as such: %j', (text) => {
  expect(outcome(text)).toEqual({ rules: 0, errors: [expect.stringMatching(/^key-unsupported: ".*" is not supported yet$/)] });
});

test.each(['author', 'references', 'falsepositives', 'license', 'related', 'fields', 'scope', 'taxonomy', 'runbook'])(
  'the note %s is accepted',
  (key) => {
    expect(outcome(one(`${key}: [ text ]`))).toEqual({ rules: 1, errors: [] });
  },
);

test.each(['filter: { selection: { a: 1 } }', 'detection: { selection: { a: 1 }, condition: selection }'])(
  'a part of a Sigma rule in a native rule is an error: %s',
  (more) => {
    expect(outcome(one(more))).toEqual({ rules: 0, errors: [expect.stringContaining('unknown-key')] });
  },
);

test.each([
  ['feilds: { a: b }', ['unknown-key: unknown key "feilds" in dataset']],
  ['tenant: acme', ['unknown-key: unknown key "tenant" in dataset']],
  ['normalise: { user.name: [lower] }', ['key-unsupported: "normalise" is not supported yet']],
  ['x-tenant: acme', []],
])('in a mapping: %s', (more, errors) => {
  expect(outcome(`dataset: d\n${more}\n`, 'rules/datasets/d.yaml').errors).toEqual(errors);
});

test('in a file of webhook targets', () => {
  const { targets, problems } = readWebhookFile(
    '- id: a\n  url: https://example.com/\n  form: slack\n  enabled: false\n  min-level: high\n',
    nothingAllowed,
  );
  expect(targets).toEqual([]);
  expect(problems.map(({ line, message }) => [line, message])).toEqual([
    [4, 'a: enabled: unknown key "enabled"'],
    [5, 'a: min-level: unknown key "min-level"; did you mean min_level?'],
  ]);
});
