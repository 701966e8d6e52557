/** Which document gets an id that several claim, and which version a bad document with a changed id falls back to. */
import { describe, expect, test } from 'vitest';
import { compile, type SourceFile } from '../../../engine/compile/index.ts';
import type { RuleSet } from '../../../engine/core/rule.ts';

const rule = (id: string, value = 1, extra = ''): string =>
  `id: ${id}\nconditions: { all: [ { fact: a, operator: equal, value: ${value} } ] }\n${extra}`;
const bad = (id: string): string => `id: ${id}\nconditions: { all: [ { fact: a, operator: equl, value: 1 } ] }\n`;
const engineRule = (name: string, type: string, extra: object = {}): string =>
  JSON.stringify({ name, event: { type }, conditions: { all: [{ fact: 'a', operator: 'equal', value: 1 }] }, ...extra });
const sources = (texts: Readonly<Record<string, string>>): SourceFile[] => Object.entries(texts).map(([path, text]) => ({ path, text }));

/** The file and status of each rule, and the errors as `code file:line`. */
function load(texts: Readonly<Record<string, string>>, previous?: RuleSet, unread?: (file: string) => boolean) {
  const { ruleset, problems } = compile(sources(texts), { previous, ...(unread === undefined ? {} : { unread }) });
  return {
    ruleset,
    problems,
    live: Object.fromEntries(ruleset.rules.map(({ id, source, status }) => [id, `${source.file} ${status}`])),
    errors: problems.filter(({ severity }) => severity === 'error').map(({ code, file, line }) => `${code} ${file}:${line}`),
  };
}

const draft = 'status: draft\n';

describe('a copy of a running rule', () => {
  const running = load({ 'z.yaml': rule('steal') }).ruleset;

  test('is the duplicate, even if its path sorts earlier, also at later reloads', () => {
    const files = { 'a-copy.yaml': rule('steal', 1, draft), 'z.yaml': rule('steal') };
    const first = load(files, running);
    expect([first.live, first.errors]).toEqual([{ steal: 'z.yaml live' }, ['duplicate-id a-copy.yaml:1']]);
    expect(first.problems.find(({ code }) => code === 'duplicate-id')!.message).toContain('z.yaml:1:1, which is kept');
    const edited = load({ ...files, 'z.yaml': rule('steal', 2) }, first.ruleset);
    expect([edited.live, edited.errors]).toEqual([{ steal: 'z.yaml live' }, ['duplicate-id a-copy.yaml:1']]);
  });
  test.each([
    ['has an error', { 'z.yaml': bad('steal') }],
    ['is not YAML', { 'z.yaml': 'id: steal\nconditions: {{{\n' }],
    ['cannot be read', {}],
  ])('is still the duplicate while the original file %s', (what, z) => {
    const { live, errors } = load(
      { 'a-copy.yaml': rule('steal', 1, draft), ...z },
      running,
      (file) => what === 'cannot be read' && file === 'z.yaml',
    );
    expect(live).toEqual({ steal: 'z.yaml live' });
    expect(errors).toContain('duplicate-id a-copy.yaml:1');
  });
  test('replaces the original when that is removed', () => {
    expect(load({ 'a-copy.yaml': rule('steal') }, running).live).toEqual({ steal: 'a-copy.yaml live' });
    const moved = load({ 'a-copy.yaml': rule('steal'), 'z.yaml': rule('other') }, running);
    expect([moved.live, moved.errors]).toEqual([{ steal: 'a-copy.yaml live', other: 'z.yaml live' }, []]);
  });
  test('of two copies in new files, the first in order of path gets the id', () => {
    const { live, errors } = load({ 'b.yaml': rule('steal'), 'y.yaml': rule('steal') }, running);
    expect([live, errors]).toEqual([{ steal: 'b.yaml live' }, ['duplicate-id y.yaml:1']]);
  });
  test('in the same file, the original is the document with the running content', () => {
    const { live, errors } = load({ 'z.yaml': `${rule('steal', 1, draft)}---\n${rule('steal')}` }, running);
    expect([live, errors]).toEqual([{ steal: 'z.yaml live' }, ['duplicate-id z.yaml:1']]);
  });
  test('without a previous set, the first in order of path gets the id', () => {
    const { live, errors } = load({ 'a-copy.yaml': rule('steal', 1, draft), 'z.yaml': rule('steal') });
    expect([live, errors]).toEqual([{ steal: 'a-copy.yaml draft' }, ['duplicate-id z.yaml:1']]);
  });
});

