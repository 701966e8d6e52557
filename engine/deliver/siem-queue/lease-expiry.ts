/**
 * Returns leased alerts to the queue, at the end of their priority. This takes two steps, as BullMQ puts a returned job
 * first within its priority: move it, then set the priority again. A crash in between leaves it first, which does no harm.
 *
 * Expiry: every leased job is locked, and the lock's token contains the end of the lease. A job without a lock (deleted
 * keys) gets an expired lock, if it still has none, and is returned with it; a consumer that leases it at the same moment
 * keeps it.
 */
import type { IQueueBackend } from 'bullmq';
import type { Redis } from 'ioredis';
import { expiryOf, newToken } from './lease.ts';
import { priorities } from './priority.ts';

/** The most keys in one Redis command. */
const chunk = 1000;

/** True if the job was moved; false if BullMQ says that this token does not hold it (any more). @throws any other error */
export async function moved(move: Promise<unknown>): Promise<boolean> {
  try {
    await move;
    return true;
  } catch (error) {
    if (typeof (error as { code?: unknown }).code === 'number') return false;
    throw error;
  }
}

/** Ends the lease with this token; false if it had ended already. */
export async function returnToQueue(redis: Redis, backend: IQueueBackend, id: string, token: string): Promise<boolean> {
  if (!(await moved(backend.moveJobFromActiveToWait(id, token)))) return false;
  const priority = Number(await redis.hget(backend.toKey(id), 'priority'));
  if (priorities.includes(priority)) await moved(backend.changePriority(id, priority));
  return true;
}

/** Returns every leased job whose lease has ended at `nowMs`. @returns how many */
export async function returnExpired(redis: Redis, backend: IQueueBackend, nowMs: number): Promise<number> {
  const leased = (await backend.getRanges(['active'], 0, -1, true)).flat();
  let returned = 0;
  for (let from = 0; from < leased.length; from += chunk) {
    const ids = leased.slice(from, from + chunk);
    const tokens = await redis.mget(ids.map((id) => lockKey(backend, id)));
    const done = await Promise.all(ids.map((id, i) => returnIfEnded(redis, backend, id, tokens[i] ?? null, nowMs)));
    returned += done.filter(Boolean).length;
  }
  return returned;
}

async function returnIfEnded(redis: Redis, backend: IQueueBackend, id: string, token: string | null, nowMs: number): Promise<boolean> {
  if (token === null) {
    const ended = newToken(0);
    return (await redis.set(lockKey(backend, id), ended, 'NX')) === 'OK' && returnToQueue(redis, backend, id, ended);
  }
  const expiresMs = expiryOf(token);
  return expiresMs !== undefined && expiresMs <= nowMs && returnToQueue(redis, backend, id, token);
}

const lockKey = (backend: IQueueBackend, id: string): string => `${backend.toKey(id)}:lock`;
