/** Schemas of the SIEM queue: depth, leases, acknowledgements. */
import { z } from 'zod';
import { levels, type Level } from '../../engine/core/rule.ts';
import { alert } from './alert.ts';

const count = z.int().nonnegative();

export const siemDepth = z.strictObject({
  depth: z.strictObject(Object.fromEntries(levels.map((name) => [name, count])) as Record<Level, typeof count>),
  leased: count,
  oldest: z.iso.datetime({ offset: true }).nullable().describe('Creation time of the oldest waiting alert; null if none is waiting'),
});

export const leaseRequest = z
  .strictObject({
    max: z.int().min(1).max(500).default(10),
    seconds: z.int().min(1).max(3600).default(60).describe('Lease duration. An alert not acknowledged by then returns to the queue'),
  })
  .nullish();

export const leaseAnswer = z.strictObject({
  leases: z.array(z.strictObject({ lease: z.string(), expires: z.iso.datetime({ offset: true }), alert })),
});

export const settleRequest = z.strictObject({ leases: z.array(z.string().min(1).max(512)).max(500) });

export const settleAnswer = z.strictObject({ done: z.array(z.string()), expired: z.array(z.string()) });
