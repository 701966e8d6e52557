/**
 * Adds alerts to the SIEM queue. The queue holds ids only: the alert itself is in the alert store, where its count may
 * still change while it waits.
 *
 * The job's id is that of the alert, so adding it twice has no effect, even after the alert was leased and acknowledged:
 * acknowledged jobs are kept for longer than an outbox entry can live (queue.ts).
 */
import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { alertIdShape } from '../../core/alert/query.ts';
import { keys } from '../../redis/keys.ts';
import type { SiemIntake } from '../../runtime/forward/ports.ts';
import { priorityOf } from './priority.ts';

export const queueName = 'siem';

/** Called with the queue's own errors, which also reject the call that caused them. */
export type Trouble = (error: Error) => void;

export type Intake = SiemIntake & AsyncDisposable & { readonly queue: Queue };

/** @param redis stays open when the intake is closed */
export function openIntake(redis: Redis, trouble: Trouble = () => undefined): Intake {
  const queue = new Queue(queueName, {
    connection: redis,
    prefix: keys.queuePrefix,
    streams: { events: { maxLen: 1000 } },
  });
  queue.on('error', trouble);

  return {
    queue,

    async size() {
      const [waiting, leased] = await queue.backend.getCounts(['prioritized', 'active']);
      return (waiting ?? 0) + (leased ?? 0);
    },

    async add(alerts) {
      const jobs = alerts.map(({ id, level, createdMs }) => {
        if (!alertIdShape.test(id)) return new Error(`not an alert id: ${JSON.stringify(id)}`);
        return { name: 'alert', data: { id }, opts: { jobId: id, priority: priorityOf[level], timestamp: createdMs } };
      });
      const good = jobs.filter((job): job is Exclude<typeof job, Error> => !(job instanceof Error));
      try {
        if (good.length > 0) await queue.addBulk(good);
        return jobs.map((job) => (job instanceof Error ? job : true));
      } catch {
        // One of them failed, and the answer does not say which. Adding the others again has no effect.
        return Promise.all(
          jobs.map(async (job): Promise<true | Error> => {
            if (job instanceof Error) return job;
            try {
              await queue.add(job.name, job.data, job.opts);
              return true;
            } catch (error) {
              return error as Error;
            }
          }),
        );
      }
    },

    async [Symbol.asyncDispose]() {
      await queue.close();
    },
  };
}
