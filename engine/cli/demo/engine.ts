/**
 * The demo's engine: everything that `up` runs, with its own Redis in a temporary folder, so that a demo never touches
 * real data, whatever the environment says. It uses only settings that say how to run, not on what: no REDIS_URL, no
 * keys, no webhooks.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openCleanup } from '../../cleanup.ts';
import { configError, dotenv, environment, readConfig, type Config } from '../../config/config.ts';
import type { Rule } from '../../core/rule.ts';
import { keys } from '../../redis/keys.ts';
import type { Io } from '../command.ts';
import { openApi } from '../../app/api.ts';
import { openFoundation, type Foundation } from '../../app/foundation.ts';
import { startWorkers } from '../../app/workers.ts';

export type DemoEngine = AsyncDisposable & {
  readonly url: string;
  readonly latenessMs: number;
  readonly rules: () => readonly Rule[];
  /** Waits until all accepted events are processed, all reviews due by `dueMs` are done, and their alerts are stored. */
  quiet(dueMs: number, signal: AbortSignal): Promise<void>;
};

const settingsUsed = ['WEIR_RULES', 'WEIR_WORKERS', 'WEIR_MAXMEMORY', 'WEIR_PORT', 'WEIR_LOG_LEVEL'];
/** Short, because an absence is reported only after it; the generated traffic stays within it. */
const lateness = '10s';

/** @throws WeirError (78) when it cannot start */
export async function openDemoEngine(io: Pick<Io, 'say'>): Promise<DemoEngine> {
  const cleanup = openCleanup();
  try {
    const folder = await mkdtemp(join(tmpdir(), 'weir-demo-'));
    cleanup.defer(() => rm(folder, { recursive: true, force: true }));
    const wanted = demoConfig(folder);
    const config = { ...wanted, port: (await isFree(wanted)) ? wanted.port : 0 };
    const engine = cleanup.use(await openFoundation(config, io));
    const workers = cleanup.use(startWorkers(engine));
    const api = cleanup.use(await openApi(engine, workers));
    const isQuiet = quietness(engine);
    return {
      url: api.url,
      latenessMs: config.latenessMs,
      rules: () => engine.rules.current().ruleset.rules,
      async quiet(dueMs, signal) {
        while (!(await isQuiet(dueMs))) await sleep(50, undefined, { signal });
      },
      async [Symbol.asyncDispose]() {
        api.stop();
        workers.stop();
        await cleanup.close();
      },
    };
  } catch (error) {
    await cleanup.close();
    throw error;
  }
}

/** Checks in pipeline order: a processed event has stored its reviews and alerts, and a finished review its alert. */
function quietness({ redis, stores, config }: Foundation): (dueMs: number) => Promise<boolean> {
  const readInstallation = stores.installationReader();
  const partitions = Array.from({ length: config.partitions }, (_, partition) => partition);
  return async (dueMs) => {
    const { shards } = await readInstallation();
    if (shards.some(({ accepted, processed, dead }) => accepted !== processed + dead)) return false;
    const due = await Promise.all(partitions.map((partition) => redis.zcount(keys.reviews(partition), '-inf', dueMs)));
    return due.every((count) => count === 0) && (await readInstallation()).outbox === 0;
  };
}

function demoConfig(folder: string): Config {
  const given = { ...dotenv(), ...environment };
  const picked = Object.fromEntries(settingsUsed.map((name) => [name, given[name]]));
  const { config, problems } = readConfig({ WEIR_LOG_LEVEL: 'warn', ...defined(picked), WEIR_LATENESS: lateness, WEIR_DATA: folder });
  if (config === undefined) throw configError(problems);
  return config;
}

const defined = (env: Record<string, string | undefined>): Record<string, string | undefined> =>
  Object.fromEntries(Object.entries(env).filter(([, value]) => (value ?? '').trim() !== ''));

const isFree = ({ host, port }: Config): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, host, () => probe.close(() => resolve(true)));
  });
