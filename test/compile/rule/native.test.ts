/** A native rule, key by key, and the problems of rules that are nearly right. */
import { describe, expect, test } from 'vitest';
import { compile } from '../../../engine/compile/index.ts';
import { compileText, findings, matchedIds, onlyRule, problemOf } from '../../support/compiled.ts';

const cardTesting = `
id: card-testing
title: Card testing from one address
description: Many different cards declined from one IP in minutes.
status: live
level: high
risk: 40
entities: [source.ip, device.id]
tags: [attack.t1110, fraud.card-testing]
author: someone
conditions:
  all:
    - { fact: event.dataset, operator: equal, value: payments }
    - { fact: transaction.status, operator: equal, value: declined }
correlation:
  type: value_count
  group-by: [source.ip]
  timespan: 10m
  condition: { field: card.fingerprint, gte: 5 }
suppress: 1h
message: "{{source.ip}} tried {{value}} cards in 10 minutes"
tests:
  - name: one card
    events:
      - { "@timestamp": 2026-01-01T00:00:00Z, event.dataset: payments, source.ip: 203.0.113.9, card.fingerprint: c1 }
    alerts: []
`;

test('reads every key of a correlated rule', () => {
  const { rule, ruleset } = onlyRule(cardTesting);
  const { steps, entities, correlation, hash, shape, ...texts } = rule;
  expect(texts).toEqual({
    id: 'card-testing',
    title: 'Card testing from one address',
    description: 'Many different cards declined from one IP in minutes.',
    status: 'live',
    level: 'high',
    risk: 40,
    tags: ['attack.t1110', 'fraud.card-testing'],
    suppress: { forMs: 3_600_000, by: [] },
    message: [{ place: 'source.ip' }, ' tried ', { place: 'value' }, ' cards in 10 minutes'],
    source: { file: 'rules/rule.yaml', line: 2, column: 1 },
    tests: [
      {
        name: 'one card',
        events: [
          { '@timestamp': '2026-01-01T00:00:00Z', 'event.dataset': 'payments', 'source.ip': '203.0.113.9', 'card.fingerprint': 'c1' },
        ],
        alerts: [],
        source: { file: 'rules/rule.yaml', line: 23, column: 5 },
      },
    ],
  });
  expect(entities.map(({ name }) => name)).toEqual(['source.ip', 'device.id']);
  expect(correlation).toMatchObject({
    kind: { name: 'value_count' },
    groupBy: ['source.ip'],
    timespanMs: 600_000,
    settle: false,
    condition: [{ op: 'gte', value: 5 }],
  });
  expect(steps).toMatchObject([{ name: 'card-testing', negative: false, times: { gte: 1, inMs: undefined }, withinMs: undefined }]);
  expect([hash.length, shape.length]).toEqual([22, 11]);
  expect(matchedIds(ruleset, { transaction: { status: 'declined' } }, { dataset: 'payments' })).toEqual(['card-testing']);
  expect(matchedIds(ruleset, { transaction: { status: 'approved' } }, { dataset: 'payments' })).toEqual([]);
  expect(compileText(cardTesting).problems).toEqual([]);
});

test('gives fields slots that read them from events', () => {
  const { rule, ruleset } = onlyRule(cardTesting);
  const raw = { 'source.ip': '203.0.113.9', device: { id: 'd1' }, card: { fingerprint: 'c1' } };
  const view = ruleset.view().load({ id: 'e', time: 0, dataset: 'payments', raw, mapped: undefined, tags: [] });
  expect(rule.entities.map(({ slot }) => view.at(slot))).toEqual(['203.0.113.9', 'd1']);
  expect(rule.steps[0]!.groupBy.map(({ slot }) => view.at(slot))).toEqual(['203.0.113.9']);
  expect(rule.correlation).toHaveProperty('fields.0.slot');
});

test('has defaults for missing keys', () => {
  const { rule } = onlyRule('id: bare\nconditions: { any: [ { fact: a, operator: exists, value: true } ] }\n');
  expect(rule).toMatchObject({
    title: 'bare',
    description: '',
    status: 'live',
    level: 'medium',
    risk: 0,
    tags: [],
    entities: [],
    message: undefined,
  });
  expect([rule.suppress, rule.correlation, rule.tests]).toEqual([undefined, undefined, []]);
  const counted = onlyRule(
    'id: c\nconditions: { any: [ { fact: a, operator: exists, value: true } ] }\ncorrelation: { type: event_count, group-by: user.id, timespan: 10m, condition: { gte: 5 } }\n',
  ).rule;
  expect(counted.suppress).toEqual({ forMs: 600_000, by: [] });
  expect(counted.entities.map(({ name }) => name)).toEqual(['user.id']);
});

