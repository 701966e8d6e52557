/** docs/console.md describes the console's keys as they are, and its pictures exist. */
import { readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { bindings } from '../../api/console/state/keys.ts';
import { codes, pages, tableOf, textOf, top } from './markdown.ts';

test('lists every key, in order, with its place and its effect', () => {
  const documented = tableOf('docs/console.md', 'key').map(([key, where, does]) => [codes(key!)[0], where, does]);
  expect(documented).toEqual(bindings.map(({ key, where, does }) => [key, where, does]));
});

test('shows only pictures that exist, are valid and are small', () => {
  const named = pages.flatMap((page) =>
    [...textOf(page).matchAll(/!\[[^\]]+\]\(([^)]+\.png)\)/g)].map(([, path]) => join(top, dirname(page), path!)),
  );
  expect(named.length).toBeGreaterThan(2);
  for (const path of named) {
    expect(readFileSync(path).subarray(1, 4).toString(), path).toBe('PNG');
    expect(statSync(path).size, path).toBeLessThan(200_000);
  }
});
