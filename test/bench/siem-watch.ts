/**
 * Watches alerts enter the SIEM queue by a blocking read of BullMQ's event stream. The script that queues a job also
 * writes to that stream, and Redis answers the read as soon as the script has ended. So this adds one answer on a local
 * socket, some tenths of a millisecond, and any delay of this process.
 */
import { performance } from 'node:perf_hooks';
import { connect } from '../../engine/redis/connection.ts';
import { keys } from '../../engine/redis/keys.ts';
import { queueName } from '../../engine/deliver/siem-queue/intake.ts';

export type SiemWatch = {
  /** When each alert was seen in the queue, by id, on the clock of performance.now(). */
  readonly seen: ReadonlyMap<string, number>;
  stop(): Promise<void>;
};

export function watchSiem(url: string): SiemWatch {
  const redis = connect(url, 'bench-watch');
  redis.on('error', () => undefined); // reconnects by itself, and reads on from where it stopped
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
