/**
 * A webhook target: where alerts are sent, which ones, and in which form. Created by engine/compile/deliver/webhook-target.ts
 * from a file or the API, and always valid.
 */
import type { Alert } from '../alert/alert.ts';
import { levels, type Level } from '../rule.ts';

export const webhookForms = ['standard', 'slack', 'pagerduty', 'alertmanager'] as const;
export type WebhookForm = (typeof webhookForms)[number];

export const webhookEvents = ['alert.created', 'alert.closed'] as const;
export type WebhookEvent = (typeof webhookEvents)[number];

/** `untilMs`: when a replaced secret stops signing, epoch ms. */
export type WebhookSecret = { readonly secret: string; readonly untilMs?: number };

export type WebhookTarget = {
  readonly id: string;
  /** In the normal form of the URL standard. */
  readonly url: string;
  readonly form: WebhookForm;
  /** Newest first. All that have not ended sign; if there are none, messages are not signed. */
  readonly secrets: readonly WebhookSecret[];
  /** PagerDuty's integration key. */
  readonly routingKey?: string;
  /** Names are in lower case. Values may be secrets. */
  readonly headers: Readonly<Record<string, string>>;
  readonly minLevel: Level;
  /** Rule ids; empty: all rules. */
  readonly rules: readonly string[];
  /** An alert must have one of them; empty: all alerts. */
  readonly tags: readonly string[];
  readonly events: readonly WebhookEvent[];
  /** Whether the raw events are included, which may contain personal data. */
  readonly evidence: boolean;
};

/** Ids become part of queue names. */
export const targetIdShape = /^[a-z0-9][a-z0-9-]{0,63}$/;

/** Whether an alert matches the filter of a target. Shadow alerts never do. */
export function wants(target: WebhookTarget, alert: Alert, event: WebhookEvent): boolean {
  if (alert.shadow || !target.events.includes(event)) return false;
  if (levels.indexOf(alert.rule.level) < levels.indexOf(target.minLevel)) return false;
  if (target.rules.length > 0 && !target.rules.includes(alert.rule.id)) return false;
  return target.tags.length === 0 || target.tags.some((tag) => alert.rule.tags.includes(tag));
}

/** The id of a message, the same for every attempt and every target. It has no dots, which separate the signed parts. */
export const messageId = (alertId: string, event: WebhookEvent): string => (event === 'alert.created' ? alertId : `${alertId}_closed`);

export const signingSecrets = (target: Pick<WebhookTarget, 'secrets'>, nowMs: number): string[] =>
  target.secrets.filter(({ untilMs }) => untilMs === undefined || untilMs > nowMs).map(({ secret }) => secret);
