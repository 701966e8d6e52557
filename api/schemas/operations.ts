/** What operators ask: dead letters and health. */
import { z } from 'zod';
import { limits } from '../../engine/core/limits.ts';
import { cursor, pageLimit } from './alert.ts';

export const deadLetterQuery = z.strictObject({ limit: pageLimit, cursor });

const time = z.iso.datetime({ offset: true });

export const deadLetter = z
  .looseObject({
    id: z.string(),
    at: time.describe('When it was given up'),
    stage: z.string(),
    cause: z.string(),
    body: z.string().describe('Its text, cut to a bound'),
    retryable: z.boolean().optional().describe('Whether it can be given to ingest again: it could be read, and was not cut'),
    event: z.looseObject({ id: z.string(), time, dataset: z.string() }).optional(),
  })
  .meta({ id: 'DeadLetter' });

export const deadLetterPage = z.strictObject({ dead_letters: z.array(deadLetter), next_cursor: z.string().nullable() });

const letterId = z.string().min(1).max(64);

export const letterParams = z.strictObject({ id: letterId });

export const letterBulk = z.strictObject({
  ids: z.array(letterId).min(1).max(limits.deadLetterBulkMax).optional().describe('These; without: those of the stage, page by page'),
  stage: z.enum(['decode', 'correlate']).optional(),
  limit: z.int().min(1).max(limits.deadLetterBulkMax).default(limits.deadLetterBulkMax),
  cursor,
  dry_run: z.boolean().default(false).describe('Say how many it would be, and do nothing'),
});

const count = z.int().nonnegative();

export const letterAnswer = z.strictObject({ id: z.string(), outcome: z.enum(['retried', 'discarded']) });

export const letterBulkAnswer = z.strictObject({
  dry_run: z.boolean(),
  matched: count,
  done: count.describe('Retried, or discarded'),
  not_retryable: z.array(z.string()).describe('They could not be read, or were cut: they stay'),
  gone: z.array(z.string()).describe('There is no such letter, or somebody else was faster'),
  more: z.boolean(),
  next_cursor: z.string().nullable(),
});

export const live = z.strictObject({ status: z.literal('ok') });

export const ready = z.strictObject({
  ready: z.boolean(),
  parts: z.record(z.string(), z.strictObject({ ok: z.boolean(), reason: z.string().optional() })),
});
