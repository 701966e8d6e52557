/**
 * How leased alerts come back into the queue: to the end of their own priority. Two steps, as BullMQ puts a returned
 * job before its equals: move, then place anew. A crash between them leaves it in front, which is no harm.
 *
 * Expiry. Every leased job is locked, and the lock's token tells when the lease ends. A job without a lock (someone
 * deleted keys) gets a lock that has ended, if it still has none, and is returned under it; so whoever leases it at
 * the same moment keeps it.
 */
import type { IQueueBackend } from 'bullmq';
import type { Redis } from 'ioredis';
import { expiryOf, newToken } from './lease.ts';
import { priorities } from './priority.ts';

/** Redis commands with this many keys or fewer. */
const chunk = 1000;

/** True if the move took place; false if BullMQ says that this token does not hold the job (any more). @throws what else goes wrong */
export async function moved(move: Promise<unknown>): Promise<boolean> {
  try {
    await move;
    return true;
  } catch (error) {
    if (typeof (error as { code?: unknown }).code === 'number') return false;
    throw error;
  }
}

/** Ends the lease under `token`; false if it had ended. */
export async function returnToQueue(redis: Redis, backend: IQueueBackend, id: string, token: string): Promise<boolean> {
  if (!(await moved(backend.moveJobFromActiveToWait(id, token)))) return false;
  const priority = Number(await redis.hget(backend.toKey(id), 'priority'));
  if (priorities.includes(priority)) await moved(backend.changePriority(id, priority));
  return true;
}

/** Returns every leased job whose lease has ended at `nowMs`; gives how many. */
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
