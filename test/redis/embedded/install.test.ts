/** Finding and installing a server: the decisions run on a fake system, the installation script in a real shell. */
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { findServer, isNewEnough } from '../../../engine/redis/embedded/find.ts';
import { aptScript, ensureServer, installCommand, thisSystem, type System } from '../../../engine/redis/embedded/install.ts';
import { runProgram, type Ran } from '../../../engine/redis/embedded/run.ts';
import { WeirError } from '../../../engine/errors.ts';
import { start } from '../../support/processes.ts';

type Machine = {
  readonly programs: Record<string, string>;
  readonly isRoot?: boolean;
  readonly sudo?: boolean;
  readonly install?: (machine: Machine) => Ran;
};

const absent: Ran = { code: 127, output: '' };
const redis = (version: string): string => `Redis server v=${version} sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=1`;
const valkey = (version: string): string => `Valkey server v=${version} sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=1`;

/** A machine with some programs: each answers --version with its text; `sh -c` installs. */
function systemOf(machine: Machine): { system: System; ran: string[]; said: string[] } {
  const ran: string[] = [];
  const said: string[] = [];
  const system: System = {
    isRoot: machine.isRoot ?? false,
    say: (line) => said.push(line),
    async run(command, args) {
      ran.push([command, ...args.slice(0, 3)].join(' '));
      if (command === 'sudo' && args[1] === 'true') return { code: machine.sudo === true ? 0 : 1, output: 'sudo: a password is required' };
      if (command === 'sh' || command === 'sudo') return machine.install?.(machine) ?? { code: 1, output: '' };
      const output = machine.programs[command];
      return output === undefined ? absent : { code: 0, output };
    },
  };
  return { system, ran, said };
}

async function refusal(machine: Machine): Promise<WeirError> {
  const error: unknown = await ensureServer(systemOf(machine).system).catch((reason: unknown) => reason);
  if (!(error instanceof WeirError)) throw new Error(`refused it was not: ${String(error)}`);
  expect(error.exitCode).toBe(78);
  return error;
}

describe('finding', () => {
  it.each([
    ['redis on the PATH', { 'redis-server': redis('7.0.15') }, { path: 'redis-server', version: '7.0.15' }],
    ['valkey on the PATH', { 'valkey-server': valkey('8.1.1') }, { path: 'valkey-server', version: '8.1.1' }],
    [
      'redis outside the PATH',
      { '/opt/homebrew/bin/redis-server': redis('8.0.2') },
      { path: '/opt/homebrew/bin/redis-server', version: '8.0.2' },
    ],
    [
      'the newer one of two',
      { 'redis-server': redis('6.0.16'), 'valkey-server': valkey('7.2.5') },
      { path: 'valkey-server', version: '7.2.5' },
    ],
  ])('%s', async (_name, programs, server) => {
    expect(await findServer(systemOf({ programs }).system.run)).toEqual({ kind: 'found', server });
    expect(await ensureServer(systemOf({ programs }).system)).toEqual(server);
  });

  it('distinguishes an old server, none, and a program that does not answer', async () => {
    expect(await findServer(systemOf({ programs: { 'redis-server': redis('6.0.16') } }).system.run)).toMatchObject({
      kind: 'old',
      server: { version: '6.0.16' },
    });
    expect(await findServer(systemOf({ programs: {} }).system.run)).toEqual({ kind: 'none' });
    expect(await findServer(systemOf({ programs: { 'redis-server': 'Segmentation fault' } }).system.run)).toEqual({ kind: 'none' });
  });

  it('compares versions as numbers', () => {
    expect(['6.2.0', '6.10.1', '7.0.0', '10.0.0', '255.255.255'].map(isNewEnough)).toEqual(Array(5).fill(true));
    expect(['6.1.9', '6.0.16', '5.0.14', '2.8.0', ''].map(isNewEnough)).toEqual(Array(5).fill(false));
  });

  it('refuses an old one with the remedy, and never replaces it unasked', async () => {
    const { system, ran } = systemOf({ programs: { 'redis-server': redis('5.0.7'), 'apt-get': 'apt' }, isRoot: true });
    await expect(ensureServer(system)).rejects.toThrow('version 5.0.7; Weir needs 6.2 or newer');
    expect(ran.some((line) => line.startsWith('sh '))).toBe(false);
  });
});

