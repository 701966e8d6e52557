/** If there are no rules, each command says what to do, naming its own options. */
import { expect, it } from 'vitest';
import { testFolder, weir } from './explain/explain.support.ts';

const folder = testFolder();
const rules = folder.put('r.yaml', 'id: any\nconditions: { all: [{ fact: a, operator: exists, value: true }] }\n');
const nowhere = `${folder.path}/nowhere`;

it.each([
  [['check', nowhere], 'Give existing rule files or folders.'],
  [['check', rules, nowhere], 'Give existing rule files or folders.'],
  [['test', nowhere], 'Give existing rule files or folders.'],
  [['match', '-', '--rules', nowhere], 'Give an existing folder or file with --rules.'],
  [['replay', '-', '--rules', nowhere], 'Give an existing folder or file with --rules.'],
  [['replay', '-', '--rules', rules, '--against', nowhere], 'Give an existing folder or file with --against.'],
  [['explain', '--event', '-', '--rules', nowhere], 'Give an existing folder or file with --rules.'],
])('%j', async (argv, hint) => {
  const { code, stderr } = await weir(argv);
  expect({ code, stderr }).toEqual({ code: 78, stderr: `weir: no rules at ${nowhere}\n  ${hint}\n` });
});
