/**
 * A token bucket: it holds `quota` tokens when it is full, and fills at `quota` per `windowMs`. What costs more than
 * is known beforehand (a request's events) is taken afterwards, so that a bucket may owe; nothing is let through
 * until that is paid back.
 */
export type RatePolicy = { readonly quota: number; readonly windowMs: number };

export type Bucket = {
  /** Tokens in it at `at`; below 0: owed. */
  readonly tokens: number;
  /** Epoch ms. */
  readonly at: number;
};

export const full = (policy: RatePolicy, now: number): Bucket => ({ tokens: policy.quota, at: now });

/** The bucket at that time. A clock that goes back fills nothing. */
export function filled({ tokens, at }: Bucket, { quota, windowMs }: RatePolicy, now: number): Bucket {
  return { tokens: Math.min(quota, tokens + (Math.max(0, now - at) * quota) / windowMs), at: Math.max(at, now) };
}

export const taken = (bucket: Bucket, cost: number): Bucket => ({ ...bucket, tokens: bucket.tokens - cost });

/** How long until there is a whole token again, ms; 0: there is one. */
export const waitMs = ({ tokens }: Bucket, { quota, windowMs }: RatePolicy): number =>
  tokens >= 1 ? 0 : ((1 - tokens) * windowMs) / quota;

/** How long until it is full again, ms. */
export const refillMs = ({ tokens }: Bucket, { quota, windowMs }: RatePolicy): number => ((quota - tokens) * windowMs) / quota;
