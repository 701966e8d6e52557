/** The numbers of one look at the whole, and what evidence has to do with its rule. */
import { z } from 'zod';
import { levels, type Level } from '../../engine/core/rule.ts';
import { siemDepth } from './siem.ts';

const count = z.int().nonnegative();

export const overview = z
  .strictObject({
    at: z.iso.datetime({ offset: true }).describe('When these numbers were read; they may be a second old'),
    lag_seconds: z.number().nonnegative().describe('Age of the oldest event that is not processed yet; 0: there is none'),
    events: z
      .strictObject({ accepted: count, processed: count, dead_lettered: count, pending: count })
      .describe('All ever; accepted is the sum of the other three'),
    outbox: count.describe('Alerts on their way to the store'),
    siem: siemDepth,
    unclosed: z
      .strictObject(Object.fromEntries(levels.map((name) => [name, count])) as Record<Level, typeof count>)
      .describe('Stored alerts that are not closed, by the level of their rule; of the running rules that are not in shadow'),
  })
  .meta({ id: 'Overview' });

export const toldEvidence = z
  .strictObject({
    rule: z.enum(['unchanged', 'changed', 'missing']).describe('The running rule against the one that fired'),
    evidence: z
      .array(
        z.strictObject({
          time: z.string().nullable().describe('Null: the event has no time of its own'),
          id: z.string().nullable(),
          dataset: z.string().nullable().describe('Null: the event has expired'),
          steps: z.array(z.string()).describe('Steps of the running rule that it matches'),
          counted: z.record(z.string(), z.array(z.string())).describe('Values of what the rule counts, sums or compares'),
        }),
      )
      .describe("In the order of the alert's events"),
  })
  .meta({ id: 'ToldEvidence' });
