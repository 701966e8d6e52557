/** The webhooks of a running engine: the targets of the file, the queues, and what delivers. */
import { readFileSync } from 'node:fs';
import { readWebhookFile } from '../../compile/webhook-file.ts';
import type { Config } from '../../config.ts';
import type { WebhookTarget } from '../../core/webhook/target.ts';
import { WeirError } from '../../errors.ts';
import { limits } from '../../core/limits.ts';
import { openAlertStore } from '../../redis/alert-store.ts';
import { openWebhookTargets } from '../../redis/webhooks.ts';
import type { WebhookTruth } from '../../runtime/truth.ts';
import type { FanOut, WebhookTargets } from '../../runtime/webhook-ports.ts';
import { startDeliverer } from '../../siem/webhooks/deliverer.ts';
import { fanOut } from '../../siem/webhooks/fan-out.ts';
import { openWebhookQueues, type WebhookQueues } from '../../siem/webhooks/queues.ts';
import { sender } from '../../siem/webhooks/send.ts';
import { openCleanup } from '../../cleanup.ts';
import { openConnection, type EngineParts } from './engine-parts.ts';

type Settings = Pick<Config, 'webhooksPath' | 'webhooksAllow'>;

/** @throws WeirError (78) that names everything that is wrong in the file */
export function webhookTargetsOf({ webhooksPath, webhooksAllow }: Settings): readonly WebhookTarget[] {
  if (webhooksPath === undefined) return [];
  let text: string;
  try {
    text = readFileSync(webhooksPath, 'utf8');
  } catch (error) {
    throw new WeirError(`WEIR_WEBHOOKS: ${(error as Error).message}`, 'Name a file that is there and can be read, or leave it empty.');
  }
  const { targets, problems } = readWebhookFile(text, webhooksAllow);
  if (problems.length === 0) return targets;
  const lines = problems.map(({ line, column, message }) => `${webhooksPath}:${line}:${column}: ${message}`);
  throw new WeirError(
    lines.length === 1 ? lines[0]! : `${lines.length} problems in the webhook targets:\n  ${lines.join('\n  ')}`,
    'docs/integrating.md#webhooks describes the file. WEIR_WEBHOOKS_ALLOW lets webhooks reach private addresses.',
  );
}

/** Longer than BullMQ waits for the next job: its silence is no outage. */
const socketTimeout = 2 * limits.redisSilenceMsMax;

/** Delivers until it is closed. `fanOut` is for the forwarder. */
export function startWebhooks(engine: EngineParts): AsyncDisposable & { readonly fanOut: FanOut } {
  const { config, log, metrics, webhookTargets } = engine;
  const cleanup = openCleanup();
  const redis = openConnection(engine.redisUrl, 'webhooks', log, { socketTimeout });
  cleanup.defer(() => redis.disconnect());
  const trouble = (what: string, error: Error): void => log.error({ err: error.message }, what);
  const targets = openWebhookTargets(redis, webhookTargets);
  const queues = cleanup.use(openWebhookQueues(redis, (error) => trouble('webhook queue', error)));
  const send = sender({ allow: config.webhooksAllow });
  const { meter } = metrics;
  cleanup.use(startDeliverer({ redis, targets, queues, alerts: openAlertStore(redis), send, meter, now: Date.now, trouble }));
  return { fanOut: fanOut({ targets, queues, meter }), [Symbol.asyncDispose]: cleanup.close };
}

/** For /metrics. */
export async function webhookTruth(targets: WebhookTargets, queues: WebhookQueues): Promise<WebhookTruth> {
  const [all, failing] = await Promise.all([targets.current(), targets.failing()]);
  const waiting = await Promise.all(all.map(({ id }) => queues.waiting(id)));
  const disabled = all.filter((one) => one.disabled !== undefined).length;
  const failed = all.filter((one) => one.disabled === undefined && failing.has(one.id)).length;
  return {
    targets: { fine: all.length - disabled - failed, failing: failed, disabled },
    waiting: waiting.reduce((sum, count) => sum + count, 0),
  };
}
