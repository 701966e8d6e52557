/** Answers of `POST /v1/events`. */
import { z } from 'zod';
import { rejectionCodes } from '../../engine/core/ingest/rejection.ts';

export const itemError = z
  .strictObject({
    index: z.int().nonnegative().describe('Position in the request, from 0; blank lines do not count'),
    code: z.enum(rejectionCodes),
    detail: z.string(),
    line: z.int().positive(),
    column: z.int().positive(),
  })
  .meta({ id: 'ItemError' });

export const accepted = z
  .strictObject({
    accepted: z.int().nonnegative(),
    rejected: z.int().nonnegative(),
    errors: z.array(itemError).describe('The first 100; `rejected` counts all'),
  })
  .meta({ id: 'Accepted' });

export const ingestQuery = z.strictObject({
  dataset: z.string().optional().describe('The feed of those events that do not say theirs in event.dataset'),
});
