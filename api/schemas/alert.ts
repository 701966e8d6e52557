/** Alerts, as SPEC section 5 writes them, and the query that finds them. */
import { z } from 'zod';
import { levels } from '../../engine/core/rule.ts';

const time = z.iso.datetime({ offset: true });

export const level = z.enum(levels);

export const alert = z
  .looseObject({
    id: z.string(),
    rule: z.looseObject({ id: z.string(), title: z.string(), level, tags: z.array(z.string()), hash: z.string() }),
    status: z.enum(['open', 'acknowledged', 'closed']),
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
    events: z.array(z.looseObject({})).describe('Up to 50 full events as evidence'),
  })
  .meta({ id: 'Alert' });

export const alertPage = z.strictObject({
  alerts: z.array(alert),
  next_cursor: z.string().nullable().describe('Null: this was the last page'),
});

export const pageLimit = z.coerce.number().int().min(1).max(500).default(50);
export const cursor = z.string().max(2048).optional().describe('`next_cursor` of the page before, with the same filters');

export const alertQuery = z.strictObject({
  status: z.enum(['open', 'acknowledged', 'closed']).optional(),
  level: level.optional(),
  min_level: level.optional(),
  rule: z.string().min(1).max(256).optional(),
  entity: z
    .string()
    .max(1024)
    .regex(/^[^:]+:[\s\S]+$/, 'is field:value')
    .optional()
    .describe('field:value, as in source.ip:203.0.113.9'),
  since: z.string().max(64).optional().describe('Created at or after: RFC 3339 or epoch'),
  until: z.string().max(64).optional().describe('Created before: RFC 3339 or epoch'),
  shadow: z.enum(['true', 'false']).default('false').describe('true: the alerts of shadow rules instead of those of live ones'),
  limit: pageLimit,
  cursor,
});
