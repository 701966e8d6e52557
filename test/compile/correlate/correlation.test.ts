/** Correlations and steps that cannot mean what their author intends: impossible thresholds, misplaced keys, wrong positions of `not`. */
import { describe, expect, test } from 'vitest';
import { temporalOrdered } from '../../../engine/core/correlate/sequence/temporal-ordered.ts';
import { compileText, findings, holds, onlyRule } from '../../support/compiled.ts';

const counted = (correlation: string): string =>
  `id: r\nconditions: { all: [ { fact: a, operator: exists, value: true } ] }\ncorrelation: ${correlation}\n`;
const codes = (text: string): string[] => findings(compileText(text)).map((each) => each.replace(/^\S+ /, ''));

describe('correlations', () => {
  test.each([
    ['{ type: event_count, group-by: [a], timespan: 10m, condition: { gte: 0 } }', ['error threshold-not-positive']],
    ['{ type: event_count, group-by: [a], timespan: 10m, condition: { gte: -3 } }', ['error threshold-not-positive']],
    ['{ type: event_count, group-by: [a], timespan: 10m, condition: { gte: 5000 } }', ['error threshold-too-high']],
    ['{ type: event_count, group-by: [a], timespan: 10m, condition: { gte: 5, lt: 5 } }', ['error never-fires']],
    ['{ type: event_count, group-by: [a], timespan: 10m, condition: { lt: 1 } }', ['error never-fires']],
    ['{ type: event_count, group-by: [a], timespan: 10m, condition: { gte: 1 } }', ['warning always-fires']],
    ['{ type: event_count, group-by: [a], timespan: 10m, condition: { gte: "5" } }', ['error number-expected']],
    ['{ type: event_count, group-by: [a], timespan: 10m, condition: { get: 5 } }', ['error threshold-missing', 'error unknown-key']],
    ['{ type: event_count, group-by: [a], timespan: 10m, condition: { field: b, gte: 5 } }', ['error field-unused']],
    ['{ type: event_count, group-by: [a], timespan: 10m }', ['error condition-missing']],
    ['{ type: event_count, group-by: [a], timespan: 0s, condition: { gte: 5 } }', ['error duration-zero']],
    ['{ type: event_count, group-by: [a], timespan: 5200w, condition: { gte: 5 } }', ['error duration-too-long']],
    ['{ type: event_count, group-by: [a], timespan: 10 minutes, condition: { gte: 5 } }', ['error bad-duration']],
    ['{ type: event_count, group-by: [a], timespan: 600, condition: { gte: 5 } }', ['error bad-duration']],
    ['{ type: event_count, group-by: [a], condition: { gte: 5 } }', ['error timespan-missing']],
    ['{ type: event_count, timespan: 10m, condition: { gte: 5 } }', ['warning global-group']],
    ['{ type: event_count, group-by: [], timespan: 10m, condition: { gte: 5 } }', []],
    ['{ type: event_count, group-by: [""], timespan: 10m, condition: { gte: 5 } }', ['error field-name-empty']],
    ['{ type: event_count, group-by: [5], timespan: 10m, condition: { gte: 5 } }', ['error text-expected']],
    ['{ type: event_count, groupby: [a], timespan: 10m, condition: { gte: 5 } }', ['warning global-group', 'error unknown-key']],
    ['{ group-by: [a], timespan: 10m, condition: { gte: 5 } }', ['error type-missing']],
    ['{ type: value_count, group-by: [a], timespan: 10m, condition: { gte: 5 } }', ['error field-missing']],
    ['{ type: value_sum, group-by: [a], timespan: 10m, condition: { field: [b, c], gte: 5 } }', ['error field-unused']],
    ['{ type: value_sum, group-by: [a], timespan: 10m, condition: { field: b, gte: -1000000 } }', []],
    [
      '{ type: value_percentile, group-by: [a], timespan: 10m, percentile: 95, condition: { field: b, gte: 5 } }',
      ['error type-unsupported'],
    ],
    ['{ type: geo_velocity, group-by: [a], timespan: 10m }', ['error type-unsupported']],
    ['{ type: temporal, group-by: [a], timespan: 10m }', ['error steps-missing']],
  ])('%s', (correlation, expected) => {
    expect(codes(counted(correlation)).toSorted()).toEqual(expected.toSorted());
  });
  test('several fields are counted as tuples', () => {
    const { correlation } = onlyRule(
      counted('{ type: value_count, group-by: [a], timespan: 10m, condition: { field: [b, c], gte: 5 } }'),
    ).rule;
    expect(correlation).toMatchObject({ fields: [{ name: 'b' }, { name: 'c' }] });
  });
});

