/** The running rules, and what is said of a rule file. */
import { z } from 'zod';
import { rejectionCodes } from '../../engine/core/rejection.ts';
import { statuses } from '../../engine/core/rule.ts';
import { alert, level } from './alert.ts';

export const ruleProblem = z
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

export const rule = z
  .looseObject({
    id: z.string(),
    title: z.string(),
    status: z.enum(statuses),
    level,
    tags: z.array(z.string()),
    file: z.string(),
    hash: z.string(),
  })
  .meta({ id: 'Rule' });

export const ruleList = z.strictObject({ hash: z.string(), rules: z.array(rule), problems: z.array(ruleProblem) });

export const checkAnswer = z.strictObject({ rules: z.int().nonnegative(), problems: z.array(ruleProblem) });

export const testRequest = z.strictObject({
  rules: z
    .union([z.string(), z.looseObject({}), z.array(z.looseObject({}))])
    .optional()
    .describe('Text of a rule file, or rules as JSON; none: the running ones'),
  events: z.array(z.unknown()).max(10_000).describe('Objects, in the order of their arrival'),
});

export const testAnswer = z.strictObject({
  problems: z.array(ruleProblem),
  alerts: z.array(alert),
  rejected: z
    .array(z.strictObject({ index: z.int().nonnegative(), code: z.enum(rejectionCodes), detail: z.string() }))
    .describe('Events that ingest would refuse; the others were run without them'),
  faults: z.array(z.string()).describe('Rules that threw'),
});
