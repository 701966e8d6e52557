/**
 * A token bucket: it holds at most `quota` tokens, and refills at `quota` per `windowMs`. A cost that is not known
 * beforehand (the events of a request) is charged afterwards, so the number of tokens may become negative; then nothing
 * is let through until it is positive again.
 */
export type RatePolicy = { readonly quota: number; readonly windowMs: number };

export type Bucket = {
  /** Tokens at the time `at`; may be negative. */
  readonly tokens: number;
  /** Epoch ms. */
  readonly at: number;
};

export const full = (policy: RatePolicy, now: number): Bucket => ({ tokens: policy.quota, at: now });

/** The bucket at that time. A clock that goes backwards adds nothing. */
export function filled({ tokens, at }: Bucket, { quota, windowMs }: RatePolicy, now: number): Bucket {
  return { tokens: Math.min(quota, tokens + (Math.max(0, now - at) * quota) / windowMs), at: Math.max(at, now) };
}

export const taken = (bucket: Bucket, cost: number): Bucket => ({ ...bucket, tokens: bucket.tokens - cost });

/** Time until a whole token is available, ms; 0 if there is one. */
export const waitMs = ({ tokens }: Bucket, { quota, windowMs }: RatePolicy): number =>
  tokens >= 1 ? 0 : ((1 - tokens) * windowMs) / quota;

/** Time until the bucket is full, ms. */
export const refillMs = ({ tokens }: Bucket, { quota, windowMs }: RatePolicy): number => ((quota - tokens) * windowMs) / quota;
