/** Loads the rules a command was told to use; any error in them ends the command with 78, problems on stderr. */
import type { SourceFile } from '../compile/source/documents.ts';
import { compile } from '../compile/index.ts';
import type { Config } from '../config/config.ts';
import type { Problem } from '../core/problem.ts';
import type { RuleSet } from '../core/ruleset.ts';
import { exitCodes, WeirError } from '../errors.ts';
import { readRuleFolder } from '../runtime/rules/folder.ts';
import type { Io } from './command.ts';
import { formatProblems } from './format/problems.ts';

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
