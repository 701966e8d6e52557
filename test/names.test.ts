/** Whatever is used as a map of names must not find what objects inherit (support/names.ts). */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { looseNames } from './support/names.ts';

const top = join(import.meta.dirname, '..');
const tree = new Map(
  globSync(['engine/**/*.ts', 'api/**/*.ts'], { cwd: top }).map((path) => [path, readFileSync(join(top, path), 'utf8')]),
);

it('finds no access by a name that may be inherited in the whole tree', () => {
  expect(tree.size).toBeGreaterThan(50);
  expect(looseNames(tree)).toEqual([]);
});

const found = (text: string): string[] => looseNames(new Map([['a.ts', text]]));

it.each([
  ['a read', 'const f = (rows: Record<string, string>, id: string) => rows[id];', 'rows[id]'],
  [
    'a read of a property',
    'type A = { readonly group: Readonly<Record<string, string>> }; const f = (a: A, n: string) => a.group[n];',
    'a.group[n]',
  ],
  [
    'a read of JSON',
    'type Row = { readonly [key: string]: unknown }; const f = (text: string, id: string) => { const o = JSON.parse(text) as Row; return o[id]; };',
    'o[id]',
  ],
  ['a write', 'const good: Record<string, string> = {}; good[name] = "";', 'good[name]'],
  ['a read behind a cast', 'const f = (o: object, k: string) => (o as Record<string, unknown>)[k];', '(o as Record<string, unknown>)[k]'],
  ['in', 'const f = (o: object, k: string) => k in o;', 'k in o'],
])('finds %s', (_what, text, shown) => {
  expect(found(text)).toEqual([`a.ts:1: ${shown}`]);
});

it.each([
  ['a Map', 'const f = (rows: Map<string, string>, id: string) => rows.get(id);'],
  ['a closed set of names', 'const f = (by: Record<Level, number>, level: Level) => by[level];'],
  ['a look at its own first', 'const f = (o: Record<string, string>, k: string) => (Object.hasOwn(o, k) ? o[k] : undefined);'],
  ['an object without a prototype', 'const o: Record<string, string> = { __proto__: null }; o[name] = "";'],
  ['a name that is written out', "const f = (o: Record<string, string>) => o['id'] ?? ('id' in o);"],
])('passes %s', (_what, text) => {
  expect(found(text)).toEqual([]);
});
