/** Schemas of the running rules, and of checking and testing rule files. */
import { z } from 'zod';
import { alertStatuses, verdictLabels } from '../../engine/core/alert/alert.ts';
import { rejectionCodes } from '../../engine/core/ingest/rejection.ts';
import { statuses } from '../../engine/core/rule.ts';
import { alert, level } from './alert.ts';

const ruleProblem = z
  .strictObject({
    file: z.string(),
    line: z.int().positive(),
    column: z.int().positive(),
    severity: z.enum(['error', 'warning']),
    code: z.string(),
    message: z.string(),
    hint: z.string(),
    ruleId: z.string().optional(),
  })
  .meta({ id: 'RuleProblem' });

const count = z.int().nonnegative();
const counts = <T extends string>(names: readonly T[]) =>
  z.strictObject(Object.fromEntries(names.map((name) => [name, count])) as Record<T, typeof count>);

const ruleCounts = z
  .strictObject({
    alerts: count.describe('Stored alerts. Those removed after 30 days, or over the limit on their number, are in none of these counts'),
    status: counts(alertStatuses),
    verdicts: counts(verdictLabels),
    precision: z.number().min(0).max(1).nullable().describe('true_positive / (true_positive + false_positive); null while both are 0'),
    last_alert: z.iso.datetime({ offset: true }).nullable().describe('Creation time of the newest alert'),
  })
  .meta({ id: 'RuleCounts' });

export const rule = z
  .looseObject({
    id: z.string(),
    title: z.string(),
    status: z.enum(statuses),
    level,
    tags: z.array(z.string()),
    file: z.string(),
    hash: z.string(),
    cost: z
      .strictObject({
        match_seconds: z.number().nonnegative().describe('Time spent on conditions, estimated from samples'),
        judge_seconds: z.number().nonnegative().describe('Time spent on evaluating windows'),
        since: z.iso.datetime({ offset: true }),
      })
      .nullable()
      .optional()
      .describe('Processor time of all workers together; null while Redis is unavailable'),
    counts: ruleCounts.nullable().optional().describe('Null while Redis is unavailable'),
  })
  .meta({ id: 'Rule' });

export const ruleList = z.strictObject({ hash: z.string(), rules: z.array(rule), problems: z.array(ruleProblem) });

export const checkAnswer = z.strictObject({ rules: z.int().nonnegative(), problems: z.array(ruleProblem) });

export const testRequest = z.strictObject({
  rules: z
    .union([z.string(), z.looseObject({}), z.array(z.looseObject({}))])
    .optional()
    .describe('The text of a rule file, or rules as JSON; omit it to test the running rules'),
  events: z.array(z.unknown()).max(10_000).describe('Event objects, in order of arrival'),
});

export const testAnswer = z.strictObject({
  problems: z.array(ruleProblem),
  alerts: z.array(alert),
  rejected: z
    .array(z.strictObject({ index: z.int().nonnegative(), code: z.enum(rejectionCodes), detail: z.string() }))
    .describe('Events that ingest would reject; the test ran without them'),
  faults: z.array(z.string()).describe('Rules that threw an error'),
});
