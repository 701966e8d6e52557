/** A rule file that is not UTF-8 is an error at its first invalid byte, for every command and for the running engine. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, test } from 'vitest';
import { openRules } from '../../../engine/runtime/rules/reload.ts';
import { ruleText } from '../../../engine/runtime/rules/rule-text.ts';
import { testFolder, weir } from '../../cli/explain/explain.support.ts';
import { until } from '../../support/processes.ts';

const folder = testFolder();
const rules = join(folder.path, 'rules');
mkdirSync(join(rules, 'datasets'), { recursive: true });
const put = (name: string, bytes: Buffer | string): void => writeFileSync(join(rules, name), bytes);
const rule = (city: string): string => `id: one\nconditions: { all: [ { fact: city, operator: equal, value: ${city} } ] }\n`;
const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');
const utf16 = (text: string): Buffer => Buffer.from(text, 'utf16le');

test.each([
  ['latin 1', latin1('id: a\ntitle: Müller\n'), [2, 9]],
  ['latin 1 before an ASCII character', latin1('a: café au lait'), [1, 7]],
  ['a part of a character', Buffer.concat([Buffer.from('ä\r\n\uFFFDö: '), Buffer.from([0xef, 0xbf]), Buffer.from('\n')]), [2, 5]],
  ['after a byte order mark', Buffer.concat([Buffer.from('\uFEFFa: '), Buffer.from([0xff])]), [1, 4]],
  ['half a pair of surrogates', Buffer.from([0x61, 0xed, 0xa0, 0x80]), [1, 2]],
  ['UTF-16 with a byte order mark', utf16('\uFEFFid: a\n'), [1, 1]],
  ['UTF-16 with a byte order mark, big-endian', utf16('\uFEFFid: a\n').swap16(), [1, 1]],
  ['UTF-16 without a byte order mark', utf16('id: a\n'), [1, 2]],
  ['UTF-16 without a byte order mark, big-endian', utf16('id: a\n').swap16(), [1, 1]],
])('refuses %s, with line and column', (_, bytes, [line, column]) => {
  expect(ruleText(bytes)).toMatchObject({ ok: false, line, column, message: expect.stringContaining('not UTF-8') as string });
});

test.each(['', 'a', 'a: \uFFFD 😀 ß\n', '\uFEFFid: a'])('reads %j unchanged', (text) => {
  expect(ruleText(Buffer.from(text))).toEqual({ ok: true, text });
});

test('check, test, match and replay report file, line and column, and exit 78', async () => {
  const events = folder.put('events.ndjson', '{"id":"1","@timestamp":1000,"city":"Köln"}\n');
  for (const [name, bytes] of [
    ['one.yaml', latin1(rule('Köln'))],
    ['datasets/shop.yaml', latin1('constants: { city: Köln }\n')],
  ] as const) {
    put(name, bytes);
    const place = name === 'one.yaml' ? '2:61' : '1:21';
    for (const argv of [
      ['check', rules],
      ['test', rules],
      ['match', events, '--rules', rules],
      ['replay', events, '--rules', rules],
    ]) {
      const { code, stdout, stderr } = await weir(argv);
      expect([argv[0], code]).toEqual([argv[0], 78]);
      expect(stdout + stderr).toContain(`${join(rules, name)}:${place}: error invalid-utf8`);
      expect(stdout + stderr).toContain('hint: save it as UTF-8');
    }
    put(name, '');
  }
});

it('keeps the last good version in a running engine', async () => {
  put('one.yaml', rule('Köln'));
  put('datasets/shop.yaml', 'dataset: shop\nconstants: { city: Köln }\n');
  const running = await openRules({ folder: rules, lookMs: 10, onLoaded: () => undefined, onFault: () => undefined });
  const stopped = running.run();
  const before = running.current().ruleset;
  put('one.yaml', latin1(rule('Köln ')));
  put('datasets/shop.yaml', utf16('dataset: other\n'));
  await until(() => running.current().problems.filter(({ code }) => code === 'invalid-utf8').length === 2);
  const after = running.current().ruleset;
  expect([after.hash, after.byId.get('one')?.hash, [...after.datasets.byName.keys()]]).toEqual([
    before.hash,
    before.byId.get('one')!.hash,
    ['shop'],
  ]);
  put('one.yaml', rule('Bonn'));
  await until(() => running.current().ruleset.byId.get('one')?.hash !== before.byId.get('one')!.hash);
  running.stop();
  await stopped;
});
