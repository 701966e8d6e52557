/** The walks of ARCHITECTURE.md: their files exist, they pass the stages in order, and they do not get longer. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { textOf, top } from './markdown.ts';

type Walk = { readonly text: string; readonly files: readonly string[]; readonly changes: number };

const walks = new Map(
  [...textOf('ARCHITECTURE.md').matchAll(/<!-- walk: (\w+) -->([^]*?)<!-- \/walk -->/g)].map(([, name, text]): [string, Walk] => {
    const files = [...text!.matchAll(/`([\w./-]+)`/g)].map(([, path]) => path!);
    const changes = files.filter((path, i) => i > 0 && dirname(path) !== dirname(files[i - 1]!)).length;
    return [name!, { text: text!, files, changes }];
  }),
);

/** Files and changes of folder that a walk may have. To be lowered when a walk gets shorter. */
const longest: Readonly<Record<string, readonly [files: number, changes: number]>> = {
  event: [57, 31],
  rule: [27, 9],
  alert: [15, 8],
  triage: [16, 14],
};

it.each(Object.entries(longest))('the walk "%s" is no longer than it was', (name, [files, changes]) => {
  const walk = walks.get(name)!;
  expect([walk.files.length, walk.changes]).toEqual([files, changes]);
});

it('names files that exist, each at most twice', () => {
  expect([...walks.keys()]).toEqual(Object.keys(longest));
  for (const { files } of walks.values()) {
    expect(files.filter((path) => !existsSync(join(top, path)))).toEqual([]);
    for (const path of files) expect(files.filter((one) => one === path).length, path).toBeLessThanOrEqual(2);
  }
});

it('leads an event through the seven stages in their order', () => {
  const stages = [...walks.get('event')!.text.matchAll(/\*\*(\w+)\*\*/g)].map(([, stage]) => stage);
  expect([...new Set(stages)]).toEqual(['ingest', 'decode', 'match', 'correlate', 'alert', 'forward', 'deliver']);
});

it('has a folder for each stage in each layer, as the table of stages says', () => {
  const table = /<!-- stages -->([^]*?)<!-- \/stages -->/.exec(textOf('ARCHITECTURE.md'))![1]!;
  const named = new Set([...table.matchAll(/`([\w/-]+)\/`/g)].map(([, path]) => path!));
  for (const path of named) expect(existsSync(join(top, path)), path).toBe(true);
  const stages = [...table.matchAll(/^\| (\w+) +\|/gm)].map(([, stage]) => stage!).filter((stage) => stage !== 'stage');
  expect(stages).toHaveLength(7);
  for (const stage of stages)
    for (const layer of ['core', 'runtime', 'redis', 'memory']) {
      const folder = `engine/${layer}/${stage}`;
      expect(named.has(folder), folder).toBe(existsSync(join(top, folder)));
    }
});
