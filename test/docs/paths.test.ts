/** Every file of the tree that a page names exists. */
import { globSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { pages, textOf, top } from './markdown.ts';

/** ARCHITECTURE.md is checked by coverage.test.ts; the changelog also names files that no longer exist. */
const checked = pages.filter((page) => !['ARCHITECTURE.md', 'CHANGELOG.md'].includes(page));

/** Folders of the tree. Other paths on the pages belong to the reader, such as `/etc/weir/rules` or a rule to write. */
const roots = 'api|bin|dashboards|docs|engine|test';
const named = new RegExp(String.raw`(?<![\w./-])(?:${roots})/[\w.*/-]*(?:<[\w| -]+>[\w.*/-]*)*`, 'g');

/** `<kind>.ts` stands for any file of the folder, `<a|b>/x.ts` for a/x.ts or b/x.ts. */
const globOf = (path: string): string =>
  path.replaceAll(/<([^>]+)>/g, (_all, inside: string) => (inside.includes('|') ? `{${inside.split('|').join(',')}}` : '*'));

const missingFrom = (text: string): string[] =>
  [...text.matchAll(named)].map(([path]) => path.replace(/[./]+$/, '')).filter((path) => globSync(globOf(path), { cwd: top }).length === 0);

describe('files that a page names', () => {
  test.each(checked)('%s', (page) => {
    expect(missingFrom(textOf(page))).toEqual([]);
  });
});

test('a file that does not exist is reported, also after a placeholder', () => {
  expect(missingFrom('see `engine/core/limits.ts`, engine/core/gone.ts, and (test/docs/).')).toEqual(['engine/core/gone.ts']);
  expect(missingFrom('`engine/core/<stage>/<file>.ts`, `engine/<core|gone>/limits.ts`, `engine/core/<stage>/<file>.lua`')).toEqual([
    'engine/core/<stage>/<file>.lua',
  ]);
});
