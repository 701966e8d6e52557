/** Schemas of `POST /v1/events`. */
import { z } from 'zod';
import { rejectionCodes } from '../../engine/core/ingest/rejection.ts';

const itemError = z
  .strictObject({
    index: z.int().nonnegative().describe('Position in the request, counted from 0 without blank lines'),
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
    errors: z.array(itemError).describe('The first 100 errors; `rejected` counts all of them'),
  })
  .meta({ id: 'Accepted' });

export const ingestQuery = z.strictObject({
  dataset: z.string().optional().describe('Dataset of the events that have no event.dataset'),
});
