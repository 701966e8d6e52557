/** `weir match`: conditions without windows. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { jsonLines, testFolder, weir } from '../explain/explain.support.ts';

const folder = testFolder();
const rules = join(folder.path, 'rules');
mkdirSync(join(rules, 'datasets'), { recursive: true });
writeFileSync(join(rules, 'datasets', 'shop.yaml'), 'dataset: shop\nid: nr\nfields: { user.name: customer }\n');
writeFileSync(
  join(rules, 'all.yaml'),
  `
id: zoo
conditions: { all: [ { fact: a, operator: equal, value: 1 } ] }
---
id: counted
conditions: { all: [ { fact: a, operator: exists, value: true } ] }
correlation: { type: event_count, group-by: [absent], timespan: 1m, condition: { gte: 100 } }
suppress: 1h
---
id: steps
status: shadow
steps:
  - { name: first, conditions: { all: [ { fact: a, operator: equal, value: 1 } ] } }
  - { name: never, not: true, conditions: { any: [ { fact: b, operator: equal, value: 1 }, { fact: a, operator: equal, value: 1 } ] } }
correlation: { type: temporal, group-by: [user], timespan: 1m }
---
id: drafted
status: draft
conditions: { all: [ { fact: a, operator: equal, value: 1 } ] }
---
id: stopped
status: off
conditions: { all: [ { fact: a, operator: equal, value: 1 } ] }
---
id: mapped
conditions: { all: [ { fact: user.name, operator: equal, value: ann } ] }
`,
);
const events = [
  '{"id":"e1","a":1}',
  '',
  'no event',
  '{"id":"e1","a":2}',
  '{"b":1}',
  '{"event.dataset":"shop","nr":7,"customer":"ann"}',
  '[1]',
  '{"id":"e9"}',
].join('\r\n');
const expected = [
  { index: 0, id: 'e1', rules: ['counted', 'steps', 'zoo'] },
  { index: 2, id: 'e1', rules: ['counted'] },
  { index: 3, id: 'line-5', rules: ['steps'] },
  { index: 4, id: '7', rules: ['mapped'] },
  { index: 6, id: 'e9', rules: [] },
];

test('lists for each event the rules of which any step matches, regardless of windows and repeats', async () => {
  const { code, stdout, stderr } = await weir(['match', '-', '--rules', rules], events);
  expect(jsonLines(stdout)).toEqual(expected);
  expect(code).toBe(0);
  expect(stderr).toMatch(/^-:3: invalid-json: .*\n-:7: not-an-object: .*\n5 events, 2 bad lines, 4 with a matching rule\n$/);
});

test('reads files, gzipped or not, and applies --dataset to events that name none', async () => {
  const plain = folder.put('events.ndjson', events);
  const zipped = folder.put('events.gz', gzipSync(events));
  expect(jsonLines((await weir(['match', plain, '--rules', rules])).stdout)).toEqual(expected);
  expect(jsonLines((await weir(['match', zipped, '--rules', rules])).stdout)).toEqual(expected);
  const { stdout } = await weir(['match', '-', '--rules', rules, '--dataset', 'shop'], '{"customer":"ann","nr":1}');
  expect(jsonLines(stdout)).toEqual([{ index: 0, id: '1', rules: ['mapped'] }]);
});

test('exits 78 with nothing on stdout on errors in the rules, and 2 on wrong usage', async () => {
  const broken = folder.put('broken.yaml', 'id: broken\nconditions: { all: [] }\n');
  expect(await weir(['match', '-', '--rules', broken], events)).toMatchObject({
    code: 78,
    stdout: '',
    stderr: expect.stringContaining('broken.yaml:2:20: error empty-conditions'),
  });
  expect((await weir(['match', '--rules', rules])).code).toBe(2);
  expect((await weir(['match', join(folder.path, 'absent.ndjson'), '--rules', rules])).code).toBe(2);
});

test('neither a rule file nor an event can control the terminal', async () => {
  const escape = '\u001b[2J';
  const broken = folder.put('escape.yaml', `id: broken\nconditions: { all: [{ fact: a, operator: "equ${escape}l", value: 1 }] }\n`);
  const refused = await weir(['match', '-', '--rules', broken], events);
  expect(refused).toMatchObject({ code: 78, stdout: '' });
  expect(refused.stderr).toMatch(/escape\.yaml:\d+:\d+: error /);
  expect(refused.stderr).not.toContain('\u001b');
  const { stderr } = await weir(['match', '-', '--rules', rules], `{"a":${escape}}\n`);
  expect(stderr).toMatch(/^-:1: invalid-json/);
  expect(stderr).not.toContain('\u001b');
});
