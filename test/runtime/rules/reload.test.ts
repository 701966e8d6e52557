/** The running rules follow their folder: a good set replaces the old one, a bad document keeps its last good version. */
import { chmod, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openRules, type Loaded, type Rules } from '../../../engine/runtime/rules/reload.ts';
import { until } from '../../support/processes.ts';
import { countRule } from '../../support/rules.ts';

let folder: string;
let rules: Rules;
let running: Promise<void>;
const loads: Loaded[] = [];
const faults: unknown[] = [];

const write = (name: string, text: string): Promise<void> => writeFile(join(folder, name), text);
const ids = (): string[] =>
  rules
    .current()
    .ruleset.rules.map(({ id }) => id)
    .sort();
const errors = (): string[] =>
  rules
    .current()
    .problems.filter(({ severity }) => severity === 'error')
    .map(({ code }) => code);

/** Runs as an unprivileged user, because root can read everything. */
async function unprivileged(look: () => Promise<void>): Promise<void> {
  const isRoot = process.geteuid!() === 0;
  if (isRoot) process.seteuid!(65_534);
  try {
    await look();
  } finally {
    if (isRoot) process.seteuid!(0);
  }
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weir-rules-'));
  loads.length = 0;
  faults.length = 0;
  await write('one.yaml', countRule('one', 'gte: 2'));
  await write('two.yaml', countRule('two', 'gte: 2'));
  rules = await openRules({
    folder,
    lookMs: 10,
    onLoaded: (loaded) => void loads.push(loaded),
    onFault: (_, fault) => void faults.push(fault),
  });
  running = rules.run();
});
afterEach(async () => {
  rules.stop();
  await running;
  await rm(folder, { recursive: true, force: true });
});

/** A problem of the folder itself. */
const ofFolder = (severity: string, code: string, message: string, hint: string): object => ({
  file: folder,
  line: 1,
  column: 1,
  severity,
  code,
  message: expect.stringContaining(message) as string,
  hint: expect.stringContaining(hint) as string,
});

it('loads new, changed and deleted files', async () => {
  const before = rules.current().ruleset;
  expect(ids()).toEqual(['one', 'two']);
  await write('three.yaml', countRule('three', 'gte: 2'));
  await until(() => ids().includes('three'));
  expect(before.rules.map(({ id }) => id)).toEqual(['one', 'two']);
  await write('one.yaml', countRule('one', 'gte: 7', 'title: Seven'));
  await until(() => rules.current().ruleset.byId.get('one')!.title === 'Seven');
  await rm(join(folder, 'two.yaml'));
  await until(() => !ids().includes('two'));
  expect(ids()).toEqual(['one', 'three']);
});

it('keeps the last good version of a bad document and reports it; the others go live', async () => {
  const one = rules.current().ruleset.byId.get('one')!;
  await write('one.yaml', 'id: one\nconditions: { all: [');
  await write('three.yaml', countRule('three', 'gte: 2'));
  await until(() => ids().includes('three') && errors().length > 0);
  expect(ids()).toEqual(['one', 'three', 'two']);
  expect(rules.current().ruleset.byId.get('one')!.hash).toBe(one.hash);
  await write('one.yaml', countRule('one', 'gte: 3', 'title: Fixed'));
  await until(() => rules.current().ruleset.byId.get('one')?.title === 'Fixed');
  expect(errors()).toEqual([]);
});

it('leaves out new bad documents, and files that editors leave behind', async () => {
  await write('bad.yaml', 'id: bad\nwrong: true\n');
  await write('.one.yaml.swp', 'not: [a rule');
  await write('#one.yaml#', 'not: [a rule');
  await write('one.yaml~', 'not: [a rule');
  await until(() => errors().length > 0);
  expect(ids()).toEqual(['one', 'two']);
  const blamed = rules
    .current()
    .problems.filter(({ severity }) => severity === 'error')
    .map(({ file }) => file);
  expect(blamed.every((file) => file.endsWith('bad.yaml'))).toBe(true);
});

it('survives a hundred saves in a row, a rename, and the loss of its folder', async () => {
  for (let i = 0; i < 100; i++)
    await write('one.yaml', countRule('one', `gte: ${i + 2}`, `title: T${i}`).slice(0, i % 2 === 0 ? undefined : 40));
  await write('one.yaml', countRule('one', 'gte: 2', 'title: Last'));
  await until(() => rules.current().ruleset.byId.get('one')?.title === 'Last');
  await rename(join(folder, 'two.yaml'), join(folder, 'zwei.yaml'));
  await until(() => rules.current().ruleset.byId.get('two')?.source.file.endsWith('zwei.yaml') === true);
  await rename(folder, `${folder}-away`);
  await until(() => errors().includes('folder-missing'));
  expect(ids()).toEqual(['one', 'two']);
  await rename(`${folder}-away`, folder);
  await until(() => errors().length === 0);
  await write('three.yaml', countRule('three', 'gte: 2'));
  await until(() => ids().includes('three'));
});

