/**
 * Prometheus and promtool for tests. They are found, or installed from Debian as redis-server is (without leaving a system
 * service running); each test starts its own Prometheus on a private port.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { aptScript } from '../../engine/redis/embedded/install.ts';
import { runProgram } from '../../engine/redis/embedded/run.ts';
import { freePort } from './free-port.ts';
import { start, until } from './processes.ts';

const programs = ['prometheus', 'promtool'];
const installMsMax = 15 * 60_000;

/** @throws with the command to run, when installing needs a password */
export async function ensurePrometheus(): Promise<void> {
  if (await isInstalled()) return;
  const shell = process.getuid?.() === 0 ? ['sh'] : ['sudo', '-n', 'sh'];
  const script = (await runProgram('apt-get', ['--version'])).code === 0 ? aptScript('/usr/sbin/policy-rc.d', 'prometheus') : 'exit 1';
  process.stderr.write('prometheus is not installed; installing it: apt-get install -y prometheus (no system service will run)\n');
  const { output } = await runProgram(shell[0]!, [...shell.slice(1), '-c', script], installMsMax);
  if (await isInstalled()) return;
  throw new Error(`prometheus and promtool are not installed. Run: sudo apt-get install -y prometheus\n${output.slice(-2000)}`);
}

async function isInstalled(): Promise<boolean> {
  for (const program of programs) if ((await runProgram(program, ['--version'])).code !== 0) return false;
  return true;
}

export type Sample = { readonly metric: Readonly<Record<string, string>>; readonly value: number };

export type TestPrometheus = AsyncDisposable & {
  /** An instant query. @throws when Prometheus does not take it */
  query(expr: string): Promise<Sample[]>;
  /** GET on its API. @returns the `data` of the answer */
  api(path: string): Promise<unknown>;
};

/** @param config as in prometheus.yml, with targets of the test */
export async function startPrometheus(config: object): Promise<TestPrometheus> {
  const folder = mkdtempSync(join(tmpdir(), 'weir-prometheus-'));
  writeFileSync(join(folder, 'prometheus.yml'), stringify(config));
  const url = `http://127.0.0.1:${await freePort()}`;
  const child = start('prometheus', [
    `--config.file=${join(folder, 'prometheus.yml')}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=${new URL(url).host}`,
  ]);
  const api = async (path: string): Promise<unknown> => {
    const answer = await fetch(`${url}/api/v1/${path}`);
    const body = (await answer.json()) as { status: string; data: unknown; error?: string };
    if (body.status !== 'success') throw new Error(`${path}: ${body.error}`);
    return body.data;
  };
  await until(async () => {
    if (child.process.exitCode !== null) throw new Error(`prometheus ended:\n${child.stderr()}`);
    return fetch(`${url}/-/ready`).then(
      (answer) => answer.ok,
      () => false,
    );
  });
  return {
    api,
    async query(expr) {
      const { result } = (await api(`query?query=${encodeURIComponent(expr)}`)) as {
        result: { metric: Record<string, string>; value: [number, string] }[];
      };
      return result.map(({ metric, value }) => ({ metric, value: Number(value[1]) }));
    },
    async [Symbol.asyncDispose]() {
      child.process.kill('SIGKILL');
      await child.ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