test('a copy of a mapping is treated in the same way', () => {
  const path = 'datasets/z.yaml';
  const running = load({ [path]: 'dataset: shop\nid: one\n' }).ruleset;
  const copied = { 'datasets/a.yaml': 'dataset: shop\nid: two\n', [path]: 'dataset: shop\nid: one\n' };
  const idOf = ({ ruleset }: { ruleset: RuleSet }) => ruleset.datasets.byName.get('shop')?.id?.name;
  const at = load(copied, running);
  expect([idOf(at), at.errors]).toEqual(['one', ['duplicate-dataset datasets/a.yaml:1']]);
  const broken = load({ ...copied, [path]: 'dataset: shop\nid: [\n' }, at.ruleset);
  expect(idOf(broken)).toBe('one');
  expect(broken.errors).toContain('duplicate-dataset datasets/a.yaml:1');
  expect(idOf(load({ 'datasets/a.yaml': copied['datasets/a.yaml'] }, at.ruleset))).toBe('two');
  expect(idOf(load(copied))).toBe('two');
});

describe('json-rules-engine rules with the same name', () => {
  const files = { 'a.json': engineRule('Big order', 't1'), 'b.json': engineRule('Big order', 't2') };

  const both = { 'big-order': 'a.json live', t2: 'b.json live' };

  test('are distinguished by event type; with the same type they are duplicates, with a hint', () => {
    const { live, errors, ruleset } = load(files);
    expect([live, errors]).toEqual([both, []]);
    expect(load(files, ruleset).live).toEqual(both);
    const same = { 'a.json': engineRule('Big order', 't1'), 'b.json': engineRule('Big order', 'big-order') };
    const { errors: refused, problems } = load(same);
    expect(refused).toEqual(['duplicate-id b.json:1']);
    expect(problems.find(({ code }) => code === 'duplicate-id')!.hint).toBe('give one of the rules a different name, or an "id"');
    expect(load({ ...same, 'b.json': engineRule('Big order', 'big-order', { id: 'big-order-2' }) }).errors).toEqual([]);
  });
  test('are duplicates if they have the same event type and no name', () => {
    const nameless = JSON.stringify({ event: { type: 't1' }, conditions: { all: [{ fact: 'a', operator: 'equal', value: 1 }] } });
    expect(load({ 'a.json': nameless, 'b.json': nameless }).errors).toEqual(['duplicate-id b.json:1']);
  });
  test('keep their ids when the other one is broken, removed or restored, or a third is added before', () => {
    const { ruleset } = load(files);
    const broken = load({ ...files, 'a.json': '{ "name": "Big order", ' }, ruleset);
    expect(broken.live).toEqual(both);
    expect(load(files, broken.ruleset).live).toEqual(both);
    const alone = load({ 'b.json': files['b.json'] }, ruleset);
    expect(alone.live).toEqual({ t2: 'b.json live' });
    expect(load(files, alone.ruleset).live).toEqual(both);
    const newcomer = load({ ...files, '0.json': engineRule('Big order', 't0') }, ruleset);
    expect([newcomer.live, newcomer.errors]).toEqual([{ ...both, t0: '0.json live' }, []]);
    expect(load({ 'a.json': files['a.json'] }, load({ 'a.json': files['a.json'] }).ruleset).live).toEqual({ 'big-order': 'a.json live' });
    const joined = load(files, load({ 'a.json': files['a.json'] }).ruleset);
    expect(joined.live).toEqual(both);
  });
});

