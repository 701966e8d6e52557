/** The running rules follow their folder: a good set replaces the old one, a bad document keeps its last good version (D10). */
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openRules, type Loaded, type Rules } from '../../engine/runtime/reload.ts';
import { until } from '../support/processes.ts';
import { countRule } from '../support/rules.ts';

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
    onFault: (fault) => void faults.push(fault),
  });
  running = rules.run();
});
afterEach(async () => {
  rules.stop();
  await running;
  await rm(folder, { recursive: true, force: true });
});

it('takes new, changed and deleted files', async () => {
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

it('keeps the last good version of a bad document, and reports it; the rest goes live', async () => {
  const one = rules.current().ruleset.byId.get('one')!;
  await write('one.yaml', 'id: one\nconditions: { all: [');
  await write('three.yaml', countRule('three', 'gte: 2'));
  await until(() => ids().includes('three') && errors().length > 0);
  expect(ids()).toEqual(['one', 'three', 'two']);
  expect(rules.current().ruleset.byId.get('one')!.hash).toBe(one.hash);
  await write('one.yaml', countRule('one', 'gte: 3', 'title: Mended'));
  await until(() => rules.current().ruleset.byId.get('one')?.title === 'Mended');
  expect(errors()).toEqual([]);
});

it('leaves out a new document that is bad, and what editors leave behind', async () => {
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
  await until(() => faults.length > 0);
  expect(ids()).toEqual(['one', 'two']);
  await rename(`${folder}-away`, folder);
  await write('three.yaml', countRule('three', 'gte: 2'));
  await until(() => ids().includes('three'));
});

it('tells once that its folder is gone, has it among the problems, and is in order again when it is back as it was', async () => {
  await rename(folder, `${folder}-away`);
  await until(() => errors().includes('unreadable'));
  const [problem] = rules.current().problems;
  expect(problem).toMatchObject({ file: folder, severity: 'error', message: expect.stringContaining('stay') });
  const before = loads.length;
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(faults).toHaveLength(1);
  expect(ids()).toEqual(['one', 'two']);
  await rename(`${folder}-away`, folder);
  await until(() => loads.length > before);
  expect(errors()).toEqual([]);
});

it('follows a single file; a path where nothing is says so at once', async () => {
  const path = join(folder, 'one.yaml');
  const onFault = (fault: unknown): void => void faults.push(fault);
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