test('groups a rule without correlation by the fields of suppress', () => {
  const { rule } = onlyRule(
    'id: c\nconditions: { any: [ { fact: a, operator: exists, value: true } ] }\nsuppress: { for: 1h, by: [source.ip] }\n',
  );
  expect(rule.suppress).toMatchObject({ forMs: 3_600_000, by: [{ name: 'source.ip' }] });
  expect(rule.entities.map(({ name }) => name)).toEqual(['source.ip']);
});

test.each([
  ['entities: [user.id]', ['user.id']],
  ['entities: []', []],
])('entities override the group of suppress: %s', (line, names) => {
  const { rule } = onlyRule(
    `id: c\nconditions: { any: [ { fact: a, operator: exists, value: true } ] }\nsuppress: { for: 1h, by: [source.ip] }\n${line}\n`,
  );
  expect(rule.entities.map(({ name }) => name)).toEqual(names);
});

test.each(['', ', by: [b, a]', ', by: [a, b]'])('suppress of a correlated rule may repeat its group: { for: 1h%s }', (by) => {
  const { rule } = onlyRule(
    `id: c\nconditions: { any: [ { fact: a, operator: exists, value: true } ] }\ncorrelation: { type: event_count, group-by: [a, b], timespan: 5m, condition: { gte: 2 } }\nsuppress: { for: 1h${by} }\n`,
  );
  expect(rule.suppress).toEqual({ forMs: 3_600_000, by: [] });
});

test('accepts settle inside the correlation and next to it', () => {
  const base = 'id: c\nconditions: { any: [ { fact: a, operator: exists, value: true } ] }\n';
  const correlation = (more: string) =>
    `correlation: { type: value_avg, group-by: a, timespan: 10m, condition: { field: b, gt: 5, lte: 9 }${more} }\n`;
  expect(onlyRule(base + correlation(', settle: true')).rule.correlation!.settle).toBe(true);
  const outside = onlyRule(`${base + correlation('')}settle: true\n`).rule.correlation!;
  expect(outside).toMatchObject({
    settle: true,
    condition: [
      { op: 'gt', value: 5 },
      { op: 'lte', value: 9 },
    ],
  });
});

test('only live and shadow rules match', () => {
  const rules = ['live', 'shadow', 'draft', 'off'].map((status) => ({
    id: status,
    status,
    conditions: { all: [{ fact: 'a', operator: 'equal', value: 1 }] },
  }));
  const { ruleset } = compileText(JSON.stringify(rules), 'r.json');
  expect(matchedIds(ruleset, { a: 1 })).toEqual(['live', 'shadow']);
  expect([...ruleset.byId.keys()]).toEqual(['draft', 'live', 'off', 'shadow']);
});

describe('shape and hash', () => {
  const shape = (change: (text: string) => string): string => onlyRule(change(cardTesting)).rule.shape;
  const base = onlyRule(cardTesting).rule;
  test.each([
    ['the threshold', 'gte: 5', 'gte: 6'],
    ['the timespan', 'timespan: 10m', 'timespan: 20m'],
    ['the title', 'Card testing from', 'Cards tried from'],
    ['a test', 'name: one card', 'name: a card'],
  ])('%s changes the hash, not the shape', (_, from, to) => {
    const { rule } = onlyRule(cardTesting.replace(from, to));
    expect([rule.shape === base.shape, rule.hash === base.hash]).toEqual([true, false]);
  });
  test.each([
    ['the id', 'id: card-testing', 'id: card-tests'],
    ['a condition', 'value: declined', 'value: refused'],
    ['the group', 'group-by: [source.ip]', 'group-by: [device.id]'],
    ['the counted field', 'field: card.fingerprint', 'field: card.number'],
    ['the kind', 'type: value_count', 'type: value_max'],
  ])('%s changes the shape', (_, from, to) => {
    expect(shape((text) => text.replace(from, to))).not.toBe(base.shape);
  });
  test('neither depends on the order of keys', () => {
    const reordered = cardTesting.replace(
      '{ fact: event.dataset, operator: equal, value: payments }',
      '{ value: payments, operator: equal, fact: event.dataset }',
    );
    expect(onlyRule(reordered).rule).toMatchObject({ hash: base.hash, shape: base.shape });
  });
  test('the hash of the rule set changes with the rules, not with comments', () => {
    expect(compileText(cardTesting).ruleset.hash).toBe(compileText(`# a note\n${cardTesting}`).ruleset.hash);
    expect(compileText(cardTesting).ruleset.hash).not.toBe(compileText(cardTesting.replace('high', 'low')).ruleset.hash);
  });
});

