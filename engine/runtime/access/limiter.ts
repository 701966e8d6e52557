/** The rate limiter of the keys: counts locally, and shares the counts with the other API processes a moment later. */
import type { RatePolicy } from '../../core/access/token-bucket.ts';
import { limits } from '../../core/limits.ts';
import { rateLimiter, type RateLimiter, type SettleRates } from './rate.ts';
import { throttle } from './throttle.ts';

/** Requests and events of each key. Undefined: not limited. */
export type RateSettings = { readonly rate?: RatePolicy | 'off'; readonly ingestRate?: RatePolicy | 'off' };

/** Shares its counts until it is disposed. */
export function openLimiter(settle: SettleRates, { rate, ingestRate }: RateSettings): RateLimiter & Disposable {
  const policy = (given: RatePolicy | 'off' | undefined): RatePolicy | undefined => (given === 'off' ? undefined : given);
  const settling = throttle(() => limiter.settle(), limits.rateSettleMs);
  const limiter = rateLimiter({ key: policy(rate), events: policy(ingestRate) }, Date.now, settle, settling.wake);
  return { ...limiter, [Symbol.dispose]: () => settling.stop() };
}
