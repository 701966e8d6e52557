/** Dataset mapping files: rules/datasets/*.yaml. */
import { expect, test } from 'vitest';
import { compile } from '../../engine/compile/index.ts';
import { mapFields } from '../../engine/core/ingest/dataset.ts';
import { fieldPath, lookup } from '../../engine/core/match/fields.ts';
import { compileText, findings } from '../support/compiled.ts';

const cloudtrail = `
id: eventID
time: eventTime
fields: { user.name: userIdentity.userName, source.ip: sourceIPAddress, gone: nowhere }
constants: { cloud.provider: aws, cloud.rank: 1 }
recognise:
  all:
    - { fact: eventSource, operator: endsWith, value: .amazonaws.com }
    - { fact: event.dataset, operator: exists, value: false }
`;

test('a mapping has names, constants, and the fields of id and time', () => {
  const { ruleset, problems } = compileText(cloudtrail, 'rules/datasets/aws.cloudtrail.yaml');
  expect(problems).toEqual([]);
  const dataset = ruleset.datasets.byName.get('aws.cloudtrail')!;
  expect([dataset.id?.name, dataset.time?.name]).toEqual(['eventID', 'eventTime']);
  expect(mapFields(dataset, { userIdentity: { userName: 'alice' }, sourceIPAddress: '203.0.113.9' })).toEqual({
    'user.name': 'alice',
    'source.ip': '203.0.113.9',
    'cloud.provider': 'aws',
    'cloud.rank': 1,
  });
});

test('recognise tests the object as received, before anything is derived', () => {
  const { ruleset } = compileText(cloudtrail, 'rules/datasets/aws.cloudtrail.yaml');
  const [dataset] = ruleset.datasets.recognisable;
  const recognise = dataset!.recognise!;
  expect(recognise({ eventSource: 's3.amazonaws.com' })).toBe(true);
  expect(recognise({ eventSource: 's3.example.com' })).toBe(false);
  expect(recognise({ eventSource: 's3.amazonaws.com', event: { dataset: 'mine' } })).toBe(false);
  expect([recognise({}), recognise(JSON.parse('{"__proto__": {"eventSource": "x.amazonaws.com"}}'))]).toEqual([false, false]);
});

test('mappings recognise in order of path; a mapping can set its name; `when` is accepted', () => {
  const when = 'when: { any: [ { fact: a, operator: exists, value: true } ] }\n';
  const { ruleset } = compile([
    { path: 'rules/datasets/b.yaml', text: when },
    { path: 'rules/datasets/a.yaml', text: `dataset: zulu\n${when}---\ndataset: alpha\nid: x\n` },
  ]);
  expect(ruleset.datasets.recognisable.map(({ name }) => name)).toEqual(['zulu', 'b']);
  expect([...ruleset.datasets.byName.keys()]).toEqual(['zulu', 'alpha', 'b']);
  expect(ruleset.rules).toEqual([]);
});

test.each([
  ['fieldz: { a: b }', 'unknown-key'],
  ['fields: [a]', 'map-expected'],
  ['fields: { a: 5 }', 'text-expected'],
  ['fields: { a: $.b.c }', 'field-name-path'],
  ['id: [a]', 'text-expected'],
  ['dataset: ""', 'dataset-name-empty'],
  ['recognise: { fact: a, operator: exists, value: true }', 'leaf-as-root'],
  ['recognise: { all: [ { fact: a, operator: exits, value: true } ] }', 'unknown-operator'],
  [
    'recognise: { any: [ { fact: a, operator: exists, value: true } ] }\nwhen: { any: [ { fact: a, operator: exists, value: true } ] }',
    'recognise-twice',
  ],
])('%s: %s', (text, code) => {
  expect(findings(compileText(text, 'datasets/x.yaml')).map((each) => each.replace(/^\S+ error /, ''))).toEqual([code]);
});

test('of two mappings with one name the first is kept, and a bad file keeps its last good version', () => {
  const twice = compile([
    { path: 'datasets/a.yaml', text: 'dataset: same\nid: one\n' },
    { path: 'datasets/b.yaml', text: 'dataset: same\nid: two\n' },
  ]);
  expect(twice.problems.map(({ file, code, message }) => [file, code, message.includes('datasets/a.yaml:1:1')])).toEqual([
    ['datasets/b.yaml', 'duplicate-dataset', true],
  ]);
  const bad = compile([{ path: 'datasets/a.yaml', text: 'dataset: same\nid: [\n' }], { previous: twice.ruleset });
  expect(bad.ruleset.datasets.byName.get('same')?.id?.name).toBe('one');
  expect(compile([], { previous: twice.ruleset }).ruleset.datasets.byName.size).toBe(0);
});

test('a changed mapping changes the hash of the rule set', () => {
  const hash = (text: string) => compileText(text, 'datasets/a.yaml').ruleset.hash;
  expect(hash('id: a\n')).toBe(hash('# note\nid: a\n'));
  expect(hash('id: a\n')).not.toBe(hash('id: b\n'));
});

test('mapping a name that every event has, or a source in brackets, is a warning', () => {
  const text = `id: "ids[0]"
time: times.0
fields: { "@timestamp": eventTime, event.id: eventId, event.code: "codes[0]", user.name: user }
constants: { event.dataset: other, event.kind: alert }
`;
  const compiled = compileText(text, 'rules/datasets/feed.yaml');
  expect(findings(compiled)).toEqual([
    '1:5 warning field-name-index',
    '3:11 warning mapping-unused',
    '3:36 warning mapping-unused',
    '3:67 warning field-name-index',
    '4:14 warning mapping-unused',
  ]);
  expect(compiled.problems.map(({ hint }) => hint)).toContain('use time: the field that holds it');
  const dataset = compiled.ruleset.datasets.byName.get('feed')!;
  const event = { raw: {}, id: 'i', time: 0, dataset: 'feed', tags: [], mapped: mapFields(dataset, { eventTime: 'x', eventId: 'y' }) };
  const seen = ['event.id', '@timestamp', 'event.dataset'].map((name) => lookup(event, fieldPath(name)));
  expect(seen).toEqual(['i', '1970-01-01T00:00:00.000Z', 'feed']);
});
