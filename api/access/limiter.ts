/** The rate limiter of the keys: counts locally, and shares the counts with the other API processes a moment later. */
import type { Cleanup } from '../../engine/cleanup.ts';
import { limits } from '../../engine/core/limits.ts';
import type { RatePolicy } from '../../engine/core/access/token-bucket.ts';
import type { Redis } from '../../engine/redis/connection.ts';
import { openRates } from '../../engine/redis/access/rate.ts';
import { paced } from '../../engine/runtime/access/throttle.ts';
import { rateLimiter, type RateLimiter } from '../../engine/runtime/access/rate.ts';

/** Requests and events of each key. Undefined: not limited. */
export type RateSettings = { readonly rate?: RatePolicy | 'off'; readonly ingestRate?: RatePolicy | 'off' };

export function openLimiter(redis: Redis, { rate, ingestRate }: RateSettings, cleanup: Cleanup): RateLimiter {
  const policy = (given: RatePolicy | 'off' | undefined): RatePolicy | undefined => (given === 'off' ? undefined : given);
  const settling = paced(() => limiter.settle(), limits.rateSettleMs);
  const limiter = rateLimiter({ key: policy(rate), events: policy(ingestRate) }, Date.now, openRates(redis), settling.wake);
  cleanup.defer(() => settling.stop());
  return limiter;
}
