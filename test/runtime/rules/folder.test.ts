/** A rules folder with links: each file is read once, under its own path, and no loop is followed. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { openRules } from '../../../engine/runtime/rules/reload.ts';
import { readRuleFolder } from '../../../engine/runtime/rules/folder.ts';
import { until } from '../../support/processes.ts';

const base = mkdtempSync(join(tmpdir(), 'weir-folder-'));
afterAll(() => rmSync(base, { recursive: true }));
const top = join(base, 'rules');
const put = (name: string): void => writeFileSync(join(top, name), `id: ${name.replaceAll(/\W/g, '-')}\n`);
beforeEach(() => {
  rmSync(top, { recursive: true, force: true });
  mkdirSync(join(top, 'b', 'c'), { recursive: true });
  for (const name of ['a.yaml', 'b/b.yml', 'b/c/c.json', 'b/notes.txt', 'b/.hidden.yaml', 'b/#draft.yaml#']) put(name);
});

const all = ['a.yaml', 'b/b.yml', 'b/c/c.json'];
async function read(from = top): Promise<{ files: string[]; problems: string[] }> {
  const { files, problems } = await readRuleFolder(from);
  return {
    files: files.map(({ path }) => relative(from, path)),
    problems: problems.map(({ file, severity, code }) => `${relative(from, file)} ${severity} ${code}`),
  };
}

it('reads rule files only', async () => expect(await read()).toEqual({ files: all, problems: [] }));

it('reports a link to a parent folder, and does not follow it', async () => {
  symlinkSync('.', join(top, 'loop'));
  symlinkSync('../..', join(top, 'b', 'c', 'up'));
  // Two of them: if followed, each of forty levels would have twice as many folders as the one above.
  expect(await read()).toEqual({ files: all, problems: ['b/c/up warning link-loop', 'loop warning link-loop'] });
});

it('reports such a link also if the rules folder is a link itself', async () => {
  symlinkSync(top, join(base, 'linked'));
  symlinkSync(join(base, 'linked'), join(top, 'b', 'round'));
  expect(await read(join(base, 'linked'))).toEqual({ files: all, problems: ['b/round warning link-loop'] });
});

it('reads a file reached twice through links once, under its own path', async () => {
  symlinkSync('b', join(top, 'a-first'));
  symlinkSync('..', join(top, 'b', 'c', 'self'));
  symlinkSync('b.yml', join(top, 'b', 'z.yaml'));
  mkdirSync(join(top, 'd'));
  symlinkSync('../b/c', join(top, 'd', 'to-c'));
  symlinkSync('../d', join(top, 'b', 'to-d'));
  expect(await read()).toEqual({ files: all, problems: ['b/c/self warning link-loop'] });
});

it('reads files that only links lead to, as in a mounted ConfigMap, which is a hidden folder and links', async () => {
  mkdirSync(join(top, '..2026'));
  mkdirSync(join(top, '..2026', 'sub'));
  for (const name of ['..2026/m.yaml', '..2026/sub/n.yaml']) put(name);
  symlinkSync('..2026', join(top, '..data'));
  symlinkSync('..data/m.yaml', join(top, 'm.yaml'));
  symlinkSync('..data/sub', join(top, 'sub'));
  symlinkSync('..', join(top, '..2026', 'sub', 'back'));
  expect(await read()).toEqual({ files: [...all, 'm.yaml', 'sub/n.yaml'], problems: ['sub/back warning link-loop'] });
});

it('refuses links that lead out of the folder', async () => {
  mkdirSync(join(base, 'outside'), { recursive: true });
  writeFileSync(join(base, 'outside', 'x.yaml'), 'id: x\n');
  symlinkSync(join(base, 'outside'), join(top, 'folder'));
  symlinkSync(join(base, 'outside', 'x.yaml'), join(top, 'x.yaml'));
  mkdirSync(join(base, 'rules-of-others'), { recursive: true });
  symlinkSync(join(base, 'rules-of-others'), join(top, 'neighbour'));
  mkdirSync(join(top, '..no-parent'));
  symlinkSync('..no-parent', join(top, 'dots'));
  expect(await read()).toEqual({
    files: all,
    problems: ['folder error link-outside', 'neighbour error link-outside', 'x.yaml error link-outside'],
  });
});

it('reports a dangling link as unreadable', async () => {
  symlinkSync('gone.yaml', join(top, 'dangling.yaml'));
  symlinkSync('self.yaml', join(top, 'self.yaml'));
  expect(await read()).toEqual({ files: all, problems: ['dangling.yaml error unreadable', 'self.yaml error unreadable'] });
});

it('reads a single file whatever its name, and reports a missing path', async () => {
  expect((await readRuleFolder(join(top, 'b', 'notes.txt'))).files).toHaveLength(1);
  await expect(readRuleFolder(join(top, 'nowhere'), 'Look elsewhere.')).rejects.toMatchObject({
    message: expect.stringContaining('no rules at') as string,
    hint: 'Look elsewhere.',
  });
});

it('reloads a folder that has link loops', async () => {
  symlinkSync('.', join(top, 'one'));
  symlinkSync('.', join(top, 'two'));
  const rules = await openRules({ folder: top, lookMs: 10, onLoaded: () => undefined, onFault: () => undefined });
  const problems = (code: string): number => rules.current().problems.filter((one) => one.code === code).length;
  expect(problems('link-loop')).toBe(2);
  const running = rules.run();
  for (const name of ['one', 'two']) rmSync(join(top, name));
  await until(() => problems('link-loop') === 0);
  put('new.yaml');
  await until(() => rules.current().problems.some(({ file }) => file.endsWith('new.yaml')));
  rules.stop();
  await running;
});
