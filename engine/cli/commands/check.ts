/** `weir check`: reports the problems in rule files, with their positions. */
import { relative, resolve } from 'node:path';
import { compile } from '../../compile/index.ts';
import { loadConfig } from '../../config/config.ts';
import { closest } from '../../core/util/closest.ts';
import type { Problem } from '../../core/problem.ts';
import { exitCodes } from '../../errors.ts';
import { readRuleFolder, type RuleFolder } from '../../runtime/rules/folder.ts';
import { readArgs, usageError } from '../args.ts';
import type { Command, Io } from '../command.ts';
import { countText, formatProblems, problemFormats, type ProblemFormat } from '../format/problems.ts';
import { pathsRemedy, withoutRules } from '../rules.ts';

export const command: Command = {
  name: 'check',
  summary: 'lint rule files: position, code, message and hint of each problem',
  usage: `weir check [PATH …] [--format pretty|json|sarif] [--max-warnings N]

  PATH              rule files or folders, checked together as one rule set (default: WEIR_RULES)
  --format FORMAT   pretty (default), json (also: --json), or sarif (2.1.0, for code scanners)
  --max-warnings N  exit with 1 when there are more warnings than N

  weir check rules --format sarif > weir.sarif

Prints the problems to stdout and their number to stderr. Exits with 0 if there are no errors, 1 if there are too many
warnings or a PATH has no rule files, 78 if there is any error.
docs/rule-problems.md explains every code, with an example.`,
  async run(args, io) {
    const { values, positionals } = readArgs('check', args, options, [0, 1000]);
    const format = formatOf(values.format, io);
    const warningsMax = warningsOf(values['max-warnings']);
    const paths = positionals.length > 0 ? positionals : [loadConfig().rulesPath];
    const { files, problems, rules, folders } = await check(paths.map(fromHere), pathsRemedy(positionals.length > 0));
    const text = formatProblems(problems, { format, color: io.color.stdout, textOf: (file) => files.get(file) });
    if (text !== '') await io.print(text);
    io.say(`${rules} ${rules === 1 ? 'rule' : 'rules'} in ${files.size} ${files.size === 1 ? 'file' : 'files'}: ${countText(problems)}`);
    const missing = withoutRules(positionals, folders);
    for (const line of missing) io.say(line);
    return Math.max(exitCode(problems, warningsMax), missing.length > 0 ? exitCodes.findings : exitCodes.fine);
  },
};

const options = { format: { type: 'string' }, 'max-warnings': { type: 'string' } } as const;

function formatOf(given: string | undefined, io: Pick<Io, 'json'>): ProblemFormat {
  const text = given ?? (io.json ? 'json' : 'pretty');
  const format = problemFormats.find((known) => known === text);
  if (format !== undefined) return format;
  const near = closest(text, problemFormats);
  throw usageError(
    'check',
    `unknown format '${text}'; ${near === undefined ? `must be one of ${problemFormats.join(', ')}` : `did you mean ${near}?`}`,
  );
}

function warningsOf(given: string | undefined): number {
  if (given === undefined) return Infinity;
  if (!/^[0-9]{1,9}$/.test(given)) throw usageError('check', `--max-warnings takes a number, not '${given}'`);
  return Number(given);
}

/** Shows paths inside the working folder relative to it, as editors and code scanners expect. */
function fromHere(path: string): string {
  const short = relative(process.cwd(), resolve(path));
  return short === '' ? '.' : short.startsWith('..') ? path : short;
}

type Checked = {
  readonly files: ReadonlyMap<string, string>;
  readonly problems: readonly Problem[];
  readonly rules: number;
  readonly folders: readonly RuleFolder[];
};

async function check(paths: readonly string[], remedy: string): Promise<Checked> {
  const folders = await Promise.all(paths.map((path) => readRuleFolder(path, remedy)));
  const files = new Map(folders.flatMap((folder) => folder.files).map(({ path, text }) => [path, text]));
  const { ruleset, problems } = compile([...files].map(([path, text]) => ({ path, text })));
  return { files, problems: [...folders.flatMap((folder) => folder.problems), ...problems], rules: ruleset.rules.length, folders };
}

function exitCode(problems: readonly Problem[], warningsMax: number): number {
  if (problems.some(({ severity }) => severity === 'error')) return exitCodes.configuration;
  return problems.length > warningsMax ? exitCodes.findings : exitCodes.fine;
}
