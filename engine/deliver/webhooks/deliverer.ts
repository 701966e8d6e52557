/**
 * Delivers webhooks: one BullMQ worker for each enabled target, with its own slots and rate, so that a target that hangs
 * delays only its own deliveries. Targets change at any time; every `lookMs`, workers are opened and closed to match.
 *
 * A delivery that was being sent when its process died is sent again after its lock has expired, under the same
 * webhook-id: a receiver may get it twice, and can recognise it by that id.
 *
 * A pause is BullMQ's rate limit with an expiry in Redis, so it holds for every process. While a target keeps failing,
 * one delivery is sent at a time.
 */
import { DelayedError, UnrecoverableError, WaitingError, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { setTimeout as sleep } from 'node:timers/promises';
import { limits } from '../../core/limits.ts';
import { retryDelayMs } from '../../core/deliver/retry.ts';
import type { WebhookForm } from '../../core/deliver/target.ts';
import { keys } from '../../redis/keys.ts';
import type { KnownTarget, WebhookTargets } from '../../runtime/deliver/ports.ts';
import { deliver, type Delivered, type DeliveryDeps } from './delivery.ts';
import { queueNameOf, type DeliveryData, type DeliveryJob, type WebhookQueues } from './queues.ts';

export type DelivererDeps = Omit<DeliveryDeps, 'targets'> & {
  /** Duplicated for blocking commands. Stays open. */
  readonly redis: Redis;
  readonly targets: WebhookTargets;
  readonly queues: WebhookQueues;
  readonly trouble: (what: string, error: Error) => void;
};

export type DelivererOptions = {
  readonly lookMs?: number;
  /** About how long after the death of a process its deliveries are sent again. */
  readonly lockMs?: number;
  /** Delay before the next attempt, from the number of attempts so far and the Retry-After of the target. */
  readonly delayMs?: (made: number, retryAfterMs: number) => number;
};

/** Deliveries per second that the services of these forms accept. */
const ratePerSecond: Readonly<Record<WebhookForm, number>> = { standard: 50, slack: 1, pagerduty: 2, alertmanager: 50 };

/** A failed attempt that will be retried. The list of deliveries shows its message. */
class TryLater extends Error {
  readonly retryAfterMs: number;
  constructor(because: string, retryAfterMs: number) {
    super(because);
    this.retryAfterMs = retryAfterMs;
  }
}

/** It waits until the target is enabled again, or is deleted with it. */
async function putBack(job: DeliveryJob, token: string | undefined): Promise<never> {
  await job.moveToWait(token);
  throw new WaitingError();
}

/** It waits for earlier deliveries of its alert. */
async function postpone(job: DeliveryJob, token: string | undefined): Promise<never> {
  await job.moveToDelayed(Date.now() + behindMs(Date.now() - job.timestamp), token);
  throw new DelayedError();
}

/** How long a delivery waits before it looks again for earlier ones of its alert: longer, the longer it has waited. */
const behindMs = (waitedMs: number): number => Math.min(60_000, 100 + waitedMs / 4);

type DeliveryWorker = Worker<DeliveryData, Delivered>;
type Open = { target: KnownTarget; readonly worker: DeliveryWorker; closed: boolean };

/** Starts at once; disposing waits for running attempts. */
export function startDeliverer(deps: DelivererDeps, options: DelivererOptions = {}): AsyncDisposable {
  const {
    lookMs = 500,
    lockMs = 2 * limits.webhookAttemptMsMax,
    delayMs = (made, asked) => retryDelayMs(made, Math.random(), asked),
  } = options;
  const open = new Map<string, Open>();
  const closing = new Set<Promise<void>>();
  const stopping = new AbortController();

  function start(target: KnownTarget): Open {
    const worker: DeliveryWorker = new Worker(queueNameOf(target.id), (job, token) => process(entry, job, token), {
      connection: deps.redis,
      prefix: keys.webhookPrefix,
      concurrency: limits.webhookConcurrencyMax,
      limiter: { max: ratePerSecond[target.form], duration: 1000 },
      lockDuration: lockMs,
      stalledInterval: lockMs / 2,
      // Unlimited: deliveries end by age, however often their process dies.
      maxStalledCount: 1_000_000,
      maximumRateLimitDelay: 2000,
      settings: { backoffStrategy: (made, _type, error) => delayMs(made, error instanceof TryLater ? error.retryAfterMs : 0) },
    });
    worker.on('error', (error) => deps.trouble(`webhook ${target.id}`, error));
    worker.on('failed', (job, error) => {
      if (job !== undefined && error instanceof TryLater && job.finishedOn !== undefined) deps.meter.addTo('webhooks', 'given_up');
    });
    const entry: Open = { target, worker, closed: false };
    return entry;
  }

  async function process(entry: Open, job: DeliveryJob, token: string | undefined): Promise<Delivered> {
    const { target, worker } = entry;
    if (entry.closed) return putBack(job, token);
    const result = await deliver(deps, target, job.data, job.data.againMs ?? job.timestamp);
    switch (result.kind) {
      case 'done':
        worker.concurrency = limits.webhookConcurrencyMax;
        return result.delivered;
      case 'gone':
        close(entry);
        throw new UnrecoverableError(result.because);
      case 'behind':
        return postpone(job, token);
      case 'over':
        throw new UnrecoverableError(result.because);
      case 'later':
        if (result.failures >= limits.webhookFailuresMax) worker.concurrency = 1;
        if (result.pauseMs > 0) await deps.queues.of(target.id).rateLimit(result.pauseMs);
        throw new TryLater(result.because, result.retryAfterMs);
    }
  }

  function close(entry: Open): void {
    const { id } = entry.target;
    entry.closed = true;
    if (open.get(id) === entry) open.delete(id);
    const closed = entry.worker.close().catch((error: Error) => deps.trouble(`webhook ${id}`, error));
    closing.add(closed);
    void closed.then(() => closing.delete(closed));
  }

  async function look(): Promise<void> {
    const targets = await deps.targets.current();
    const wanted = new Map(targets.filter(({ disabled }) => disabled === undefined).map((one) => [one.id, one]));
    for (const [id, entry] of open) if (!wanted.has(id)) close(entry);
    for (const [id, target] of wanted) {
      const known = open.get(id);
      if (known === undefined) open.set(id, start(target));
      else known.target = target;
    }
    await deps.queues.keepOnly(targets.map(({ id }) => id));
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      await look().catch((error: Error) => deps.trouble('reading the webhook targets', error));
      await sleep(lookMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  }

  const running = run();
  return {
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await running;
      for (const entry of open.values()) close(entry);
      await Promise.all(closing);
    },
  };
}
