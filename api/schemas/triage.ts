/** Schemas of triage: changing one alert, and all alerts that match a filter. */
import { z } from 'zod';
import { limits } from '../../engine/core/limits.ts';
import { alertFilters, alertStatus, assignee, cursor, verdict } from './alert.ts';

export const triageChange = z
  .strictObject({
    status: alertStatus.optional(),
    assignee: assignee.nullable().optional().describe('null unassigns the alert'),
    verdict: verdict.nullable().optional().describe('null removes the verdict'),
    note: z.string().max(limits.noteLengthMax).regex(/\S/, 'must not be blank').optional().describe('Added to the history'),
  })
  .refine((change) => Object.values(change).some((value) => value !== undefined), {
    error: 'must change something: status, assignee, verdict or note',
    when: ({ issues }) => issues.length === 0,
  })
  .meta({ id: 'TriageChange' });

export const bulkRequest = z.strictObject({
  filter: z
    .strictObject({ ...alertFilters, shadow: z.boolean().default(false) })
    .describe('The filters of the search; {} matches every alert of a live rule'),
  change: triageChange,
  limit: z
    .int()
    .min(1)
    .max(limits.triageBulkMax)
    .default(limits.triageBulkMax)
    .describe('Number of matching alerts to process in this request'),
  cursor,
  dry_run: z.boolean().default(false).describe('Report what would change, without changing it'),
});

const count = z.int().nonnegative();

export const bulkAnswer = z.strictObject({
  dry_run: z.boolean(),
  matched: count.describe('Matching alerts among those this request processed'),
  changed: count,
  unchanged: count.describe('Alerts that already were in that state'),
  refused: z.array(z.strictObject({ id: z.string(), because: z.string() })).describe('Alerts that could not be changed, with the reason'),
  more: z.boolean().describe('More alerts may match: repeat the request with next_cursor'),
  next_cursor: z.string().nullable(),
});
