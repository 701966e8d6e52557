/** Schemas of webhook targets. They describe the shape alone; URLs, secrets and headers pass the same checks as the targets in a file. */
import { z } from 'zod';
import { webhookEvents, webhookForms } from '../../engine/core/deliver/target.ts';
import { deliveryStates } from '../../engine/runtime/deliver/service.ts';
import { level } from './alert.ts';

const time = z.iso.datetime({ offset: true });
const text = z.string().min(1).max(2048);
const texts = z.array(z.string().min(1).max(512)).max(200);

const filters = {
  url: text.describe('http or https; private addresses only if WEIR_WEBHOOKS_ALLOW lists them'),
  headers: z.record(z.string(), z.string()).describe('Sent with every delivery; answers mask their values'),
  min_level: level.describe('Lowest level to deliver'),
  rules: texts.describe('Rule ids; empty: all rules. `warnings` lists unknown ids'),
  tags: texts.describe('Deliver alerts that have one of these tags; empty: all alerts'),
  events: z
    .array(z.enum(webhookEvents))
    .max(webhookEvents.length)
    .describe('Default: alert.created, and for pagerduty and alertmanager all'),
  evidence: z.boolean().describe('Whether to include the raw events; default: only in the form standard'),
};
const routingKey = text.describe("PagerDuty's integration key; masked in answers");
const secret = z
  .string()
  .max(128)
  .describe('whsec_ followed by the base64 of 24 to 64 bytes; masked in answers. If omitted, Weir generates one and returns it once');

export const createWebhook = z
  .strictObject({ ...filters, form: z.enum(webhookForms).default('standard'), id: z.string().max(64), routing_key: routingKey, secret })
  .partial();

export const changeWebhook = z
  .strictObject({ ...filters, routing_key: routingKey, enabled: z.boolean().describe('true also ends a pause after failures') })
  .partial();

export const rotateSecret = z
  .strictObject({
    secret: secret.optional(),
    keep_seconds: z
      .int()
      .min(0)
      .max(30 * 86_400)
      .default(86_400)
      .describe('How long the old secret keeps signing along with the new one'),
  })
  .nullish();

export const webhook = z
  .strictObject({
    id: z.string(),
    url: z.string(),
    form: z.enum(webhookForms),
    source: z.enum(['file', 'api']),
    enabled: z.boolean(),
    disabled: z.strictObject({ at: time.optional(), because: z.string() }).optional(),
    failing: z.strictObject({ failures: z.int(), at: z.string(), because: z.string() }).optional(),
    secrets: z.array(z.strictObject({ secret: z.string(), until: time.optional() })),
    routing_key: z.string().optional(),
    headers: z.record(z.string(), z.string()),
    min_level: level,
    rules: z.array(z.string()),
    tags: z.array(z.string()),
    events: z.array(z.enum(webhookEvents)),
    evidence: z.boolean(),
    waiting: z.int().nonnegative().describe('Pending deliveries'),
    warnings: z.array(z.string()).describe('Rules in the filter that do not exist or are not live'),
  })
  .meta({ id: 'Webhook' });

export const madeWebhook = z
  .strictObject({ ...webhook.shape, secret: z.string().optional().describe('Present if Weir generated it; not returned again') })
  .meta({ id: 'MadeWebhook' });

export const webhookList = z.strictObject({ webhooks: z.array(webhook) });

export const trial = z.strictObject({
  delivered: z.boolean(),
  result: z.string(),
  status: z.int().optional(),
  because: z.string(),
  ms: z.int().nonnegative(),
});

export const deliveryQuery = z.strictObject({
  state: z.enum(deliveryStates).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(50),
});

export const deliveryList = z.strictObject({
  deliveries: z.array(
    z.strictObject({
      id: z.string().describe('The webhook-id header of the message'),
      alert: z.string(),
      event: z.enum(webhookEvents),
      state: z.enum(deliveryStates),
      attempts: z.int().nonnegative(),
      queued: time,
      last_attempt: time.optional(),
      next_attempt: time.optional(),
      because: z.string().optional(),
      status: z.int().optional(),
    }),
  ),
});
