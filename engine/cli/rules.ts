/** Loads the rules a command was told to use; any error in them ends the command with 78, problems on stderr. */
import { type SourceFile, fileKind } from '../compile/source/documents.ts';
import { compile } from '../compile/index.ts';
import type { Config } from '../config/config.ts';
import type { Problem } from '../core/problem.ts';
import type { RuleSet, Rule } from '../core/rule.ts';
import { exitCodes, WeirError } from '../errors.ts';
import { readRuleFolder, type RuleFolder } from '../runtime/rules/folder.ts';
import type { Io } from './command.ts';
import { formatProblems } from './format/problems.ts';
import { existsSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

/** Where rules are, and what to do when nothing is there. */
export type RulesPath = { readonly path: string; readonly remedy: string };

/** @param given with the option of that name; undefined: those of WEIR_RULES */
export const rulesPathOf = (given: string | undefined, config: Pick<Config, 'rulesPath'>, option = '--rules'): RulesPath =>
  given === undefined
    ? { path: config.rulesPath, remedy: `Set WEIR_RULES to an existing folder, or give one with ${option}.` }
    : { path: given, remedy: `Give an existing folder or file with ${option}.` };

/** @throws WeirError (78) on any rule error, after naming each */
export async function loadRules(from: RulesPath, io: Pick<Io, 'say' | 'color'>): Promise<RuleSet> {
  return (await loadRuleFiles(from, io)).ruleset;
}

/** The same with the files that the rules were made of. @throws WeirError (78) on any rule error, after naming each */
export async function loadRuleFiles(
  { path, remedy }: RulesPath,
  io: Pick<Io, 'say' | 'color'>,
): Promise<{ readonly ruleset: RuleSet; readonly files: readonly SourceFile[] }> {
  const folder = await readRuleFolder(path, remedy);
  const { ruleset, problems } = compile(folder.files);
  refuseProblems([...folder.problems, ...problems], path, folder.files, io);
  if (ruleset.rules.length === 0) io.say(`there are no rules in ${path}`);
  return { ruleset, files: folder.files };
}

/**
 * @param files what was read: the lines that are pointed at
 * @throws WeirError (78) when there is an error among the problems, after naming each; warnings are left to `check`
 */
export function refuseProblems(
  problems: readonly Problem[],
  path: string,
  files: readonly SourceFile[],
  io: Pick<Io, 'say' | 'color'>,
): void {
  const errors = problems.filter((problem) => problem.severity === 'error');
  if (errors.length > 0) {
    const textOf = (file: string): string | undefined => files.find((one) => one.path === file)?.text;
    io.say(formatProblems(errors, { format: 'pretty', color: io.color.stderr, textOf }));
    throw new WeirError(
      `${errors.length} problem${errors.length === 1 ? '' : 's'} in the rules of ${path}`,
      `Correct them; weir check ${path} looks again.`,
      exitCodes.configuration,
    );
  }
}

/**
 * Rules of several paths, compiled together. A rule file alone would lack the mappings that its tests rely on, so the
 * nearest `datasets/` folder beside or above each path is read along with it.
 */
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
