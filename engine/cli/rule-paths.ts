/**
 * Rules of several paths, compiled together. A rule file alone would lack the mappings that its tests rely on, so the
 * nearest `datasets/` folder beside or above each path is read along with it.
 */
import { existsSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileKind } from '../compile/source/documents.ts';
import { compile } from '../compile/index.ts';
import type { Config } from '../config/config.ts';
import type { Rule } from '../core/rule.ts';
import type { RuleSet } from '../core/ruleset.ts';
import { exitCodes, WeirError } from '../errors.ts';
import { readRuleFolder, type RuleFolder } from '../runtime/rules/folder.ts';
import type { Io } from './command.ts';
import { refuseProblems } from './rules.ts';

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
 * @throws WeirError (78) when a path is not there, or on any rule error, after naming each; (1) when a given one holds no rule file
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
  const [missing] = withoutRules(given, folders);
  if (missing !== undefined) throw new WeirError(missing, '', exitCodes.findings);
  return { ruleset, chosen: ({ source }) => paths.some((path) => isIn(source.file, path)) };
}

/**
 * What is to be said of paths that were named and hold no rule file: a name misspelt by a letter must not look like a
 * file without faults.
 * @param folders what was read at them, in the same order
 */
export function withoutRules(given: readonly string[], folders: readonly RuleFolder[]): string[] {
  return given
    .filter((_, at) => folders[at]!.files.every(({ path }) => fileKind(path) === 'other'))
    .map((path) => `no rule file at ${path}: looked for *.yaml, *.yml and *.json`);
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
