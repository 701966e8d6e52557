import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { filled, full, refillMs, taken, waitMs, type Bucket } from '../../../engine/core/access/token-bucket.ts';

const policy = { quota: 10, windowMs: 1000 };

describe('a token bucket', () => {
  it('gives its tokens at once, and then as they refill', () => {
    let bucket = full(policy, 0);
    for (let i = 0; i < 10; i++) {
      expect(waitMs(bucket, policy)).toBe(0);
      bucket = taken(bucket, 1);
    }
    expect([waitMs(bucket, policy), refillMs(bucket, policy)]).toEqual([100, 1000]);
    expect(waitMs(filled(bucket, policy, 99), policy)).toBeCloseTo(1);
    expect(waitMs(filled(bucket, policy, 100), policy)).toBe(0);
    expect(filled(bucket, policy, 1_000_000).tokens).toBe(10);
  });

  it('may go negative, and then waits until it is positive again', () => {
    const bucket = taken(full(policy, 0), 30);
    expect(waitMs(bucket, policy)).toBe(2100);
    expect(waitMs(filled(bucket, policy, 2100), policy)).toBe(0);
  });

  it('is not changed by a clock that goes backwards', () => {
    const bucket = taken(full(policy, 1000), 5);
    expect(filled(bucket, policy, 500)).toEqual(bucket);
  });

  it('lets through, over any time, no more than its quota plus the refill', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 300 }), (pauses) => {
        let now = 0;
        let through = 0;
        let bucket: Bucket = full(policy, 0);
        for (const pause of pauses) {
          now += pause;
          bucket = filled(bucket, policy, now);
          if (waitMs(bucket, policy) > 0) continue;
          bucket = taken(bucket, 1);
          through += 1;
        }
        expect(through).toBeLessThanOrEqual(10 + (now * 10) / 1000 + 1e-6);
      }),
    );
  });
});