describe('installing', () => {
  const installs = (machine: Machine): Ran => {
    machine.programs['redis-server'] = redis('7.0.15');
    return { code: 0, output: '' };
  };

  it.each([
    ['apt-get', 'apt-get install -y redis-server'],
    ['dnf', 'dnf install -y redis'],
    ['apk', 'apk add redis'],
  ])('runs as root with %s, and reports the command', async (manager, command) => {
    const { system, ran, said } = systemOf({ programs: { [manager]: '1.0' }, isRoot: true, install: installs });
    expect(await ensureServer(system)).toEqual({ path: 'redis-server', version: '7.0.15' });
    expect(ran.filter((line) => line.startsWith('sh -c'))).toHaveLength(1);
    expect(said[0]).toContain(command);
    expect(said[1]).toContain('7.0.15');
  });

  it('runs with a sudo that needs no password', async () => {
    const { system, ran, said } = systemOf({ programs: { 'apt-get': '1.0' }, sudo: true, install: installs });
    await ensureServer(system);
    expect(ran.some((line) => line.startsWith('sudo -n sh'))).toBe(true);
    expect(said[0]).toContain('sudo apt-get install -y redis-server');
  });

  it('runs Homebrew as the user, without sudo', async () => {
    const { system, ran } = systemOf({ programs: { brew: 'Homebrew 4' }, install: installs });
    await ensureServer(system);
    expect(ran.filter((line) => line.startsWith('sudo'))).toEqual([]);
  });

  it('does not run when a password is needed: the error names the command', async () => {
    const error = await refusal({ programs: { 'apt-get': '1.0' } });
    expect(error.message).toContain('needs a password');
    expect(error.hint).toContain('sudo apt-get install -y redis-server');
    expect(error.hint).toContain('REDIS_URL');
    expect((await refusal({ programs: { brew: '4' }, isRoot: true })).hint).toContain('brew install redis');
  });

  it('does not run without a known package manager', async () => {
    expect((await refusal({ programs: {} })).hint).toContain('Install Redis 6.2 or newer');
    expect(await installCommand(systemOf({ programs: {} }).system)).toBeUndefined();
  });

  it('reports the cause when it fails', async () => {
    const output = 'Reading package lists...\nE: Unable to locate package redis-server\n';
    const error = await refusal({ programs: { 'apt-get': '1' }, isRoot: true, install: () => ({ code: 100, output }) });
    expect(error.message).toContain('E: Unable to locate package redis-server');
  });

  it('refuses an old server that it installed', async () => {
    const install = (machine: Machine): Ran => {
      machine.programs['redis-server'] = redis('6.0.16');
      return { code: 0, output: '' };
    };
    expect((await refusal({ programs: { 'apt-get': '1' }, isRoot: true, install })).message).toContain('6.0.16');
  });
});

describe("apt's script, in a real shell with a fake apt-get", () => {
  const folder = mkdtempSync(join(tmpdir(), 'weir apt '));
  afterAll(() => rmSync(folder, { recursive: true }));
  const policy = join(folder, 'policy-rc.d');

  function aptGet(body: string): void {
    const log = `echo "apt-get $*" >>'${folder}/log'`;
    writeFileSync(join(folder, 'apt-get'), `#!/bin/sh\n${log}\n${body}\n`);
    chmodSync(join(folder, 'apt-get'), 0o755);
    for (const name of ['systemctl', 'update-rc.d']) {
      writeFileSync(join(folder, name), `#!/bin/sh\necho "${name} $*" >>'${folder}/log'\n`);
      chmodSync(join(folder, name), 0o755);
    }
    writeFileSync(join(folder, 'log'), '');
  }
  const run = (): Promise<Ran> => runProgram('sh', ['-c', `PATH='${folder}':$PATH\n${aptScript(policy)}`]);
  const log = (): string => readFileSync(join(folder, 'log'), 'utf8');

  it('forbids services during installation, removes the ban, and leaves no service enabled', async () => {
    aptGet(`[ "$4" = update ] || { '${policy}'; echo "policy says $?" >>'${folder}/log'; }`);
    expect(await run()).toMatchObject({ code: 0 });
    expect(log()).toMatch(
      /update\napt-get .*install -y --no-install-recommends redis-server\npolicy says 101\nsystemctl disable --now redis-server\nupdate-rc.d redis-server disable\n/,
    );
    expect(existsSync(policy)).toBe(false);
  });

  it('continues when the lists cannot be fetched, and fails when the package cannot', async () => {
    aptGet('exit 100');
    expect(await run()).toMatchObject({ code: 1 });
    expect(log().match(/apt-get/g)).toHaveLength(2);
    expect(existsSync(policy)).toBe(false);
  });

  it('keeps an existing policy', async () => {
    writeFileSync(policy, '#!/bin/sh\nexit 101\n');
    aptGet('exit 0');
    await run();
    expect(readFileSync(policy, 'utf8')).toContain('101');
    rmSync(policy);
  });

  it('removes the ban when it is interrupted', async () => {
    aptGet(`echo started; exec sleep 600`);
    const child = start('sh', ['-c', `PATH='${folder}':$PATH\n${aptScript(policy)}`], { detached: true });
    await child.line();
    expect(existsSync(policy)).toBe(true);
    process.kill(-child.process.pid!, 'SIGINT');
    await child.ended;
    expect(existsSync(policy)).toBe(false);
  });
});

it('a server exists on this machine: the tests need one', async () => {
  const server = await ensureServer(thisSystem(() => undefined));
  expect(isNewEnough(server.version)).toBe(true);
});
