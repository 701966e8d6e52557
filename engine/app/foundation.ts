/**
 * What every part of a running engine stands on: Redis, the rules, metrics, the log. `up`, `api` and `worker` open it
 * once and put their own parts on top; disposing goes in the opposite order.
 */
import type { Logger } from 'pino';
import { openCleanup, type Cleanup } from '../cleanup.ts';
import type { Config } from '../config/config.ts';
import { openLog } from '../log.ts';
import { createMetrics, type Metrics } from '../metrics/metrics.ts';
import { connect, type Redis } from '../redis/connection.ts';
import { keys } from '../redis/keys.ts';
import { openRedis } from '../redis/start/open.ts';
import { openInstallationReader } from '../redis/metering/installation.ts';
import { sourcesOf } from '../compile/index.ts';
import { openRules, type Loaded, type Rules } from '../runtime/rules/reload.ts';
import { openAlertStore } from '../redis/alert/store.ts';
import { openSiemQueue } from '../deliver/siem-queue/queue.ts';
import type { WebhookTarget } from '../core/deliver/target.ts';
import { sealWith } from '../redis/access/seal.ts';
import { openWebhookTargets } from '../redis/deliver/webhooks.ts';
import { openWebhookQueues, webhooksState } from '../deliver/webhooks/queues.ts';
import type { Notices } from '../notices.ts';
import { version } from '../version.ts';
import { webhookTargetsOf, tellWarnings } from './webhook-file.ts';

export type EngineParts = AsyncDisposable & {
  readonly config: Config;
  readonly redisUrl: string;
  /** For short commands; never blocks. */
  readonly redis: Redis;
  readonly rules: Rules;
  /** Those of the file. */
  readonly webhookTargets: readonly WebhookTarget[];
  readonly metrics: Metrics;
  readonly log: Logger;
};

/** @param stopping ends the waiting for Redis   @throws WeirError (78) with the remedy when something is missing; the signal's reason */
export async function openEngine(config: Config, io: Notices, stopping?: AbortSignal): Promise<EngineParts> {
  const cleanup = openCleanup();
  try {
    const log = openLog(config.logLevel);
    const webhookTargets = webhookTargetsOf(config);
    const { url } = cleanup.use(await openRedis(config, io.say, stopping));
    const redis = openConnection(url, 'engine', log);
    cleanup.defer(() => redis.disconnect());
    const metrics = openMetrics(redis, config, webhookTargets, cleanup);
    const tellOfWebhooks = tellWarnings(webhookTargets, log);
    const rules = await openRules({
      folder: config.rulesPath,
      onLoaded(loaded) {
        reportRules(loaded, metrics, log);
        tellOfWebhooks(loaded.ruleset);
      },
      onFault(what, fault) {
        metrics.meter.rulesUnread(Date.now());
        log.error({ err: fault }, `${what}: checking the folder failed; the running rules stay in force`);
      },
    });
    void rules.run();
    cleanup.defer(() => rules.stop());
    return { config, redisUrl: url, redis, rules, webhookTargets, metrics, log, [Symbol.asyncDispose]: cleanup.close };
  } catch (error) {
    await cleanup.close();
    throw error;
  }
}

/** A connection whose outages are logged once each, not once per attempt. */
export function openConnection(url: string, role: string, log: Logger, options: Parameters<typeof connect>[2] = {}): Redis {
  const redis = connect(url, role, options);
  let down = false;
  redis.on('error', (error: Error) => {
    if (!down) log.warn({ err: error.message, role }, 'Redis is unreachable; retrying');
    down = true;
  });
  redis.on('ready', () => {
    if (down) log.info({ role }, 'Redis is reachable again');
    down = false;
  });
  return redis;
}

function openMetrics(
  redis: Redis,
  { shards, partitions, heartbeatMs, webhooksKey }: Config,
  webhooksOfFile: readonly WebhookTarget[],
  cleanup: Cleanup,
): Metrics {
  const readInstallation = openInstallationReader(redis, { shards, partitions, group: keys.group });
  const siem = cleanup.use(openSiemQueue(redis, openAlertStore(redis), { sweepMs: 0 }));
  const targets = openWebhookTargets(redis, { ofFile: webhooksOfFile, seal: sealWith(webhooksKey) });
  const queues = cleanup.use(openWebhookQueues(redis));
  return createMetrics({
    build: { version: version(), node: process.versions.node },
    heartbeatMs,
    installation: async () => {
      const [found, { depth, leased, oldestMs }, webhooks] = await Promise.all([
        readInstallation(),
        siem.lines(),
        webhooksState(targets, queues),
      ]);
      return { ...found, siem: { depth, leased }, oldestMs, webhooks };
    },
  });
}

/** Problems of the folder itself, which may be a volume that comes back: told less loudly than a bad rule. */
const ofFolder: ReadonlySet<string> = new Set(['folder-missing', 'unreadable', 'no-rule-left']);

function reportRules({ ruleset, problems }: Loaded, metrics: Metrics, log: Logger): void {
  const errors = problems.filter((problem) => problem.severity === 'error');
  const loaded: Record<string, number> = { live: 0, shadow: 0, draft: 0, off: 0 };
  for (const rule of ruleset.rules) loaded[rule.status]! += 1;
  metrics.meter.rules({
    loaded,
    errors: errors.length,
    warnings: problems.length - errors.length,
    at: Date.now(),
    sources: sourcesOf(ruleset),
  });
  for (const { file, line, column, code, message, hint, severity } of problems) {
    const told = `${file}:${line}:${column}: ${message}`;
    if (ofFolder.has(code)) log.warn({ code, hint }, told);
    else if (severity === 'error') log.error({ code, hint }, told);
  }
  log.info({ rules: ruleset.rules.length, hash: ruleset.hash, errors: errors.length }, 'rules loaded');
}
