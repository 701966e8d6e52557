/**
 * Delivers: one BullMQ worker for each target that is on, with slots and a rate of its own, so that a target that hangs
 * holds up its own deliveries and no others. Targets come and go; a look every `lookMs` opens and closes workers.
 *
 * A delivery that was under way when its process died is taken up again when its lock has run out, under the same
 * webhook-id: a receiver may then get it twice, and knows it by that.
 *
 * A pause is BullMQ's rate limit with an end, kept in Redis: it holds for every process. While a target keeps failing,
 * one delivery at a time goes out.
 */
import { UnrecoverableError, WaitingError, Worker } from 'bullmq';
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
  /** Blocks, on a connection that is made like it. Stays open. */
  readonly redis: Redis;
  readonly targets: WebhookTargets;
  readonly queues: WebhookQueues;
  readonly trouble: (what: string, error: Error) => void;
};

export type DelivererOptions = {
  readonly lookMs?: number;
  /** After how long the deliveries of a dead process are taken up, about. */
  readonly lockMs?: number;
  /** Until the next attempt: how many were made, and what the target asked for. */
  readonly delayMs?: (made: number, retryAfterMs: number) => number;
};

/** Deliveries a second: what the services behind these forms take. */
const ratePerSecond: Readonly<Record<WebhookForm, number>> = { standard: 50, slack: 1, pagerduty: 2, alertmanager: 50 };

/** A failed attempt that is to be repeated. Its message is what the list of deliveries shows. */
class TryLater extends Error {
  readonly retryAfterMs: number;
  constructor(because: string, retryAfterMs: number) {
    super(because);
    this.retryAfterMs = retryAfterMs;
  }
}

type DeliveryWorker = Worker<DeliveryData, Delivered>;
type Open = { target: KnownTarget; readonly worker: DeliveryWorker; closed: boolean };

/** Starts at once; disposing waits for the attempts under way. */
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
      // However often its process dies: the end of a delivery is its age.
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
    if (entry.closed) {
      // It waits until the target is on again, or is removed with it.
      await job.moveToWait(token);
      throw new WaitingError();
    }
    const told = await deliver(deps, target, job.data, job.data.againMs ?? job.timestamp);
    switch (told.kind) {
      case 'done':
        worker.concurrency = limits.webhookConcurrencyMax;
        return told.delivered;
      case 'gone':
        close(entry);
        throw new UnrecoverableError(told.because);
      case 'over':
        throw new UnrecoverableError(told.because);
      case 'later':
        if (told.failures >= limits.webhookFailuresMax) worker.concurrency = 1;
        if (told.pauseMs > 0) await deps.queues.of(target.id).rateLimit(told.pauseMs);
        throw new TryLater(told.because, told.retryAfterMs);
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
      await look().catch((error: Error) => deps.trouble('looking for webhook targets', error));
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