describe('with a previous set', () => {
  const rule = (id: string, value: string) => `id: ${id}\nconditions: { all: [ { fact: a, operator: equal, value: ${value} } ] }\n`;
  const files = (text: string, other = rule('other', '9')) => [
    { path: 'rules/a.yaml', text },
    { path: 'rules/b.yaml', text: other },
  ];
  const previous = compile(files(`${rule('one', '1')}---\n${rule('two', '2')}`)).ruleset;
  const after = (text: string, other?: string) => compile(files(text, other), { previous }).ruleset;
  const ids = (text: string) => after(text).rules.map(({ id }) => id);

  test('a bad document keeps its last good version, and the others go live', () => {
    const set = after(`id: one\nconditions: { all: [ { fact: a, operator: equl, value: 5 } ] }\n---\n${rule('two', '3')}`);
    expect([matchedIds(set, { a: 1 }), matchedIds(set, { a: 2 }), matchedIds(set, { a: 3 })]).toEqual([['one'], [], ['two']]);
  });
  test('a document whose id cannot be read keeps its last good version', () => {
    expect(ids(`id: one\nconditions: {{{\n---\n${rule('two', '2')}`)).toEqual(['one', 'other', 'two']);
  });
  test('a removed rule is gone, and a second fallback still works', () => {
    expect(ids(rule('two', '2'))).toEqual(['other', 'two']);
    const kept = after('id: one\nconditions: 5\n');
    const again = compile(files('id: one\nconditions: 6\n'), { previous: kept }).ruleset;
    expect(again.rules.map(({ id }) => id)).toEqual(['one', 'other']);
    expect(matchedIds(again, { a: 1 })).toEqual(['one']);
  });
  test('the problems of an unchanged file are reported again', () => {
    const broken = [...files('id: one\nlevle: low\nconditions: 5\n'), { path: 'rules/c.yaml', text: 'id: [\n' }];
    const first = compile(broken, { previous });
    const second = compile(broken, { previous: first.ruleset });
    expect(second.problems).toEqual(first.problems);
    expect([second.ruleset.hash, first.ruleset.rules.map(({ id }) => id)]).toEqual([first.ruleset.hash, ['one', 'other']]);
  });
  test('a rule that was moved to another file is read from there', () => {
    const set = after(rule('two', '2'), rule('one', '7'));
    expect([matchedIds(set, { a: 7 }), matchedIds(set, { a: 1 })]).toEqual([['one'], []]);
  });
});

test('misspelt words get a suggestion', () => {
  const { problems } = compileText(
    cardTesting
      .replace('level: high', 'level: hgih')
      .replace('status: live', 'status: lvie')
      .replace('value_count', 'value_cout')
      .replace('tags:', 'tasg:'),
  );
  expect(problems.map(({ line, column, code, hint }) => [line, column, code, hint])).toEqual([
    [5, 9, 'unknown-status', 'did you mean "live"?'],
    [6, 8, 'unknown-level', 'did you mean "high"?'],
    [9, 1, 'unknown-key', 'did you mean "tags"?'],
    [16, 9, 'unknown-type', 'did you mean "value_count"?'],
  ]);
  expect(problemOf(compileText(cardTesting.replace('level:', 'levle:')), 'unknown-key').severity).toBe('error');
});

test('Sigma rules and rules over rules are reported as unsupported', () => {
  expect(
    findings(
      compileText('title: x\nid: 5f1a\nlogsource: { product: windows }\ndetection: { selection: { a: b }, condition: selection }\n'),
    ),
  ).toEqual(['4:1 error sigma-unsupported']);
  expect(
    findings(compileText('id: x\ncorrelation: { type: event_count, rules: [a], group-by: [b], timespan: 5m, condition: { gte: 2 } }\n')),
  ).toEqual(['2:35 error sigma-unsupported']);
  expect(findings(compileText('id: x\nfilter: { rules: [a] }\n'))).toEqual(['2:1 error sigma-unsupported']);
  expect(findings(compileText('id: x\nsteps: []\ncorrelation: { type: temporal, rules: [a, b], timespan: 5m }\n'))).toEqual([
    '3:32 error rules-reference-unsupported',
  ]);
});
