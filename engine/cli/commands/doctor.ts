/**
 * `weir doctor`: checks everything Weir needs, before it is started or while it runs, and says how to fix what is
 * missing. It changes nothing: it neither installs nor starts anything.
 */
import { accessSync, constants, realpathSync, statfsSync, statSync } from 'node:fs';
import { configError, dotenv, environment, problemText, readConfig, type Config, type Environment } from '../../config/config.ts';
import { variables } from '../../config/variables.ts';
import { exitCodes, WeirError } from '../../errors.ts';
import { findServer, leastVersion } from '../../redis/embedded/find.ts';
import { installCommand, thisSystem } from '../../redis/embedded/install.ts';
import { lockOwner } from '../../redis/embedded/lock.ts';
import { socketOf } from '../../redis/embedded/paths.ts';
import { fail, ok, warn, type Finding } from '../../redis/start/checks.ts';
import { inspect } from '../../redis/start/preflight.ts';
import { walkFolder } from '../../runtime/rules/folder-walk.ts';
import { isRuleFile } from '../../runtime/rules/folder.ts';
import { readArgs } from '../args.ts';
import type { Command, Io } from '../command.ts';
import { examinePort } from '../doctor/port.ts';
import { paint } from '../output.ts';
import { webhookTargetsOf } from '../../app/webhook-file.ts';

const leastNode = [22, 18] as const;
/** With less than this, the append-only file may soon run out of space. */
const freeBytesLeast = 1024 ** 3;

export const command: Command = {
  name: 'doctor',
  summary: 'check Node, Redis, the folders, the port and the configuration',
  usage: `
weir doctor [--json]

Prints one line per check: ok, warn or fail, and how to fix it. Changes nothing.
Exits with 0 if no check fails, 1 otherwise.`,
  async run(args, io) {
    readArgs('doctor', args, {});
    const findings = await examine(environment, dotenvOrFinding());
    await show(findings, io);
    return findings.some((finding) => finding.level === 'fail') ? exitCodes.findings : exitCodes.fine;
  },
};

const failure = (check: string, error: WeirError): Finding => fail(check, error.message, error.hint);

/** The variables of `.env`, or why they cannot be read. */
function dotenvOrFinding(): Environment | Finding {
  try {
    return dotenv();
  } catch (error) {
    if (error instanceof WeirError) return failure('config', error);
    throw error;
  }
}

/** All checks, in the order in which to fix them. */
async function examine(env: Environment, file: Environment | Finding): Promise<Finding[]> {
  const unreadable = isFinding(file) ? [file] : [];
  const { config, problems, unknown } = readConfig(env, isFinding(file) ? {} : file);
  const findings = [node(), ...unreadable, ...problems.map((problem) => fail('config', problemText(problem), configError(problems).hint))];
  for (const name of unknown)
    findings.push(
      warn('config', `Unknown variable ${name}; it has no effect.`, 'Correct its name, or remove it. .env.example lists all variables.'),
    );
  if (config === undefined) return findings;
  if (unreadable.length === 0) findings.push(ok('config', `${Object.keys(variables).length} variables read`));
  const redis = config.redisUrl === undefined ? await embeddedRedis(config) : await inspect(config.redisUrl);
  return [
    ...findings,
    ...redis.map((finding) => ({ ...finding, check: `redis ${finding.check}`.replace('redis redis', 'redis') })),
    await rules(config),
    ...webhooks(config),
    await examinePort(config),
  ];
}

const isFinding = (value: Environment | Finding): value is Finding => 'level' in value && 'remedy' in value;

function node(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const isNew = major > leastNode[0] || (major === leastNode[0] && minor >= leastNode[1]);
  return isNew
    ? ok('node', `Node ${process.versions.node}`)
    : fail('node', `Node ${process.versions.node}; Weir needs ${leastNode.join('.')} or newer.`, 'Run npm ci, which installs one.');
}

