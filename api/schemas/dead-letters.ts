/** Schemas of dead letters. */
import { z } from 'zod';
import { limits } from '../../engine/core/limits.ts';
import { cursor, pageLimit } from './alert.ts';

export const deadLetterQuery = z.strictObject({ limit: pageLimit, cursor });

const time = z.iso.datetime({ offset: true });

export const deadLetter = z
  .looseObject({
    id: z.string(),
    at: time.describe('When the event was given up'),
    stage: z.string(),
    cause: z.string(),
    body: z.string().describe('The text of the event, cut if it is too long'),
    retryable: z.boolean().optional().describe('Whether it can be ingested again: the event was readable, and its text was not cut'),
    event: z.looseObject({ id: z.string(), time, dataset: z.string() }).optional(),
  })
  .meta({ id: 'DeadLetter' });

export const deadLetterPage = z.strictObject({ dead_letters: z.array(deadLetter), next_cursor: z.string().nullable() });

const letterId = z.string().min(1).max(64);

export const letterParams = z.strictObject({ id: letterId });

export const letterBulk = z.strictObject({
  ids: z
    .array(letterId)
    .min(1)
    .max(limits.deadLetterBulkMax)
    .optional()
    .describe('The dead letters to process; omit it to process all of the stage, page by page'),
  stage: z.enum(['decode', 'correlate']).optional(),
  limit: z.int().min(1).max(limits.deadLetterBulkMax).default(limits.deadLetterBulkMax),
  cursor,
  dry_run: z.boolean().default(false).describe('Report how many match, without changing anything'),
});

const count = z.int().nonnegative();

export const letterAnswer = z.strictObject({ id: z.string(), outcome: z.enum(['retried', 'discarded']) });

export const letterBulkAnswer = z.strictObject({
  dry_run: z.boolean(),
  matched: count,
  done: count.describe('Number of dead letters retried or discarded'),
  not_retryable: z.array(z.string()).describe('Ids of dead letters that were unreadable or cut; they are kept'),
  gone: z.array(z.string()).describe('Ids of dead letters that do not exist, or no longer'),
  more: z.boolean(),
  next_cursor: z.string().nullable(),
});
