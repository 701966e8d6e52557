/** Schemas of alerts, and of the query that searches them. */
import { z } from 'zod';
import { alertStatuses, verdictLabels } from '../../engine/core/alert/alert.ts';
import { limits } from '../../engine/core/limits.ts';
import { levels } from '../../engine/core/rule.ts';

const time = z.iso.datetime({ offset: true });

export const level = z.enum(levels);
export const alertStatus = z.enum(alertStatuses);
export const verdict = z.enum(verdictLabels);
export const assignee = z
  .string()
  .min(1)
  .max(limits.assigneeLengthMax)
  .regex(/^[^\p{Cc}]*$/u, 'must not contain control characters');

const brief = z.looseObject({
  id: z.string(),
  rule: z.looseObject({ id: z.string(), title: z.string(), level, tags: z.array(z.string()), hash: z.string() }),
  status: alertStatus,
  shadow: z.boolean(),
  group: z.record(z.string(), z.string()),
  entities: z.array(z.looseObject({ field: z.string(), value: z.string(), risk: z.number() })),
  value: z.number(),
  reason: z.string(),
  message: z.string(),
  first_seen: time,
  last_seen: time,
  created: time,
  count: z.int().positive(),
  capped: z.boolean().optional(),
  assignee: z.string().optional().describe('Absent if unassigned'),
  verdict: verdict.optional().describe('Absent if there is none yet'),
  revision: z.int().positive().optional().describe('Number of triage changes, for If-Match; absent: 0'),
});

export const alert = brief.extend({ events: z.array(z.looseObject({})).describe('Evidence: up to 50 full events') }).meta({ id: 'Alert' });

const fromTo = z.tuple([z.string().nullable(), z.string().nullable()]).optional();

const historyEntry = z
  .strictObject({ at: time, who: z.string(), status: fromTo, assignee: fromTo, verdict: fromTo, note: z.string().optional() })
  .meta({ id: 'HistoryEntry' });

export const alertWithHistory = alert
  .extend({
    history: z.array(historyEntry).describe('Triage changes, newest last; each field as [from, to]'),
    history_dropped: z.int().nonnegative().describe('Number of older changes no longer kept here; the audit log has them'),
  })
  .meta({ id: 'AlertWithHistory' });

export const alertPage = z.strictObject({
  alerts: z.array(alert),
  next_cursor: z.string().nullable().describe('Null on the last page'),
});

export const pageLimit = z.coerce.number().int().min(1).max(500).default(50);
export const cursor = z.string().max(2048).optional().describe('`next_cursor` of the previous page, with the same filters');

/** The filters shared by search, stream and bulk triage. */
export const alertFilters = {
  status: alertStatus.optional(),
  assignee: assignee.optional(),
  verdict: verdict.optional(),
  level: level.optional(),
  min_level: level.optional(),
  rule: z.string().min(1).max(256).optional(),
  entity: z
    .string()
    .max(1024)
    .regex(/^[^:]+:[\s\S]+$/, 'must be field:value, such as source.ip:203.0.113.9')
    .optional()
    .describe('field:value, such as source.ip:203.0.113.9'),
  since: z.string().max(64).optional().describe('Created at or after this time (RFC 3339 or epoch)'),
  until: z.string().max(64).optional().describe('Created before this time (RFC 3339 or epoch)'),
};

const shadow = z.enum(['true', 'false']).default('false').describe('true: alerts of shadow rules instead of live ones');

export const alertQuery = z.strictObject({ ...alertFilters, shadow, limit: pageLimit, cursor });
export const streamQuery = z.strictObject({ ...alertFilters, shadow });
