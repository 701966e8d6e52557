/** What docs/console.md says of keys is what the console does, and the pictures are there. */
import { readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { bindings } from '../../api/console/state/keys.ts';
import { codes, pages, tableOf, textOf, top } from './markdown.ts';

test('every key, in order, with its place and what it does', () => {
  const documented = tableOf('docs/console.md', 'key').map(([key, where, does]) => [codes(key!)[0], where, does]);
  expect(documented).toEqual(bindings.map(({ key, where, does }) => [key, where, does]));
});

test('every picture is there, is one, and is small', () => {
  const named = pages.flatMap((page) =>
    [...textOf(page).matchAll(/!\[[^\]]+\]\(([^)]+\.png)\)/g)].map(([, path]) => join(top, dirname(page), path!)),
  );
  expect(named.length).toBeGreaterThan(2);
  for (const path of named) {
    expect(readFileSync(path).subarray(1, 4).toString(), path).toBe('PNG');
    expect(statSync(path).size, path).toBeLessThan(200_000);
  }
});
