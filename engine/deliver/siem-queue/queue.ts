/**
 * The SIEM queue for consumers: lease the most urgent alerts, then acknowledge or return them.
 *
 *     waiting ──lease──▶ leased ──ack──▶ done (kept, so that the id is never queued again)
 *        ▲                 │
 *        └── nack, expiry ─┘   at its old priority, after the other alerts of that priority
 *
 * A returned alert goes to the end of its priority: one that the SIEM cannot process would otherwise block all others of
 * its level for ever. Apart from that, each priority is FIFO.
 *
 * BullMQ's own handling of stalled jobs does not fit: it looks for missing locks, returns a job *ahead of* priority 1, and
 * fails it the second time. So locks outlive every lease, the stalled check never runs, and leases are expired here by
 * the end time in the token of the lock (lease.ts). All times are those of Redis: one clock.
 */
import { Job, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { limits } from '../../core/limits.ts';
import type { Level } from '../../core/rule.ts';
import { keys } from '../../redis/keys.ts';
import type { Leased, Lines, Settled, SiemQueue } from '../../runtime/deliver/siem-queue.ts';
import type { AlertStore } from '../../runtime/forward/ports.ts';
import { silent, type Meter } from '../../runtime/metering/meter.ts';
import { openIntake, queueName, type Trouble } from './intake.ts';
import { leaseText, newToken, readLease, type Lease } from './lease.ts';
import { levelsByUrgency } from '../../core/forward/admission.ts';
import { priorities } from './priority.ts';
import { moved, returnExpired, returnToQueue } from './lease-expiry.ts';

export type RunningSiemQueue = SiemQueue &
  AsyncDisposable & {
    /** Returns alerts whose lease has expired; runs every `sweepMs`. @returns how many */
    sweep(): Promise<number>;
  };

export type SiemQueueOptions = {
  readonly meter?: Meter;
  readonly trouble?: Trouble;
  readonly siemLeasedMax?: number;
  /** 0: only when sweep() is called. */
  readonly sweepMs?: number;
};

/** Practically unlimited: a lock is ended by ack, nack or sweep, never by time. */
const lockMs = 365 * 24 * 3_600_000;
/** Jobs fetched in one round trip. */
const roundMax = 100;
const remembered = { age: limits.siemDoneMsMax / 1000, count: limits.siemDoneMax };

/** @param redis stays open when the queue is closed */
export function openSiemQueue(redis: Redis, store: Pick<AlertStore, 'getMany'>, options: SiemQueueOptions = {}): RunningSiemQueue {
  const { meter = silent, trouble = () => undefined, siemLeasedMax = limits.siemLeasedMax, sweepMs = 1000 } = options;
  const intake = openIntake(redis, trouble);
  const worker = new Worker<{ id: string }>(queueName, null, {
    connection: redis,
    prefix: keys.queuePrefix,
    autorun: false,
    skipStalledCheck: true,
    skipLockRenewal: true,
    lockDuration: lockMs,
  });
  worker.on('error', trouble);
  const backend = worker.backend;

  async function now(): Promise<number> {
    const [seconds, micros] = await redis.time();
    return Number(seconds) * 1000 + Math.floor(Number(micros) / 1000);
  }

  /** Locks jobs, most urgent first: commands on one connection are executed in order. */
  async function fetch(max: number, expiresMs: number): Promise<Lease[]> {
    const found: Lease[] = [];
    while (found.length < max) {
      const asked = Math.min(roundMax, max - found.length);
      const jobs = await Promise.all(Array.from({ length: asked }, () => worker.getNextJob(newToken(expiresMs), { block: false })));
      for (const job of jobs) if (job?.id !== undefined && job.token !== undefined) found.push({ id: job.id, token: job.token, expiresMs });
      if (jobs.some((job) => job === undefined)) break;
    }
    return found;
  }

  /** False if the token does not hold the job. True if the job was completed before, so that a repeated ack is not a failure. */
  async function complete({ id, token }: Pick<Lease, 'id' | 'token'>): Promise<boolean> {
    const job = new Job(worker, 'alert', { id }, {}, id);
    if (await moved(backend.moveToCompleted(job, null, remembered, token, false))) return true;
    return (await backend.isFinished(id)) === 1;
  }

  async function settle(leases: readonly string[], outcome: 'acked' | 'nacked', end: (lease: Lease) => Promise<boolean>): Promise<Settled> {
    const nowMs = await now();
    const texts = [...new Set(leases)];
    const ended = await Promise.all(
      texts.map((text) => {
        const lease = readLease(text);
        return lease !== undefined && lease.expiresMs > nowMs && end(lease);
      }),
    );
    const done = texts.filter((_, i) => ended[i]);
    const expired = texts.filter((_, i) => !ended[i]);
    meter.addTo('siem', outcome, done.length);
    meter.addTo('siem', 'too_late', expired.length);
    return { done, expired };
  }

  async function sweep(): Promise<number> {
    const returned = await returnExpired(redis, backend, await now());
    if (returned > 0) meter.addTo('siem', 'expired', returned);
    return returned;
  }

  let sweeping: Promise<void> | undefined;
  const timer = sweepMs === 0 ? undefined : setInterval(() => (sweeping ??= sweepQuietly()), sweepMs);
  timer?.unref();

  async function sweepQuietly(): Promise<void> {
    try {
      await sweep();
    } catch (error) {
      trouble(error as Error);
    } finally {
      sweeping = undefined;
    }
  }

  async function lines(): Promise<Lines> {
    const counts = await backend.getCountsPerPriority(priorities);
    const [leased] = await backend.getCounts(['active']);
    const oldest: (number | null)[] = [];
    for (let i = 0, rank = 0; i < priorities.length; rank += counts[i++] ?? 0)
      oldest.push((counts[i] ?? 0) === 0 ? null : await headOf(rank));
    return { depth: byLevel((i) => counts[i] ?? 0), leased: leased ?? 0, oldestMs: byLevel((i) => oldest[i] ?? null) };
  }

  /** Creation time of the alert at that position of the whole queue. */
  async function headOf(rank: number): Promise<number | null> {
    const [ids] = await backend.getRanges(['prioritized'], rank, rank, true);
    const job = ids?.[0] === undefined ? undefined : await backend.getJobData(ids[0]);
    return job?.timestamp ?? null;
  }

  return {
    async depth() {
      const { depth, leased, oldestMs } = await lines();
      const oldest = Math.min(...Object.values(oldestMs).filter((ms) => ms !== null));
      return { depth, leased, oldest: oldest === Infinity ? null : new Date(oldest).toISOString() };
    },
    lines,

    async lease({ max, seconds }) {
      const [leased] = await backend.getCounts(['active']);
      const wanted = Math.min(max, limits.siemLeaseMax, siemLeasedMax - (leased ?? 0));
      const expiresMs = (await now()) + Math.round(Math.min(seconds, limits.siemLeaseSecondsMax) * 1000);
      const expires = new Date(expiresMs).toISOString();
      const answer: Leased[] = [];
      while (answer.length < wanted) {
        const fetched = await fetch(wanted - answer.length, expiresMs);
        if (fetched.length === 0) break;
        const alerts = await store.getMany(fetched.map(({ id }) => id));
        const forgotten = fetched.filter((_, i) => alerts[i] === undefined);
        await Promise.all(forgotten.map(complete));
        meter.addTo('siem', 'missing', forgotten.length);
        fetched.forEach(({ id, token }, i) => {
          const alert = alerts[i];
          if (alert !== undefined) answer.push({ lease: leaseText(id, token), expires, alert });
        });
        if (forgotten.length === 0) break;
      }
      meter.addTo('siem', 'leased', answer.length);
      return answer;
    },

    ack: (leases) => delivering(meter, () => settle(leases, 'acked', complete)),
    nack: (leases) => settle(leases, 'nacked', ({ id, token }) => returnToQueue(redis, backend, id, token)),
    sweep,

    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await sweeping;
      await worker.close();
      await intake[Symbol.asyncDispose]();
    },
  };
}

/** Counts what was acknowledged as delivered, with the time that it took. */
async function delivering(meter: Meter, acknowledge: () => Promise<Settled>): Promise<Settled> {
  const started = performance.now();
  const settled = await acknowledge();
  meter.stage('deliver', settled.done.length, (performance.now() - started) / 1000);
  return settled;
}

const byLevel = <T>(of: (line: number) => T): Record<Level, T> =>
  Object.fromEntries(levelsByUrgency.map((level, i) => [level, of(i)])) as Record<Level, T>;
