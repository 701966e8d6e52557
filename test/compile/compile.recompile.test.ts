/** A rule set made again from its sources, as another thread makes it, is the same set. */
import { describe, expect, it } from 'vitest';
import { compile, recompile, sourceOf } from '../../engine/compile/index.ts';
import type { RuleSet } from '../../engine/core/rule.ts';

const rule = (id: string, value: string): string => `id: ${id}\nconditions: { all: [{ fact: k, operator: equal, value: ${value} }] }\n`;
const mapping = 'dataset: web\nfields: { source.ip: ip }\n';
const again = (ruleset: RuleSet): RuleSet => recompile(structuredClone(sourceOf(ruleset)));

describe('a rule set made again', () => {
  const files = [
    { path: 'rules/a.yaml', text: `${rule('a', 'x')}---\n${rule('b', 'y')}` },
    { path: 'rules/c.json', text: JSON.stringify({ conditions: { all: [{ fact: 'k', operator: 'exists', value: true }] } }) },
    { path: 'rules/datasets/web.yaml', text: mapping },
  ];
  const first = compile(files).ruleset;

  it('has the same rules and mappings', () => {
    const made = again(first);
    expect(made.hash).toBe(first.hash);
    expect(made.rules.map(({ id, hash }) => [id, hash])).toEqual(first.rules.map(({ id, hash }) => [id, hash]));
    expect([...made.datasets.byName.keys()]).toEqual([...first.datasets.byName.keys()]);
  });

  it('has the older versions that the set keeps of broken documents', () => {
    const edited = [
      { path: 'rules/a.yaml', text: `${rule('a', 'z')}---\n${rule('b', '[').replace('\n', '\nlevel: high\n')}` },
      files[1]!,
      { path: 'rules/datasets/web.yaml', text: 'dataset: [' },
    ];
    const kept = compile(edited, { previous: first }).ruleset;
    expect(kept.byId.has('b')).toBe(true);
    expect(again(kept).hash).toBe(kept.hash);
    expect(again(again(kept)).hash).toBe(kept.hash);
  });

  it('may be empty', () => expect(again(compile([]).ruleset).rules).toEqual([]));
});
