/** Liveness and readiness. */
import { z } from 'zod';

export const live = z.strictObject({ status: z.literal('ok') });

export const ready = z.strictObject({
  ready: z.boolean(),
  parts: z.record(z.string(), z.strictObject({ ok: z.boolean(), reason: z.string().optional() })),
});
