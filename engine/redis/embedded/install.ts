/**
 * Makes a redis-server available: finds one, or installs one with the system's package manager if that needs no password
 * (root, or sudo without a password). Debian packages start their own service on installation. A temporary policy-rc.d
 * forbids that, and a service that starts anyway is stopped and disabled.
 */
import { WeirError } from '../../errors.ts';
import { findServer, leastVersion, type Server } from './find.ts';
import { runProgram, type Run } from './run.ts';

export type System = {
  readonly run: Run;
  readonly isRoot: boolean;
  /** One line for the person who started Weir. */
  readonly say: (line: string) => void;
};

type Manager = {
  readonly name: string;
  /** The command to type. */
  readonly command: string;
  /** The command that Weir runs with `sh -c`. */
  readonly script: string;
  /** Homebrew refuses to run as root, and needs only the user's rights. */
  readonly needsRoot: boolean;
};

/**
 * @param policy the file that Debian's maintainer scripts consult before they start a service
 * @param name the package, and also the service that it would start
 */
export const aptScript = (policy: string, name = 'redis-server'): string => `
export DEBIAN_FRONTEND=noninteractive
policy='${policy}'
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  trap 'exit 1' HUP INT TERM
  printf '#!/bin/sh\\nexit 101\\n' >"$policy" && chmod 755 "$policy" || exit 1
fi
apt-get -q -o DPkg::Lock::Timeout=300 update
apt-get -q -o DPkg::Lock::Timeout=300 install -y --no-install-recommends ${name} || exit 1
if command -v systemctl >/dev/null; then systemctl disable --now ${name} >/dev/null 2>&1; fi
if command -v update-rc.d >/dev/null; then update-rc.d ${name} disable >/dev/null 2>&1; fi
exit 0`;

const managers: readonly Manager[] = [
  { name: 'apt-get', command: 'apt-get install -y redis-server', script: aptScript('/usr/sbin/policy-rc.d'), needsRoot: true },
  { name: 'dnf', command: 'dnf install -y redis', script: 'dnf install -y redis || dnf install -y valkey', needsRoot: true },
  { name: 'apk', command: 'apk add redis', script: 'apk add --no-cache redis || apk add --no-cache valkey', needsRoot: true },
  { name: 'brew', command: 'brew install redis', script: 'brew install redis', needsRoot: false },
];

const installMsMax = 15 * 60_000;
const otherwise = `or set REDIS_URL to a Redis ${leastVersion} or newer`;

export const thisSystem = (say: (line: string) => void): System => ({ run: runProgram, isRoot: process.getuid?.() === 0, say });

/**
 * Finds or installs a server.
 * @returns the server to run
 * @throws WeirError (78) with the command to type
 */
export async function ensureServer(system: System): Promise<Server> {
  const found = await findServer(system.run);
  if (found.kind === 'found') return found.server;
  if (found.kind === 'old') throw tooOld(found.server);
  return install(system);
}

/** The command that would install a server here; undefined without a known package manager. */
export async function installCommand(system: System): Promise<string | undefined> {
  const manager = await managerOf(system);
  return manager === undefined ? undefined : typed(manager, system);
}

async function install(system: System): Promise<Server> {
  const manager = await managerOf(system);
  if (manager === undefined) {
    throw new WeirError(
      'redis-server is not installed.',
      `Install Redis ${leastVersion} or newer (or Valkey) so that redis-server is on the PATH, ${otherwise}.`,
    );
  }
  const command = typed(manager, system);
  const rights = await rightsFor(manager, system);
  if (rights === undefined)
    throw new WeirError('redis-server is not installed, and installing it needs a password.', `Run: ${command}   ${otherwise}.`);
  system.say(`redis-server is not installed; installing it: ${command} (no system service will run)`);
  const { code, output } = await system.run(rights[0]!, [...rights.slice(1), '-c', manager.script], installMsMax);
  const found = await findServer(system.run);
  if (found.kind === 'found') {
    system.say(`installed ${found.server.path} ${found.server.version}`);
    return found.server;
  }
  if (found.kind === 'old') throw tooOld(found.server);
  throw new WeirError(
    `redis-server could not be installed: ${lastLine(output) || `${manager.name} ended with ${code}`}`,
    `Run: ${command}   ${otherwise}.`,
  );
}

async function managerOf(system: System): Promise<Manager | undefined> {
  for (const manager of managers) {
    const { code } = await system.run(manager.name, ['--version']);
    if (code === 0) return manager;
  }
  return undefined;
}

/** The shell with the rights to install; undefined if that would ask for a password. */
async function rightsFor(manager: Manager, system: System): Promise<readonly string[] | undefined> {
  if (!manager.needsRoot) return system.isRoot ? undefined : ['sh'];
  if (system.isRoot) return ['sh'];
  const { code } = await system.run('sudo', ['-n', 'true']);
  return code === 0 ? ['sudo', '-n', 'sh'] : undefined;
}

const typed = (manager: Manager, system: System): string =>
  manager.needsRoot && !system.isRoot ? `sudo ${manager.command}` : manager.command;

const tooOld = (server: Server): WeirError =>
  new WeirError(
    `${server.path} is version ${server.version}; Weir needs ${leastVersion} or newer.`,
    `Install a newer one (https://redis.io/docs/install, or Valkey), ${otherwise}.`,
  );

/** The last line that reports an error; without one, the last line. */
function lastLine(output: string): string {
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  return (lines.findLast((line) => /^(E:|error|err)/i.test(line)) ?? lines.at(-1) ?? '').trim();
}