const conditions = 'conditions: { all: [ { fact: a, operator: exists, value: true } ] }';
const sequence = (steps: readonly string[], type = 'temporal_ordered', more = ''): string =>
  `id: r\nsteps:\n${steps.map((step) => `  - { ${conditions}, ${step} }\n`).join('')}correlation: { type: ${type}, group-by: [user.id], timespan: 30m }\n${more}`;

describe('steps', () => {
  test('have names, times, within, not and their own group', () => {
    const { rule } = onlyRule(
      sequence([
        'name: guess, times: { gte: 5, in: 10m }',
        'name: enter, within: 10m',
        'name: quiet, not: true',
        'name: payout, group-by: [account.owner_id]',
        'name: after, not: true, within: 5m',
      ]),
    );
    expect(
      rule.steps.map(({ name, negative, times, withinMs, groupBy }) => [name, negative, times.gte, times.inMs, withinMs, groupBy[0]!.name]),
    ).toEqual([
      ['guess', false, 5, 600_000, undefined, 'user.id'],
      ['enter', false, 1, undefined, 600_000, 'user.id'],
      ['quiet', true, 1, undefined, undefined, 'user.id'],
      ['payout', false, 1, undefined, undefined, 'account.owner_id'],
      ['after', true, 1, undefined, 300_000, 'user.id'],
    ]);
    expect(rule.correlation).toEqual({ kind: temporalOrdered, fields: [], groupBy: ['user.id'], timespanMs: 1_800_000, settle: false });
    expect(rule.entities.map(({ name }) => name)).toEqual(['user.id']);
  });

  test.each([
    ['temporal_ordered', ['name: a', 'name: b'], []],
    ['temporal', ['name: a', 'name: b, not: true'], []],
    ['temporal', ['name: a', 'name: b, within: 5m'], ['error within-unordered']],
    ['temporal', ['name: a'], ['error too-few-steps']],
    ['temporal', ['name: a, not: true', 'name: b, not: true'], ['error only-negative-steps']],
    ['temporal_ordered', ['name: a, within: 5m', 'name: b'], ['error within-first']],
    ['temporal_ordered', ['name: a, not: true', 'name: b'], ['error within-missing']],
    ['temporal_ordered', ['name: a, not: true, within: 5m', 'name: b'], []],
    ['temporal_ordered', ['name: a, not: true, within: 5m', 'name: b, within: 5m'], ['error within-first']],
    ['temporal_ordered', ['name: a', 'name: b, not: true, within: 5m', 'name: c'], ['error within-between']],
    ['temporal_ordered', ['name: a', 'name: b, not: true', 'name: c, not: true', 'name: d'], []],
    ['temporal_ordered', ['name: a', 'name: b, not: true, times: { gte: 2 }'], ['error times-on-not']],
    ['temporal_ordered', ['name: a', 'name: a'], ['error duplicate-step']],
    ['temporal_ordered', ['name: a', 'name: b.c'], ['error bad-step-name']],
    ['temporal_ordered', ['name: a', 'name: b, whithin: 5m'], ['error unknown-key']],
    ['temporal_ordered', ['name: a', 'name: b, within: 2h'], ['warning longer-than-timespan']],
    ['temporal_ordered', ['name: a', 'name: b, times: { gte: 0 }'], ['error threshold-not-positive']],
    ['temporal_ordered', ['name: a', 'name: b, times: { gte: 1.5 }'], ['error threshold-not-positive']],
    ['temporal_ordered', ['name: a', 'name: b, times: { gte: 5000 }'], ['error threshold-too-high']],
    ['temporal_ordered', ['name: a', 'name: b, times: 5'], ['error map-expected']],
    ['temporal_ordered', ['name: a, not: true, within: 2h', 'name: b', 'name: c'], []],
    ['temporal_ordered', ['name: a', 'name: b', 'name: c, not: true, within: 2h'], []],
    ['temporal_ordered', ['name: a', 'name: b, times: { gte: 2, in: 2h }'], ['warning longer-than-timespan']],
    ['temporal_ordered', ['name: a', 'name: b, group-by: [x, y]'], ['error group-by-length']],
    ['temporal_ordered', ['name: a', 'name: b, not: yes'], ['error boolean-expected']],
    ['event_count', ['name: a', 'name: b'], ['error condition-missing']],
  ])('%s %j: %j', (type, steps, expected) => {
    expect(codes(sequence(steps, type))).toEqual(expected);
  });
  test('are numbered if they have no names', () => {
    expect(
      onlyRule(sequence(['within: 5m', 'within: 5m'].map((_, n) => `times: { gte: ${n + 1} }`))).rule.steps.map(({ name }) => name),
    ).toEqual(['step-1', 'step-2']);
  });
  test('are refused without a correlation, together with conditions, if too many, and if empty', () => {
    expect(codes(`id: r\nsteps: [ { ${conditions} }, { ${conditions} } ]\n`)).toEqual(['error correlation-missing']);
    expect(codes(sequence(['name: a', 'name: b'], 'temporal', conditions))).toEqual(['error conditions-and-steps']);
    expect(codes(sequence(Array.from({ length: 33 }, (_, n) => `name: s${n}`)))).toEqual(['error too-many-steps']);
    expect(codes('id: r\nsteps: []\ncorrelation: { type: temporal, group-by: [a], timespan: 5m }\n')).toEqual(['error too-few-steps']);
    expect(
      codes(
        `id: r\nsteps: [ { ${conditions} } ]\ncorrelation: { type: event_count, group-by: [a], timespan: 5m, condition: { gte: 2 } }\n`,
      ),
    ).toEqual(['error steps-unused']);
    expect(codes(sequence(['name: a', 'name: b'], 'temporal').replace('timespan: 30m', 'timespan: 30m, condition: { gte: 2 }'))).toEqual([
      'error condition-unused',
    ]);
  });
});

