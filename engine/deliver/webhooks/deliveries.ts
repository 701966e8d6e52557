/** Lists the deliveries of one target, and sends them again. */
import { limits } from '../../core/limits.ts';
import type { DeliveryState, DeliveryView } from '../../runtime/deliver/service.ts';
import type { Delivered } from './delivery.ts';
import type { DeliveryJob, DeliveryQueue } from './queues.ts';

const jobStates = {
  waiting: ['active', 'prioritized', 'delayed', 'wait'],
  delivered: ['completed'],
  failed: ['failed'],
} as const satisfies Readonly<Record<DeliveryState, readonly string[]>>;

const allStates = Object.keys(jobStates) as DeliveryState[];

/** Newest first. */
export async function deliveriesOf(queue: DeliveryQueue, state: DeliveryState | undefined, max: number): Promise<DeliveryView[]> {
  const last = Math.min(max, limits.webhookListMax) - 1;
  const found = await Promise.all(
    (state === undefined ? allStates : [state]).map(async (one) => {
      const jobs = (await Promise.all(jobStates[one].map((type) => queue.getJobs(type, 0, last, false)))).flat();
      // A job removed between listing and reading is missing.
      return jobs.filter((job) => job !== undefined && job !== null).map((job) => viewOf(job, one));
    }),
  );
  return found
    .flat()
    .toSorted((a, b) => (latest(a) < latest(b) ? 1 : -1))
    .slice(0, last + 1);
}

const latest = ({ last_attempt, queued }: DeliveryView): string => last_attempt ?? queued;

function viewOf(job: DeliveryJob, state: DeliveryState): DeliveryView {
  const iso = (ms: number): string => new Date(ms).toISOString();
  const { status } = (job.returnvalue ?? {}) as Partial<Delivered>;
  return {
    id: job.id ?? '',
    alert: job.data.alert,
    event: job.data.event,
    state,
    attempts: job.attemptsMade,
    queued: iso(job.timestamp),
    ...(job.processedOn === undefined ? {} : { last_attempt: iso(job.processedOn) }),
    ...(state === 'waiting' && job.delay > 0 && job.processedOn !== undefined ? { next_attempt: iso(job.processedOn + job.delay) } : {}),
    ...(state === 'delivered' || !job.failedReason ? {} : { because: job.failedReason }),
    ...(status === undefined ? {} : { status }),
  };
}

/** @returns false if there is no such delivery, or it is being sent */
export async function replay(queue: DeliveryQueue, id: string, nowMs: number): Promise<boolean> {
  const job = await queue.getJob(id);
  if (job === undefined) return false;
  const state = await job.getState();
  if (state !== 'failed' && state !== 'completed' && state !== 'delayed') return false;
  await job.updateData({ ...job.data, againMs: nowMs });
  if (state === 'delayed') await job.promote();
  else await job.retry(state, { resetAttemptsMade: true, resetAttemptsStarted: true });
  return true;
}
