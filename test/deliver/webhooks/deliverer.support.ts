/** Webhooks on a real Redis, set up as in a worker process, with delays short enough for tests. */
import { openCleanup } from '../../../engine/cleanup.ts';
import { readAllowed } from '../../../engine/compile/deliver/egress.ts';
import { secretOf } from '../../../engine/core/deliver/signature.ts';
import type { WebhookTarget } from '../../../engine/core/deliver/target.ts';
import { createMetrics } from '../../../engine/metrics/metrics.ts';
import { openAlertStore } from '../../../engine/redis/alert/store.ts';
import type { Redis } from '../../../engine/redis/connection.ts';
import { openWebhookTargets } from '../../../engine/redis/deliver/webhooks.ts';
import { startDeliverer, type DelivererDeps, type DelivererOptions } from '../../../engine/deliver/webhooks/deliverer.ts';
import { openWebhookService } from '../../../engine/deliver/webhooks/service.ts';
import { fanOut } from '../../../engine/deliver/webhooks/fan-out.ts';
import { openWebhookQueues } from '../../../engine/deliver/webhooks/queues.ts';
import { sender } from '../../../engine/deliver/webhooks/send.ts';
import { samplesOf, valueOf } from '../../support/samples.ts';

export const secret = secretOf(Buffer.alloc(32, 7));
export const allow = readAllowed(['127.0.0.1'])!;

export const targetOf = (id: string, url: string, differences: Partial<WebhookTarget> = {}): WebhookTarget => ({
  id,
  url,
  form: 'standard',
  secrets: [{ secret }],
  headers: {},
  minLevel: 'informational',
  rules: [],
  tags: [],
  events: ['alert.created'],
  evidence: true,
  ...differences,
});

export type BenchOptions = DelivererOptions &
  Partial<Pick<DelivererDeps, 'pauseMs' | 'now'>> & { readonly waitingMax?: number; readonly attemptMsMax?: number };

export function webhookBench(redis: Redis, options: BenchOptions = {}) {
  const { pauseMs = () => 0, now = Date.now, waitingMax, attemptMsMax = 20_000, ...timing } = options;
  const cleanup = openCleanup();
  const metrics = createMetrics({ process: false });
  const faults: Error[] = [];
  const targets = openWebhookTargets(redis);
  const queues = cleanup.use(openWebhookQueues(redis, (error) => faults.push(error)));
  const alerts = openAlertStore(redis);
  const send = sender({ allow, attemptMsMax });
  const deps: DelivererDeps = {
    redis,
    targets,
    queues,
    alerts,
    send,
    meter: metrics.meter,
    now,
    pauseMs,
    trouble: (_what, error) => void faults.push(error),
  };
  return {
    targets,
    queues,
    alerts,
    faults,
    service: openWebhookService({ targets, queues, send, allow, rules: async () => [], now }),
    fanOut: fanOut({ targets, queues, meter: metrics.meter, ...(waitingMax === undefined ? {} : { waitingMax }) }),
    /** Delivers until the bench is closed. */
    start: () => void cleanup.use(startDeliverer(deps, { lookMs: 20, lockMs: 30_000, delayMs: (_made, asked) => 20 + asked, ...timing })),
    /** Deliveries so far, by result. */
    async counted(): Promise<Record<string, number>> {
      const { text } = await metrics.expose();
      const lines = [...text.matchAll(/^weir_webhook_deliveries_total\{result="(\w+)"\} (\d+)$/gm)];
      return Object.fromEntries(lines.map(([, result, count]) => [result!, Number(count)]).filter(([, count]) => count !== 0));
    },
    /** Of the stage `deliver`: deliveries that passed it, attempts that were timed, and how long these took, seconds. */
    async stage(): Promise<{ events: number; attempts: number; seconds: number }> {
      const samples = samplesOf((await metrics.expose()).text);
      const of = (name: string): number => valueOf(samples, `weir_stage_${name}`, { stage: 'deliver' })!;
      return { events: of('events_total'), attempts: of('duration_seconds_count'), seconds: of('duration_seconds_sum') };
    },
    [Symbol.asyncDispose]: cleanup.close,
  };
}
