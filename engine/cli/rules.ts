/** Loads the rules of a command; any error in them ends the command with 78 and the problems on stderr. */
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

/** Where the rules are, and the hint for when there is nothing. */
export type RulesPath = { readonly path: string; readonly remedy: string };

/** @param given the value of `option`; undefined: use WEIR_RULES */
export const rulesPathOf = (given: string | undefined, config: Pick<Config, 'rulesPath'>, option = '--rules'): RulesPath =>
  given === undefined
    ? { path: config.rulesPath, remedy: `Set WEIR_RULES to an existing folder, or give one with ${option}.` }
    : { path: given, remedy: `Give an existing folder or file with ${option}.` };

/** @throws WeirError (78) on any rule error, after reporting each */
export async function loadRules(from: RulesPath, io: Pick<Io, 'say' | 'color'>): Promise<RuleSet> {
  return (await loadRuleFiles(from, io)).ruleset;
}

/** Also returns the files that the rules were compiled from. @throws WeirError (78) on any rule error, after reporting each */
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
 * @param files the files that were read: reports quote their lines
 * @throws WeirError (78) when there is an error among the problems, after reporting each; `check` reports warnings
 */
function refuseProblems(problems: readonly Problem[], path: string, files: readonly SourceFile[], io: Pick<Io, 'say' | 'color'>): void {
  const errors = problems.filter((problem) => problem.severity === 'error');
  if (errors.length > 0) {
    const textOf = (file: string): string | undefined => files.find((one) => one.path === file)?.text;
    io.say(formatProblems(errors, { format: 'pretty', color: io.color.stderr, textOf }));
    throw new WeirError(
      `${errors.length} problem${errors.length === 1 ? '' : 's'} in the rules of ${path}`,
      `Fix them, then run weir check ${path}.`,
      exitCodes.configuration,
    );
  }
}

/**
 * Rules of several paths, compiled together. A rule file alone would lack the mappings that its tests rely on, so the
 * nearest `datasets/` folder next to or above each path is read as well.
 */
export type ChosenRules = {
  readonly ruleset: RuleSet;
  /** Whether a rule comes from one of the paths. */
  readonly chosen: (rule: Rule) => boolean;
};

/** The hint for a path that does not exist. @param given whether the paths are arguments; otherwise WEIR_RULES names the path */
export const pathsRemedy = (given: boolean): string =>
  given ? 'Give existing rule files or folders.' : 'Set WEIR_RULES to an existing folder, or give paths.';

/**
 * @param given paths; empty: use WEIR_RULES
 * @throws WeirError (78) when a path does not exist, or on any rule error, after reporting each; (1) when a given path has no rule files
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
 * Messages about given paths that have no rule files: a misspelt path must not look like a file without problems.
 * @param folders what was read at the paths, in the same order
 */
export function withoutRules(given: readonly string[], folders: readonly RuleFolder[]): string[] {
  return given
    .filter((_, at) => folders[at]!.files.every(({ path }) => fileKind(path) === 'other'))
    .map((path) => `no rule file at ${path}: looked for *.yaml, *.yml and *.json`);
}

const isIn = (file: string, path: string): boolean => !relative(path, file).startsWith('..');

/** How many levels up to look for mappings: rules folders are not deeper. */
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