it('keeps all rules and mappings while the folder is gone, reports it once, and recovers when it is back', async () => {
  await mkdir(join(folder, 'datasets'));
  await write('datasets/shop.yaml', 'dataset: shop\nfields: { user.id: buyer }\n');
  await until(() => rules.current().ruleset.datasets.byName.has('shop'));
  const { hash } = rules.current().ruleset;
  const before = loads.length;
  await rename(folder, `${folder}-away`);
  await until(() => errors().length > 0);
  expect(rules.current().problems).toEqual([ofFolder('error', 'folder-missing', 'ENOENT', 'restore it')]);
  expect(rules.current().ruleset.hash).toBe(hash);
  expect(rules.current().ruleset.datasets.byName.has('shop')).toBe(true);
  await rename(`${folder}-away`, folder);
  await until(() => errors().length === 0);
  expect([ids(), rules.current().ruleset.hash]).toEqual([['one', 'two'], hash]);
  expect([loads.length - before, faults]).toEqual([2, []]);
});

it.each(['', 'not a rule', countRule('three', 'gte: 2')])('keeps all rules while a file stands in place of the folder: %j', async (text) => {
  const { hash } = rules.current().ruleset;
  await rename(folder, `${folder}-away`);
  await writeFile(folder, text);
  await until(() => errors().includes('folder-replaced'));
  expect(rules.current().problems).toEqual([ofFolder('error', 'folder-replaced', 'a file stands in its place', 'restore it')]);
  expect([ids(), rules.current().ruleset.hash]).toEqual([['one', 'two'], hash]);
  await rm(folder);
  await rename(`${folder}-away`, folder);
  await until(() => errors().length === 0);
  expect([ids(), rules.current().ruleset.hash, faults]).toEqual([['one', 'two'], hash, []]);
});

it('warns about a folder that has no rules any more, until it has one again', async () => {
  const warned = () => rules.current().problems.filter(({ code }) => code === 'no-rule-left');
  await rm(join(folder, 'one.yaml'));
  await until(() => ids().length === 1);
  expect(warned()).toEqual([]);
  await rm(join(folder, 'two.yaml'));
  await until(() => ids().length === 0);
  expect(rules.current().problems).toEqual([ofFolder('warning', 'no-rule-left', 'no rules any more', 'mounted')]);
  const before = loads.length;
  await write('notes.txt', 'looked at again');
  await until(() => loads.length > before);
  expect(warned()).toHaveLength(1);
  await write('one.yaml', countRule('one', 'gte: 2'));
  await until(() => ids().length === 1);
  expect([warned(), errors()]).toEqual([[], []]);
});

it('does not let a copy replace a running rule until the original is removed, even if its path sorts earlier', async () => {
  await write('a-copy.yaml', countRule('two', 'gte: 9', 'status: draft'));
  await until(() => errors().length > 0);
  const blamed = rules.current().problems.find(({ code }) => code === 'duplicate-id');
  expect(blamed?.file).toBe(join(folder, 'a-copy.yaml'));
  const two = () => rules.current().ruleset.byId.get('two')!;
  expect([two().status, two().source.file]).toEqual(['live', join(folder, 'two.yaml')]);
  await rm(join(folder, 'two.yaml'));
  await until(() => errors().length === 0);
  expect([two().status, two().source.file]).toEqual(['draft', join(folder, 'a-copy.yaml')]);
});

it('keeps the last good version of a bad document whose id was changed in the same save', async () => {
  const { hash } = rules.current().ruleset;
  await write('one.yaml', countRule('one-new', 'gte: 2').replace('equal', 'equl'));
  await until(() => errors().length > 0);
  expect([errors(), ids(), rules.current().ruleset.hash]).toEqual([['unknown-operator'], ['one', 'two'], hash]);
  await write('one.yaml', countRule('one-new', 'gte: 2'));
  await until(() => errors().length === 0);
  expect(ids()).toEqual(['one-new', 'two']);
});

it('keeps the rules of a folder that it can no longer read', async () => {
  await chmod(folder, 0o000);
  await unprivileged(async () => {
    await until(() => errors().length > 0);
    expect([ids(), errors()]).toEqual([['one', 'two'], ['unreadable']]);
    expect(rules.current().problems).toMatchObject([{ file: folder, hint: 'check its permissions' }]);
  });
  await chmod(folder, 0o700);
  await until(() => errors().length === 0);
  expect(ids()).toEqual(['one', 'two']);
});

it('keeps the rules of a file that it can no longer read, and drops those of one that was removed', async () => {
  await chmod(folder, 0o777);
  await chmod(join(folder, 'one.yaml'), 0o000);
  await unprivileged(async () => {
    await rm(join(folder, 'two.yaml'));
    await write('three.yaml', countRule('three', 'gte: 2'));
    await until(() => ids().includes('three') && errors().length > 0);
  });
  expect([ids(), errors()]).toEqual([['one', 'three'], ['unreadable']]);
  await chmod(join(folder, 'one.yaml'), 0o644);
  await until(() => errors().length === 0);
  expect(ids()).toEqual(['one', 'three']);
});

it('follows a single file, and reports a missing path immediately', async () => {
  const path = join(folder, 'one.yaml');
  const onFault = (_: string, fault: unknown): void => void faults.push(fault);
  const single = await openRules({ folder: path, lookMs: 10, onLoaded: () => undefined, onFault });
  const looking = single.run();
  await write('one.yaml', countRule('renamed', 'gte: 2'));
  await until(() => single.current().ruleset.byId.has('renamed'));
  single.stop();
  await looking;
  const missing = openRules({ folder: join(folder, 'nowhere'), onLoaded: () => undefined, onFault });
  await expect(missing).rejects.toThrow(/no rules at .*nowhere/);
  expect(faults).toEqual([]);
});