test('a mapping that keeps its last good version recognises in its old order', () => {
  const mapping = (name: string): string => `dataset: ${name}\nrecognise: { all: [{ fact: kind, operator: exists, value: true }] }\n`;
  const texts = { 'datasets/a.yaml': mapping('a'), 'datasets/b.yaml': mapping('b') };
  const { ruleset } = load(texts);
  const broken = load({ ...texts, 'datasets/a.yaml': 'dataset: [' }, ruleset).ruleset;
  const order = ({ datasets }: RuleSet): string[] => datasets.recognisable.map(({ name }) => name);
  expect([order(ruleset), order(broken)]).toEqual([
    ['a', 'b'],
    ['a', 'b'],
  ]);
  expect(broken.hash).toBe(ruleset.hash);
});

describe('a bad document whose id has also changed', () => {
  const ids = (texts: Readonly<Record<string, string>>, previous: RuleSet) => Object.keys(load(texts, previous).live);
  const one = load({ 'c.yaml': rule('cnt') }).ruleset;

  test('keeps its last good version until it is fixed', () => {
    const first = load({ 'c.yaml': bad('cnt-new') }, one);
    expect([first.live, first.errors]).toEqual([{ cnt: 'c.yaml live' }, ['unknown-operator c.yaml:2']]);
    const second = load({ 'c.yaml': bad('cnt-newer') }, first.ruleset);
    expect(Object.keys(second.live)).toEqual(['cnt']);
    expect(ids({ 'c.yaml': rule('cnt-new') }, second.ruleset)).toEqual(['cnt-new']);
  });
  test('keeps it if the error is that the new id is taken, by a rule or by a mapping', () => {
    const two = load({ 'c.yaml': rule('cnt'), 'z.yaml': rule('steal') }).ruleset;
    const renamed = load({ 'c.yaml': rule('steal'), 'z.yaml': rule('steal') }, two);
    expect([renamed.live, renamed.errors]).toEqual([{ cnt: 'c.yaml live', steal: 'z.yaml live' }, ['duplicate-id c.yaml:1']]);
    const mapped = load({ 'datasets/a.yaml': 'dataset: a\n', 'datasets/b.yaml': 'dataset: b\n' }).ruleset;
    const { ruleset } = load({ 'datasets/a.yaml': 'dataset: b\n', 'datasets/b.yaml': 'dataset: b\n' }, mapped);
    expect([...ruleset.datasets.byName.keys()].toSorted()).toEqual(['a', 'b']);
  });
  test('does not keep it if another document has the old id', () => {
    expect(load({ 'c.yaml': bad('cnt-new'), 'd.yaml': rule('cnt') }, one).live).toEqual({ cnt: 'd.yaml live' });
  });
  test('does not keep it if the new id has a last good version', () => {
    const two = load({ 'c.yaml': rule('cnt'), 'd.yaml': rule('dnt') }).ruleset;
    expect(ids({ 'c.yaml': bad('dnt') }, two)).toEqual(['dnt']);
  });

  const three = load({ 'c.yaml': [rule('a'), rule('b'), rule('c')].join('---\n') }).ruleset;
  const became = (...documents: string[]) => ids({ 'c.yaml': documents.join('---\n') }, three);
  test('is identified by its place among several', () => {
    expect(became(rule('a'), bad('new'), rule('c'))).toEqual(['a', 'b', 'c']);
    expect(became(bad('new'), rule('b'), rule('d'))).toEqual(['a', 'b', 'd']);
  });
  test('keeps nothing if it is new at the end of the file', () => {
    expect(became(rule('a'), rule('b'), rule('c'), bad('new'))).toEqual(['a', 'b', 'c']);
    expect(became(rule('b'), rule('c'), bad('c-new'))).toEqual(['b', 'c']);
  });
  test('keeps every missing rule if documents were added or removed in the same save', () => {
    expect(became(rule('a'), bad('new'))).toEqual(['a', 'b', 'c']);
    const kept = load({ 'c.yaml': [rule('a'), bad('new')].join('---\n') }, three).ruleset;
    expect(ids({ 'c.yaml': [rule('a'), bad('newer')].join('---\n') }, kept)).toEqual(['a', 'b', 'c']);
    expect(ids({ 'c.yaml': [rule('a'), rule('new')].join('---\n') }, kept)).toEqual(['a', 'new']);
  });
});
