/**
 * The configuration: environment variables, and a `.env` file in the working folder for those the environment does
 * not set. This is the only place that reads `process.env`; everything else takes a Config, or a part of it.
 *
 * `variables.ts` is the whole list; `.env.example` is written from it, and a test compares the two. All wrong variables
 * are reported together, so that they can be fixed in one go. An empty variable counts as not set.
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { isLoopback } from './values.ts';
import { variables, type Variable } from './variables.ts';
import { distinctKeys } from '../core/access/api-key.ts';
import { closest } from '../core/util/closest.ts';
import { exitCodes, WeirError } from '../errors.ts';
import { own } from '../core/util/own.ts';

type Variables = typeof variables;
export type Config = { readonly [Field in keyof Variables]: Variables[Field] extends Variable<infer T> ? T : never };

export type ConfigProblem = { readonly variable: string; readonly value: string; readonly expected: string; readonly example: string };
export type ConfigReading =
  | { readonly config: Config; readonly problems: readonly []; readonly unknown: readonly string[] }
  | { readonly config: undefined; readonly problems: readonly ConfigProblem[]; readonly unknown: readonly string[] };

/** The environment variables that a process is started with: `process.env`, or those of a test. */
export type Environment = { readonly [name: string]: string | undefined };

/** The process's environment. */
export const environment: Environment = process.env;

/**
 * Reads all variables; never throws for wrong values.
 * @param env the environment
 * @param file variables of a `.env` file: the environment wins
 * @param folder the folder that WEIR_RULES, WEIR_DATA, WEIR_WEBHOOKS and WEIR_KEYS_FILE are relative to
 */
export function readConfig(
  env: Environment,
  file: Environment = {},
  folder: string = process.cwd(),
  readText: (path: string) => string = (path) => readFileSync(path, 'utf8'),
): ConfigReading {
  const problems: ConfigProblem[] = [];
  const values = new Map<string, unknown>();
  for (const [field, entry] of Object.entries<Variable<unknown>>(variables)) {
    const text =
      [own(env, entry.name), own(file, entry.name), entry.byDefault].map((value) => value?.trim() ?? '').find((value) => value !== '') ??
      '';
    const value = text === '' ? entry.nothing : entry.kind.parse(text);
    if (text !== '' && value === undefined)
      problems.push({ variable: entry.name, value: shown(entry.name, text), expected: entry.kind.expected, example: entry.example });
    values.set(field, value);
  }
  const unknown = unknownNames([...Object.keys(env), ...Object.keys(file)]);
  const given = Object.fromEntries(values) as Config;
  const keysPath = given.keysPath === undefined ? undefined : resolve(folder, given.keysPath);
  const withFile = problems.length > 0 || keysPath === undefined ? undefined : keysWithFile(given.keys, keysPath, readText);
  if (withFile?.problem !== undefined) problems.push(withFile.problem);
  const keys = withFile?.keys ?? given.keys;
  const config: Config = { ...given, keys, keysPath };
  if (problems.length === 0 && config.keys.length === 0 && !isLoopback(config.host)) {
    problems.push({
      variable: 'WEIR_KEYS',
      value: '',
      expected: `at least one key, because WEIR_HOST=${config.host} can be reached from other machines`,
      example: variables.keys.example,
    });
  }
  if (problems.length > 0) return { config: undefined, problems, unknown };
  return {
    config: {
      ...config,
      rulesPath: resolve(folder, config.rulesPath),
      dataPath: resolve(folder, config.dataPath),
      webhooksPath: config.webhooksPath === undefined ? undefined : resolve(folder, config.webhooksPath),
    },
    problems: [],
    unknown,
  };
}

type KeysReading =
  { readonly keys: Config['keys']; readonly problem?: undefined } | { readonly keys?: undefined; readonly problem: ConfigProblem };

/** The keys of WEIR_KEYS with those of the file, or what is wrong with the file. */
function keysWithFile(keys: Config['keys'], path: string, readText: (path: string) => string): KeysReading {
  const { name, example } = variables.keysPath;
  const wrong = (expected: string): KeysReading => ({ problem: { variable: name, value: path, expected, example } });
  let text: string;
  try {
    text = readText(path);
  } catch (error) {
    return wrong(`a readable file (${(error as NodeJS.ErrnoException).code ?? 'not readable'})`);
  }
  const more = variables.keys.kind.parse(text);
  if (more === undefined) return wrong(`a file with ${variables.keys.kind.expected}, or one per line`);
  if (more.length === 0) return wrong('a file with at least one key');
  const all = [...keys, ...more];
  return distinctKeys(all) ? { keys: all } : wrong('keys with other names and secrets than those in WEIR_KEYS');
}

/**
 * The configuration of this process: its environment and the `.env` file of its working folder.
 * @throws WeirError (78) that lists every problem
 */
export function loadConfig(env: Environment = environment): Config {
  const { config, problems } = readConfig(env, dotenv());
  if (config === undefined) throw configError(problems);
  return config;
}

/** The variables of `.env` in the working folder; none if there is no such file. */
export function dotenv(path = '.env'): Environment {
  try {
    const text = readFileSync(path, 'utf8').replace(/^\uFEFF/, '');
    // As in UTF-16, in which no variable would be found.
    if (text.includes('\0')) throw new Error('it holds NUL bytes: it is not UTF-8');
    return parseEnv(text);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'EISDIR') return {};
    throw new WeirError(
      `${resolve(path)} cannot be read: ${(error as Error).message}`,
      'Make it a readable UTF-8 file, or remove it.',
      exitCodes.configuration,
    );
  }
}

export function configError(problems: readonly ConfigProblem[]): WeirError {
  const lines = problems.map(problemText);
  return new WeirError(
    lines.length === 1 ? lines[0]! : `${lines.length} problems in the configuration:\n  ${lines.join('\n  ')}`,
    '.env.example lists all variables.',
    exitCodes.configuration,
  );
}

export const problemText = (problem: ConfigProblem): string =>
  `${problem.variable}${problem.value === '' ? ' is not set' : `=${problem.value}`}: expected ${problem.expected}; for example ${problem.variable}=${problem.example}`;

/** Hides secrets: messages end up in logs. */
function shown(name: string, text: string): string {
  const secret = [variables.keys, variables.token, variables.webhooksKey].some((entry) => entry.name === name);
  if (secret) return `(${text.length} characters)`;
  const value = name === variables.redisUrl.name ? text.replace(/^([a-z]+:\/*)?.*@/, '$1…@') : text;
  return value.length > 80 ? `${value.slice(0, 79)}…` : value;
}

/** Unknown names that look like ours: a typing error would otherwise go unnoticed. */
function unknownNames(names: readonly string[]): string[] {
  const prefix = 'WEIR_';
  const known = Object.values<Variable<unknown>>(variables).map((entry) => entry.name);
  const endings = known.filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length));
  return [...new Set(names)]
    .filter((name) => name.startsWith(prefix) && !known.includes(name))
    .map((name) => {
      const near = closest(name.slice(prefix.length), endings);
      return near === undefined ? name : `${name} (did you mean ${prefix}${near}?)`;
    });
}