/** The server program, the data folder, and the server itself if Weir is running it. */
async function embeddedRedis(config: Config): Promise<Finding[]> {
  const system = thisSystem(() => undefined);
  const found = await findServer(system.run);
  const typed = found.kind === 'none' ? await installCommand(system) : undefined;
  const findings: Finding[] = [];
  if (found.kind === 'found') findings.push(ok('server', `${found.server.path} ${found.server.version}`));
  else if (found.kind === 'old')
    findings.push(
      fail(
        'server',
        `${found.server.path} is version ${found.server.version}; Weir needs ${leastVersion} or newer.`,
        'Install a newer one, or set REDIS_URL.',
      ),
    );
  else
    findings.push(
      warn(
        'server',
        'redis-server is not installed; weir up tries to install it.',
        `Install it${typed === undefined ? '' : `: ${typed}`}, or set REDIS_URL.`,
      ),
    );
  findings.push(data(config.dataPath));
  const owner = lockOwner(config.dataPath);
  if (owner === undefined) return findings;
  return [
    ...findings,
    ok('process', `Weir (process ${owner}) is running on ${config.dataPath}`),
    ...(await inspect(`unix://${socketOf(realpathSync(config.dataPath))}`)),
  ];
}

function data(path: string): Finding {
  let existing = path;
  while (statSync(existing, { throwIfNoEntry: false }) === undefined && existing !== parent(existing)) existing = parent(existing);
  try {
    if (!statSync(existing).isDirectory())
      return fail(
        'data',
        `The data folder ${path} cannot be created: ${existing} is a file.`,
        'Move it, or set WEIR_DATA to another folder.',
      );
    accessSync(existing, constants.W_OK | constants.X_OK);
    const { bavail, bsize } = statfsSync(existing);
    const free = bavail * bsize;
    if (free < freeBytesLeast)
      return (free === 0 ? fail : warn)(
        'data',
        `${path}: only ${Math.floor(free / 1024 ** 2)} MiB free on its disk.`,
        'Free some space, or set WEIR_DATA to a folder on another disk.',
      );
    return ok('data', `${path} is writable, ${Math.floor(free / 1024 ** 3)} GiB free`);
  } catch (error) {
    return fail(
      'data',
      `${path} is not writable: ${(error as Error).message}`,
      'Give this user write permission, or set WEIR_DATA to another folder.',
    );
  }
}

const parent = (path: string): string => path.replace(/\/[^/]*\/?$/, '') || '/';

async function rules(config: Config): Promise<Finding> {
  try {
    const files = (await walkFolder(config.rulesPath)).files.filter(isRuleFile);
    if (files.length === 0)
      return warn('rules', `${config.rulesPath} has no rule files.`, 'Write one (rules/README.md), or set WEIR_RULES to another folder.');
    return ok('rules', `${files.length} files in ${config.rulesPath}; weir check validates them`);
  } catch (error) {
    return fail(
      'rules',
      `${config.rulesPath} cannot be read: ${(error as Error).message}`,
      'Create the folder, or set WEIR_RULES to another one.',
    );
  }
}

/** No finding if no file is configured. */
function webhooks(config: Config): Finding[] {
  if (config.webhooksPath === undefined) return [];
  try {
    const { length } = webhookTargetsOf(config);
    return [ok('webhooks', `${length} ${length === 1 ? 'target' : 'targets'} in ${config.webhooksPath}`)];
  } catch (error) {
    if (error instanceof WeirError) return [failure('webhooks', error)];
    throw error;
  }
}

async function show(findings: readonly Finding[], io: Io): Promise<void> {
  if (io.json) return io.print(JSON.stringify({ ok: findings.every((finding) => finding.level !== 'fail'), findings }));
  const colors = { ok: 'green', warn: 'yellow', fail: 'red' } as const;
  const width = Math.max(...findings.map((finding) => finding.check.length));
  for (const { check, level, message, remedy } of findings) {
    await io.print(
      `${paint(io.color.stdout, colors[level], level.padEnd(4))}  ${check.padEnd(width)}  ${message}${remedy === '' ? '' : `\n${' '.repeat(width + 8)}${remedy}`}`,
    );
  }
}
