/** What operators ask: dead letters and health. */
import { z } from 'zod';
import { cursor, pageLimit } from './alert.ts';

export const deadLetterQuery = z.strictObject({ limit: pageLimit, cursor });

export const deadLetterPage = z.strictObject({
  dead_letters: z.array(
    z.looseObject({ id: z.string(), at: z.iso.datetime({ offset: true }), stage: z.string(), cause: z.string(), body: z.string() }),
  ),
  next_cursor: z.string().nullable(),
});

export const live = z.strictObject({ status: z.literal('ok') });

export const ready = z.strictObject({
  ready: z.boolean(),
  parts: z.record(z.string(), z.strictObject({ ok: z.boolean(), reason: z.string().optional() })),
});
