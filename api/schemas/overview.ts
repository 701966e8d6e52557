/** Schemas of the overview, and of an alert's evidence by step of its rule. */
import { z } from 'zod';
import { levels, type Level } from '../../engine/core/rule.ts';
import { siemDepth } from './siem.ts';

const count = z.int().nonnegative();

export const overview = z
  .strictObject({
    at: z.iso.datetime({ offset: true }).describe('When these numbers were read, at most a second ago'),
    lag_seconds: z.number().nonnegative().describe('Age of the oldest unprocessed event; 0 if there is none'),
    events: z
      .strictObject({ accepted: count, processed: count, dead_lettered: count, pending: count })
      .describe('Totals since the installation began; accepted is the sum of the other three'),
    outbox: count.describe('Alerts and updates not yet forwarded to the alert store'),
    siem: siemDepth,
    unclosed: z
      .strictObject(Object.fromEntries(levels.map((name) => [name, count])) as Record<Level, typeof count>)
      .describe('Stored alerts that are not closed, by level; only of running rules that are not in shadow'),
  })
  .meta({ id: 'Overview' });

export const evidenceSteps = z
  .strictObject({
    rule: z.enum(['unchanged', 'changed', 'missing']).describe('How the running rule compares with the version that fired'),
    evidence: z
      .array(
        z.strictObject({
          time: z.string().nullable().describe('Null if the event has no time of its own'),
          id: z.string().nullable(),
          dataset: z.string().nullable().describe('Null if the event has expired'),
          steps: z.array(z.string()).describe('Steps of the running rule that the event matches'),
          counted: z.record(z.string(), z.array(z.string())).describe('Values of the fields that the rule counts, sums or compares'),
        }),
      )
      .describe("In the order of the alert's `events`"),
  })
  .meta({ id: 'ToldEvidence' });