describe('other keys of a rule', () => {
  const rule = (more: string): string => `id: r\nconditions: { all: [ { fact: a, operator: exists, value: true } ] }\n${more}\n`;
  test.each([
    ['message: "{{a"', ['error template-unclosed']],
    ['message: "{{ }}"', ['error template-empty']],
    ['message: "{{a {{b}}"', ['error template-unclosed']],
    ['risk: -1', ['error risk-negative']],
    ['risk: "40"', ['error number-expected']],
    ['settle: true', ['error settle-unused']],
    ['suppress: { by: [a] }', ['error suppress-for-missing']],
    ['suppress: { for: 1h, per: [a] }', ['warning global-suppress', 'error unknown-key']],
    ['suppress: 0s', []],
    ['suppress: 0', []],
    ['suppress: 60', ['error bad-duration']],
    ['suppress: soon', ['error bad-duration']],
    [
      'correlation: { type: event_count, group-by: [a], timespan: 5m, condition: { gte: 2 } }\nsuppress: { by: [b] }',
      ['error suppress-by-unused'],
    ],
    [
      'correlation: { type: event_count, group-by: [a, b], timespan: 5m, condition: { gte: 2 } }\nsuppress: { by: [a] }',
      ['error suppress-by-unused'],
    ],
    [
      'correlation: { type: event_count, group-by: [a], timespan: 5m, condition: { gte: 2 } }\nsuppress: { by: [a, b] }',
      ['error suppress-by-unused'],
    ],
    [
      'correlation: { type: event_count, group-by: [a, b], timespan: 5m, condition: { gte: 2 } }\nsuppress: { by: [a, a] }',
      ['error suppress-by-unused'],
    ],
    ['corelation: { type: event_count }', ['error unknown-key']],
    ['supress: 1h', ['error unknown-key']],
    ['conditons: { all: [] }', ['error unknown-key']],
    ['x-ticket-queue: 1', []],
    ['entities: [$.a.b]', ['error field-name-path']],
    ['tags: [1]', ['error text-expected']],
    ['tests: 5', ['error list-expected']],
    ['tests: [ { name: x, alerts: [] } ]', ['error events-missing']],
    ['tests: [ { name: x, events: [ { a: 1 } ] } ]', ['error alerts-missing']],
    ['tests: [ { events: [ 5 ], alerts: [] } ]', ['error map-expected']],
    ['tests: [ { events: [ { a: 1 } ], alerts: [ { vlaue: 5 } ] } ]', ['error unknown-key']],
    ['tests: [ { events: [], alerts: [] } ]', ['warning events-empty']],
    ['suppress: 1h', ['warning global-suppress']],
    ['suppress: { for: 1h }', ['warning global-suppress']],
    ['suppress: { for: 0s }', []],
    ['suppress: { for: 1h, by: [] }', []],
    ['suppress: { for: 1h, by: [b] }', []],
    ['suppress: { for: 1h, by: ["b[0]"] }', ['warning field-name-index']],
    ['entities: [a.0.b, "a[0].b"]', ['warning field-name-index']],
    ['correlation: { type: event_count, group-by: ["a[1]"], timespan: 5m, condition: { gte: 2 } }', ['warning field-name-index']],
    [
      'correlation: { type: value_count, group-by: [a], timespan: 5m, condition: { field: "a[1].b", gte: 2 } }\nsuppress: 1h',
      ['warning field-name-index'],
    ],
  ])('%s', (more, expected) => {
    expect(codes(rule(more))).toEqual(expected);
  });
  test.each([
    ['{ fact: a, operator: equal, value: 1, paht: $.b }', ['error unknown-key']],
    ['{ fact: a, operator: equal, value: { fact: b, paht: $.c } }', ['error unknown-key']],
    ['{ all: [ { fact: a, operator: equal, value: 1 } ], anny: [] }', ['error unknown-key']],
    ['{ fact: a, operator: equal, value: 1, x-ticket-queue: 1 }', []],
  ])('an unknown key in a condition is an error, but for those that begin with x-: %s', (condition, expected) => {
    expect(codes(`id: r\nconditions: { all: [ ${condition} ] }\n`)).toEqual(expected);
  });
  test.each(['Card Testing', 'card_testing', '-a', 'a--b', ''])('the id %j is invalid', (id) => {
    expect(codes(`id: "${id}"\nconditions: { all: [ { fact: a, operator: exists, value: true } ] }\n`)).toEqual(['error bad-id']);
  });
  test.each([
    ['{ fact: a, operator: matches, value: "(a+)+$" }', 'operator-unsupported'],
    ['{ fact: a, operator: inList, value: deny }', 'operator-unsupported'],
    ['{ fact: a, operator: not:notInList, value: deny }', 'operator-unsupported'],
    ['{ fact: a, operator: som:equal, value: 1 }', 'unknown-decorator'],
    ['{ fact: a, operator: startsWith, value: [x] }', 'text-expected'],
    ['{ fact: a, operator: exists, value: "true" }', 'boolean-expected'],
    ['{ fact: a, operator: exists, value: { fact: b } }', 'boolean-expected'],
    ['{ fact: a, operator: inCidr, value: 10.0.0.0/33 }', 'bad-network'],
    ['{ fact: a, operator: someFact:inCidr, value: [10.0.0.0/8, nonsense] }', 'bad-network'],
    [`{ fact: ${'a'.repeat(300)}, operator: equal, value: 1 }`, 'field-name-too-long'],
    [`{ fact: a, path: ${'a'.repeat(300)}, operator: equal, value: 1 }`, 'path-too-long'],
    [`{ fact: a, operator: "${'not:'.repeat(9)}equal", value: 1 }`, 'too-many-decorators'],
    ['{ not: [ { fact: a, operator: equal, value: 1 } ] }', 'map-expected'],
    ['{ all: { fact: a, operator: equal, value: 1 } }', 'list-expected'],
    ['5', 'map-expected'],
  ])('the condition %s is refused: %s', (leaf, code) => {
    expect(codes(`id: r\nconditions: { all: [ ${leaf} ] }\n`)).toEqual([`error ${code}`]);
  });
  test.each([
    'in',
    'notIn',
    'not:in',
    'someFact:in',
    'inCidr',
    'notInCidr',
    'someValue:equal',
    'everyValue:startsWith',
    'swap:someFact:equal',
  ])('%s with an empty list is a warning', (operator) => {
    expect(codes(`id: r\nconditions: { all: [ { fact: a, operator: "${operator}", value: [] } ] }\n`)).toEqual(['warning empty-list']);
  });
  test('an index in brackets in a field name is a warning with the right spelling, which works', () => {
    const named = (fact: string): string =>
      `id: r\nconditions: { all: [ { fact: "${fact}", operator: equal, value: { fact: "${fact}" } } ] }\n`;
    const compiled = compileText(named('items[0].ids[12]'));
    expect(compiled.problems.filter(({ code }) => code === 'field-name-index')).toMatchObject([
      { severity: 'warning', line: 2, column: 30, hint: 'write items.0.ids.12' },
      { severity: 'warning', line: 2, hint: 'write items.0.ids.12' },
    ]);
    expect(findings(compileText(named('items.0.id')))).toEqual([]);
    const raw = { items: [{ id: 1 }] };
    expect(holds({ fact: 'items.0.id', operator: 'equal', value: 1 }, raw)).toBe(true);
    expect(holds({ fact: 'items[0].id', operator: 'exists', value: true }, raw)).toBe(false);
  });
  test('an equality with a list is a warning, because it never holds', () => {
    expect(codes('id: r\nconditions: { all: [ { fact: a, operator: equal, value: [1] } ] }\n')).toEqual(['warning compared-by-identity']);
  });
});
