/**
 * The embedded Redis under real faults: each of its processes is killed in turn, and data folders are unusable. The tests
 * start it through test/support/open-redis.ts, which opens it as `weir up` does.
 */
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connect } from '../../engine/redis/connection.ts';
import { processesWith, start, until, type Child } from '../support/processes.ts';
import { use } from '../support/redis.ts';

const script = join(import.meta.dirname, '../support/open-redis.ts');
const base = mkdtempSync(join(tmpdir(), 'weir-faults-'));
chmodSync(base, 0o755);
afterAll(() => rmSync(base, { recursive: true }));

let count = 0;
let data: string;
beforeEach(() => {
  data = join(base, `data ${++count}`);
});
const opened: Child[] = [];
afterEach(() => {
  const left = processesWith(data);
  for (const child of opened.splice(0)) child.process.kill('SIGKILL');
  for (const pid of left) process.kill(pid, 'SIGKILL');
  if (left.length > 0) throw new Error(`${left.length} processes are still running`);
});

type Start = { readonly env?: NodeJS.ProcessEnv; readonly uid?: number };
const open = ({ env = {}, uid }: Start = {}): Child => {
  const child = start(process.execPath, ['--disable-warning=ExperimentalWarning', script], {
    cwd: base,
    env: { PATH: process.env['PATH'], WEIR_DATA: data, WEIR_FSYNC: 'always', WEIR_MAXMEMORY: '128mb', ...env },
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  opened.push(child);
  return child;
};

async function close(child: Child): Promise<void> {
  child.process.kill('SIGTERM');
  expect(await child.ended, child.stderr()).toEqual({ code: 0, signal: null });
}

const serverPid = (): number => Number(readFileSync(join(data, 'redis.pid'), 'utf8'));
const guardPids = (): number[] => processesWith(data).filter((pid) => pid !== serverPid());

/** Expects the start to fail with one line that says why, one that says what to do, exit code 78, and no process left. */
async function refused(how: Start = {}): Promise<string> {
  const child = open(how);
  const { code } = await child.ended;
  const lines = child
    .stderr()
    .trim()
    .split('\n')
    .filter((line) => !line.startsWith('waiting'));
  expect(code, child.stderr()).toBe(78);
  expect(child.stdout()).toBe('');
  expect(lines).toHaveLength(2);
  expect(lines[0]).toMatch(/^weir: /);
  expect(lines[1]).toMatch(/^ {2}\S/);
  expect(processesWith(data)).toEqual([]);
  return lines.join('\n');
}

describe('a kill', () => {
  it('of Redis under writes loses nothing that was acknowledged', async () => {
    const child = open();
    const url = await child.line();
    const acknowledged: string[] = [];
    const redis = connect(url, 'test', { retryStrategy: () => 20 });
    redis.on('error', () => undefined);
    for (let kill = 0; kill < 3; kill++) {
      const before = serverPid();
      let killed = false;
      const enough = acknowledged.length + 50;
      while (!killed || acknowledged.length < enough + 50) {
        const value = `${kill}:${acknowledged.length}`;
        await redis.sadd('values', value);
        acknowledged.push(value);
        if (!killed && acknowledged.length >= enough) {
          process.kill(before, 'SIGKILL');
          killed = true;
        }
      }
      expect(serverPid()).not.toBe(before);
    }
    expect(new Set(await redis.smembers('values'))).toEqual(new Set(acknowledged));
    redis.disconnect();
    await close(child);
  });

  it('of the parent ends Redis with everything on disk, and the next start has the data', async () => {
    const child = open();
    const url = await child.line();
    await use(url, (redis) => redis.set('k', 'v'));
    child.process.kill('SIGKILL');
    await child.ended;
    await until(() => processesWith(data).length === 0);
    expect(existsSync(join(data, 'redis.pid'))).toBe(false);
    const next = open();
    expect(await use(await next.line(), (redis) => redis.get('k'))).toBe('v');
    await close(next);
  });

  it('of the parent does not delay the next start', async () => {
    const child = open();
    await use(await child.line(), (redis) => redis.set('k', 'v'));
    child.process.kill('SIGKILL');
    const next = open();
    expect(await use(await next.line(), (redis) => redis.get('k'))).toBe('v');
    await close(next);
  });

  it('of parent and guard leaves a server that the next start stops', async () => {
    const child = open();
    await use(await child.line(), (redis) => redis.set('k', 'v'));
    const left = serverPid();
    // Stopped first, so that it cannot notice the end of its guard and start another server before it is killed.
    child.process.kill('SIGSTOP');
    for (const pid of [...guardPids(), child.process.pid!]) process.kill(pid, 'SIGKILL');
    await child.ended;
    await until(() => processesWith(data).length === 1);
    expect(processesWith(data)).toEqual([left]);
    const next = open();
    expect(await use(await next.line(), (redis) => redis.get('k'))).toBe('v');
    // stderr is a separate pipe, and may be read after the line on stdout.
    await until(() => next.stderr().includes(`stopping the embedded Redis (process ${left})`));
    expect(serverPid()).not.toBe(left);
    await close(next);
  });
});

describe('of several processes that start at once on one data folder', () => {
  it('exactly one runs, and the others say why they do not', async () => {
    const children = Array.from({ length: 4 }, () => open());
    const outcomes = await Promise.all(children.map((child) => child.line().catch(() => undefined)));
    const running = children.filter((_, index) => outcomes[index] !== undefined);
    expect(running).toHaveLength(1);
    for (const child of children.filter((other) => other !== running[0])) {
      expect(await child.ended).toMatchObject({ code: 78 });
      expect(child.stderr()).toContain(`another Weir (process ${running[0]!.process.pid}) already uses the data folder`);
    }
    await close(running[0]!);
  });

  it('exactly one runs when the owner of the folder was killed', async () => {
    const first = open();
    await first.line();
    first.process.kill('SIGKILL');
    await first.ended;
    const children = Array.from({ length: 4 }, () => open());
    const outcomes = await Promise.all(children.map((child) => child.line().catch(() => undefined)));
    const running = children.filter((_, index) => outcomes[index] !== undefined);
    expect(running).toHaveLength(1);
    await close(running[0]!);
  });
});

describe('signals', () => {
  it('end Redis as well on SIGTERM, after it has written everything', async () => {
    const child = open({ env: { WEIR_FSYNC: 'everysec' } });
    await use(await child.line(), (redis) => redis.set('k', 'v'));
    await close(child);
    expect(processesWith(data)).toEqual([]);
    const next = open();
    expect(await use(await next.line(), (redis) => redis.get('k'))).toBe('v');
    await close(next);
  });

  it('reach only the parent on Ctrl-C, and Redis runs until the parent closes it', async () => {
    const child = start(process.execPath, [script], { cwd: base, detached: true, env: { PATH: process.env['PATH'], WEIR_DATA: data } });
    const url = await child.line();
    const before = serverPid();
    // As a terminal does: the signal goes to the whole foreground process group.
    process.kill(-child.process.pid!, 'SIGINT');
    expect(await child.line()).toBe('interrupted');
    expect(await use(url, (redis) => redis.ping())).toBe('PONG');
    expect(serverPid()).toBe(before);
    await close(child);
  });
});

describe('a data folder', () => {
  /** An unprivileged user when the tests run as root, because root may write everywhere. */
  const unprivileged = process.getuid?.() === 0 ? { uid: 65_534 } : {};

  it('is refused when it cannot be written', async () => {
    mkdirSync(data);
    chmodSync(data, 0o555);
    const text = await refused(unprivileged);
    expect(text).toContain('no permission');
    expect(text).toContain('WEIR_DATA');
  });

  it('is refused when it cannot be created', async () => {
    mkdirSync(data);
    chmodSync(data, 0o555);
    expect(await refused({ ...unprivileged, env: { WEIR_DATA: join(data, 'below') } })).toContain('no permission');
  });

  it('is refused when its files belong to another user', async () => {
    mkdirSync(join(data, 'appendonlydir'), { recursive: true });
    chmodSync(join(data, 'appendonlydir'), unprivileged.uid === undefined ? 0 : 0o700);
    if (unprivileged.uid !== undefined) chownSync(data, unprivileged.uid, unprivileged.uid);
    const text = await refused(unprivileged);
    chmodSync(join(data, 'appendonlydir'), 0o700);
    expect(text).toContain('may not read or write its files');
    expect(text).toContain('chown');
  });

  it('is refused when a file is in its path', async () => {
    writeFileSync(data, '');
    expect(await refused({ env: { WEIR_DATA: join(data, 'below') } })).toContain('a file stands in its way');
  });

  it.each(['/proc/weir', '/proc/weir/below', '/proc'])('is refused where nothing can be created: %s', async (path) => {
    expect(await refused({ env: { WEIR_DATA: path } })).toMatch(
      new RegExp(`the data folder ${path} cannot be used: nothing can be made in /proc\\.[^]*Set WEIR_DATA to another folder`),
    );
  });

  it('is refused with data of a newer Redis', async () => {
    mkdirSync(join(data, 'appendonlydir'), { recursive: true });
    writeFileSync(join(data, 'appendonlydir', 'appendonly.aof.manifest'), 'file appendonly.aof.1.base.rdb seq 1 type b\n');
    writeFileSync(join(data, 'appendonlydir', 'appendonly.aof.1.base.rdb'), 'REDIS0999\xff');
    expect(await refused()).toMatch(/written by a newer Redis \(format 999\)/);
  });

  it('is refused, and left unchanged, when its append-only file is damaged in the middle', async () => {
    const file = await filled();
    const bytes = readFileSync(file);
    bytes.fill(0x58, 400, 440);
    writeFileSync(file, bytes);
    const text = await refused();
    expect(text).toContain('append-only file');
    expect(text).toContain('check-aof --fix');
    expect(readFileSync(file)).toEqual(bytes);
  });

  it('is loaded without the unfinished last command when its append-only file was cut short by a crash', async () => {
    const file = await filled();
    truncateSync(file, statSync(file).size - 5);
    const child = open();
    expect(await use(await child.line(), (redis) => redis.llen('list'))).toBe(99);
    await close(child);
  });

  it('is refused when its manifest names a missing file', async () => {
    const file = await filled();
    rmSync(file);
    expect(await refused()).toContain('append-only file');
  });

  it('is used without HOME, and with a read-only working folder', async () => {
    const child = start(process.execPath, [script], { cwd: '/', env: { PATH: process.env['PATH'], WEIR_DATA: data } });
    expect(await child.line()).toContain(data);
    await close(child);
  });

  it('is used with a locale that the machine does not have', async () => {
    const child = open({ env: { LC_ALL: 'xx_XX.UTF-8', LANG: 'xx_XX' } });
    expect(await child.line()).toContain(data);
    await close(child);
  });

  /** Writes a list of 100 elements. @returns path of the append-only file */
  async function filled(): Promise<string> {
    const child = open();
    await use(await child.line(), async (redis) => {
      for (let i = 0; i < 100; i++) await redis.rpush('list', `element ${i}`);
    });
    await close(child);
    const folder = join(data, 'appendonlydir');
    return join(
      folder,
      readdirSync(folder).find((name) => name.endsWith('.incr.aof'))!,
    );
  }
});

describe('a machine', () => {
  /** Runs with its own mounts, which end with the process. `setup` is a shell command. */
  const mounted = (setup: string, env: NodeJS.ProcessEnv = {}): Child => {
    const asRoot = process.getuid?.() === 0 ? [] : ['--map-root-user'];
    return start('unshare', ['--mount', ...asRoot, 'sh', '-c', `{ ${setup}; } && exec "$0" "$@"`, process.execPath, script], {
      cwd: base,
      env: { PATH: process.env['PATH'], WEIR_DATA: data, ...env },
    });
  };
  const disk = (options: string): string => `mkdir -p "$WEIR_DATA" && mount -t tmpfs -o ${options} tmpfs "$WEIR_DATA"`;

  it.each([
    ['whose disk is full', `${disk('size=64k')}; cat /dev/zero >"$WEIR_DATA/full" 2>/dev/null || true`, 'is full', 'Make room'],
    ['whose disk fills up while Redis starts', `${disk('size=16k')} && head -c 8192 /dev/zero >"$WEIR_DATA/some"`, 'is full', 'Make room'],
    ['whose disk is read-only', `${disk('size=64k')} && mount -o remount,ro "$WEIR_DATA"`, 'read-only', 'WEIR_DATA'],
  ])('%s', async (_name, setup, message, remedy) => {
    const child = mounted(setup);
    expect((await child.ended).code, child.stderr()).toBe(78);
    expect(child.stderr()).toContain(message);
    expect(child.stderr()).toContain(remedy);
  });

  it('whose disk fills up while Redis runs: this is reported, and Redis recovers when there is room', async () => {
    const child = mounted(disk('size=8m'), { WEIR_FSYNC: 'always' });
    const path = (await child.line()).replace('unix://', '');
    const inside = `/proc/${child.process.pid}/root`;
    writeFileSync(join(inside, data, 'ballast'), Buffer.alloc(4 << 20));
    const redis = connect(`unix://${inside}${path}`, 'test');
    redis.on('error', () => undefined);
    const fills = async (): Promise<void> => {
      for (let i = 0; i < 64; i++) await redis.set(`weir:filling:${i}`, 'x'.repeat(1 << 20));
    };
    void fills().catch(() => undefined);
    await until(() => child.stderr().includes('ended unexpectedly'));
    redis.disconnect();
    expect(child.stderr()).toMatch(/ended unexpectedly .*; starting it again: the disk of .* is full\. Make room/);
    rmSync(join(inside, data, 'ballast'));
    await until(() => child.stderr().includes('the embedded Redis runs again'));
    await close(child);
  });

  describe('without a server', () => {
    const tools = join(base, 'tools');
    const hidden = `for f in /usr/bin /usr/local/bin /usr/sbin /usr/local/sbin /opt/homebrew/bin; do for n in redis valkey; do [ ! -e $f/$n-server ] || mount --bind /dev/null $f/$n-server; done; done; PATH=$TOOLS`;
    const without = (): Child => mounted(hidden, { TOOLS: tools });
    beforeEach(() => mkdirSync(tools));
    afterEach(() => rmSync(tools, { recursive: true }));

    it('and without a package manager', async () => {
      const child = without();
      expect((await child.ended).code, child.stderr()).toBe(78);
      expect(child.stderr()).toMatch(/^weir: redis-server is not installed\.\n {2}Install Redis 6\.2 or newer .* REDIS_URL/);
    });

    it('and with a package manager that cannot reach its packages', async () => {
      symlinkSync('/bin/sh', join(tools, 'sh'));
      writeFileSync(
        join(tools, 'apt-get'),
        '#!/bin/sh\n[ "$1" = --version ] && exit 0\necho "E: Unable to fetch some archives"\nexit 100\n',
        { mode: 0o755 },
      );
      const child = without();
      expect((await child.ended).code, child.stderr()).toBe(78);
      expect(child.stderr()).toContain('installing it: apt-get install -y redis-server');
      expect(child.stderr()).toContain('could not be installed: E: Unable to fetch some archives');
      expect(existsSync(data)).toBe(false);
    });
  });
});
