/**
 * Rules of several paths, compiled together. A rule file alone would lack the mappings that its tests rely on, so the
 * nearest `datasets/` folder beside or above each path is read along with it.
 */
import { existsSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { compile } from '../compile/index.ts';
import type { Config } from '../config.ts';
import type { Rule } from '../core/rule.ts';
import type { RuleSet } from '../core/ruleset.ts';
import { readRuleFolder } from '../runtime/rule-folder.ts';
import type { Io } from './command.ts';
import { refuseProblems } from './rules-option.ts';

export type ChosenRules = {
  readonly ruleset: RuleSet;
  /** Whether a rule stands in one of the paths. */
  readonly chosen: (rule: Rule) => boolean;
};

/** What to do when nothing is at one of the paths. @param given as arguments; those of WEIR_RULES otherwise */
export const pathsRemedy = (given: boolean): string =>
  given ? 'Give rule files or folders that are there.' : 'Set WEIR_RULES to an existing folder, or give paths.';

/**
 * @param given empty: those of WEIR_RULES
 * @throws WeirError (78) when a path is not there, or on any rule error, after naming each
 */
export async function loadRulesOf(
  given: readonly string[],
  config: Pick<Config, 'rulesPath'>,
  io: Pick<Io, 'say' | 'color'>,
): Promise<ChosenRules> {
  const paths = given.length > 0 ? given : [config.rulesPath];
  const folders = await Promise.all(
    [...paths, ...new Set(paths.flatMap(datasetsNear))].map((path) => readRuleFolder(path, pathsRemedy(given.length > 0))),
  );
  const files = new Map(folders.flatMap((folder) => folder.files).map((file) => [resolve(file.path), file]));
  const { ruleset, problems } = compile([...files.values()]);
  refuseProblems([...folders.flatMap((folder) => folder.problems), ...problems], paths.join(' '), [...files.values()], io);
  return { ruleset, chosen: ({ source }) => paths.some((path) => isIn(source.file, path)) };
}

const isIn = (file: string, path: string): boolean => !relative(path, file).startsWith('..');

/** How far up the mappings are looked for: a rules folder is not deeper. */
const levelsMax = 5;

function datasetsNear(path: string): string[] {
  let folder = resolve(path);
  for (let level = 0; level < levelsMax; level++) {
    const candidate = join(folder, 'datasets');
    if (existsSync(candidate)) return [relative(process.cwd(), candidate) || candidate];
    if (dirname(folder) === folder) break;
    folder = dirname(folder);
  }
  return [];
}
