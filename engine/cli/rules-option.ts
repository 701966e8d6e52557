/** Loads the rules a command was told to use; any error in them ends the command with 78, problems on stderr. */
import { compile } from '../compile/index.ts';
import type { Problem } from '../core/problem.ts';
import type { RuleSet } from '../core/ruleset.ts';
import { exitCodes, WeirError } from '../errors.ts';
import { readRuleFolder } from '../runtime/rule-folder.ts';
import type { Io } from './command.ts';

/** @throws WeirError (78) on any rule error, after naming each */
export async function loadRules(path: string, io: Pick<Io, 'say'>): Promise<RuleSet> {
  const folder = await readRuleFolder(path);
  const { ruleset, problems } = compile(folder.files);
  refuseProblems([...folder.problems, ...problems], path, io);
  return ruleset;
}

/** @throws WeirError (78) when there is an error among the problems, after naming each; warnings are left to `check` */
export function refuseProblems(problems: readonly Problem[], path: string, io: Pick<Io, 'say'>): void {
  const errors = problems.filter((problem) => problem.severity === 'error');
  for (const { file, line, column, code, message, hint } of errors) {
    io.say(`${file}:${line}:${column}: ${code}: ${message}${hint === '' ? '' : ` (${hint})`}`);
  }
  if (errors.length > 0) {
    throw new WeirError(
      `${errors.length} problem${errors.length === 1 ? '' : 's'} in the rules of ${path}`,
      `weir check ${path} shows them with their lines.`,
      exitCodes.configuration,
    );
  }
}
