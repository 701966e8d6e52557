/**
 * The queues of the webhooks: one for each target, so that targets do not delay each other. A job holds the alert's id and
 * the event, never a secret and never the alert itself: both are read on delivery.
 *
 * The job's id is that of the message, so adding it twice has no effect, even after it was delivered or given up: jobs
 * are kept for longer than an outbox entry waits for its next retry.
 */
import { Queue, type Job } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Turn } from '../../core/alert/triage.ts';
import { limits } from '../../core/limits.ts';
import type { Level } from '../../core/rule.ts';
import { attemptsMax } from '../../core/deliver/retry.ts';
import { messageId, type WebhookEvent } from '../../core/deliver/target.ts';
import { keys } from '../../redis/keys.ts';
import type { Trouble } from '../siem-queue/intake.ts';
import { priorityOf } from '../siem-queue/priority.ts';
import type { WebhooksState } from '../../runtime/metering/installation.ts';
import type { WebhookTargets } from '../../runtime/deliver/ports.ts';

/** `againMs`: when a replay of the delivery was requested, epoch ms. */
export type DeliveryData = {
  readonly alert: string;
  readonly event: WebhookEvent;
  /** The closing or reopening that it is about. */
  readonly turn?: Turn;
  readonly againMs?: number;
};

/** What is to be queued: an alert, and the turn it is about. */
export type ToQueue = { readonly id: string; readonly level: Level; readonly turn?: Turn | undefined };
export type DeliveryJob = Job<DeliveryData>;
export type DeliveryQueue = Queue<DeliveryData>;

export const queueNameOf = (targetId: string): string => `webhook-${targetId}`;
const backoffName = 'webhook';

export type WebhookQueues = AsyncDisposable & {
  of(targetId: string): DeliveryQueue;
  /** The number of pending deliveries, including those waiting for a retry. */
  waiting(targetId: string): Promise<number>;
  add(targetId: string, alerts: readonly ToQueue[], event: WebhookEvent): Promise<void>;
  /** Whether one of these deliveries is still to be made. */
  hasPending(targetId: string, ids: readonly string[]): Promise<boolean>;
  /** Closes the queues of all other targets, which another process may have deleted. */
  keepOnly(targetIds: readonly string[]): Promise<void>;
  /** Deletes the deliveries of a target. */
  remove(targetId: string): Promise<void>;
};

/** States of deliveries that nothing more comes of. */
const ended: ReadonlySet<string> = new Set(['completed', 'failed', 'unknown']);
/** The first turn with that event. */
const turnOf: Readonly<Record<WebhookEvent, number>> = { 'alert.created': 0, 'alert.closed': 1, 'alert.reopened': 2 };

const remembered = { age: limits.webhookDoneMsMax / 1000, count: limits.webhookDoneMax };

/** @param redis stays open when the queues are closed */
export function openWebhookQueues(redis: Redis, trouble: Trouble = () => undefined): WebhookQueues {
  const queues = new Map<string, DeliveryQueue>();

  function of(targetId: string): DeliveryQueue {
    const known = queues.get(targetId);
    if (known !== undefined) return known;
    const queue: DeliveryQueue = new Queue(queueNameOf(targetId), {
      connection: redis,
      prefix: keys.webhookPrefix,
      streams: { events: { maxLen: 100 } },
    });
    queue.on('error', trouble);
    queues.set(targetId, queue);
    return queue;
  }

  return {
    of,
    async waiting(targetId) {
      const counts = await of(targetId).backend.getCounts(['prioritized', 'delayed', 'active', 'wait']);
      return counts.reduce((sum, count) => sum + count, 0);
    },
    async add(targetId, alerts, event) {
      await of(targetId).addBulk(
        alerts.map(({ id, level, turn }) => ({
          name: event,
          data: { alert: id, event, ...(turn === undefined ? {} : { turn }) },
          opts: {
            jobId: messageId(id, turn?.turn ?? turnOf[event]),
            priority: priorityOf[level],
            attempts: attemptsMax,
            backoff: { type: backoffName },
            removeOnComplete: remembered,
            removeOnFail: remembered,
            stackTraceLimit: 0,
          },
        })),
      );
    },
    async hasPending(targetId, ids) {
      const states = await Promise.all(ids.map((id) => of(targetId).getJobState(id)));
      return states.some((state) => !ended.has(state));
    },
    async keepOnly(targetIds) {
      const gone = [...queues].filter(([id]) => !targetIds.includes(id));
      for (const [id] of gone) queues.delete(id);
      await Promise.all(gone.map(([, queue]) => queue.close()));
    },
    async remove(targetId) {
      const queue = of(targetId);
      queues.delete(targetId);
      await queue.obliterate({ force: true });
      await queue.close();
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...queues.values()].map((queue) => queue.close()));
    },
  };
}

/** The state of all webhooks, for /metrics: read from Redis, so the same in every process. */
export async function webhooksState(targets: WebhookTargets, queues: WebhookQueues): Promise<WebhooksState> {
  const [all, failing] = await Promise.all([targets.current(), targets.failing()]);
  await queues.keepOnly(all.map(({ id }) => id));
  const waiting = await Promise.all(all.map(({ id }) => queues.waiting(id)));
  const disabled = all.filter((one) => one.disabled !== undefined).length;
  const failed = all.filter((one) => one.disabled === undefined && failing.has(one.id)).length;
  return {
    targets: { fine: all.length - disabled - failed, failing: failed, disabled },
    waiting: waiting.reduce((sum, count) => sum + count, 0),
  };
}
