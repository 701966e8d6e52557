/**
 * Sees alerts enter the SIEM queue: a blocking read of BullMQ's event stream, which the very script that queues a job
 * writes. Redis answers such a read as soon as the script has ended, so that what this adds is one answer on a local
 * socket: some tenths of a millisecond, and whatever this process is late.
 */
import { performance } from 'node:perf_hooks';
import { connect } from '../../engine/redis/connection.ts';
import { keys } from '../../engine/redis/keys.ts';
import { queueName } from '../../engine/deliver/siem-queue/intake.ts';

export type SiemWatch = {
  /** By alert id: when it was seen in the queue, on the clock of performance.now(). */
  readonly seen: ReadonlyMap<string, number>;
  stop(): Promise<void>;
};

export function watchSiem(url: string): SiemWatch {
  const redis = connect(url, 'bench-watch');
  redis.on('error', () => undefined); // made anew by itself; what was missed is read from where it stopped
  const stream = `${keys.queuePrefix}:${queueName}:events`;
  const seen = new Map<string, number>();
  let stopped = false;

  async function watch(): Promise<void> {
    for (let last = '0'; !stopped;) {
      const answer = (await redis.xread('COUNT', 1000, 'BLOCK', 200, 'STREAMS', stream, last)) as [string, [string, string[]][]][] | null;
      const now = performance.now();
      for (const [id, fields] of answer?.[0]?.[1] ?? []) {
        last = id;
        if (fields[1] === 'waiting') seen.set(fields[fields.indexOf('jobId') + 1]!, now);
      }
    }
  }

  const watching = watch();
  return {
    seen,
    async stop() {
      stopped = true;
      await watching;
      redis.disconnect();
    },
  };
}
