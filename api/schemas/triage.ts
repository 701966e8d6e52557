/** Changes of triage: of one alert, and of all that fit a filter. */
import { z } from 'zod';
import { limits } from '../../engine/core/limits.ts';
import { alertFilters, alertStatus, assignee, cursor, verdict } from './alert.ts';

export const triageChange = z
  .strictObject({
    status: alertStatus.optional(),
    assignee: assignee.nullable().optional().describe('null: nobody'),
    verdict: verdict.nullable().optional().describe('null: none'),
    note: z.string().max(limits.noteLengthMax).regex(/\S/, 'is to say something').optional().describe('Added to the history'),
  })
  .refine((change) => Object.values(change).some((value) => value !== undefined), {
    error: 'names nothing to change: status, assignee, verdict or note',
    when: ({ issues }) => issues.length === 0,
  })
  .meta({ id: 'TriageChange' });

export const bulkRequest = z.strictObject({
  filter: z
    .strictObject({ ...alertFilters, shadow: z.boolean().default(false) })
    .describe('As in the search; {} is every alert of a live rule'),
  change: triageChange,
  limit: z.int().min(1).max(limits.triageBulkMax).default(limits.triageBulkMax).describe('Alerts looked at for change in this request'),
  cursor,
  dry_run: z.boolean().default(false).describe('Say what would be changed, and change nothing'),
});

const count = z.int().nonnegative();

export const bulkAnswer = z.strictObject({
  dry_run: z.boolean(),
  matched: count.describe('Alerts that fit, of those this request looked at'),
  changed: count,
  unchanged: count.describe('They were that way already'),
  refused: z.array(z.strictObject({ id: z.string(), because: z.string() })).describe('They were left as they are'),
  more: z.boolean().describe('Further alerts may fit: ask again with next_cursor'),
  next_cursor: z.string().nullable(),
});
