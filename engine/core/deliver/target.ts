/**
 * A webhook target: where alerts are sent, which ones, and in which form. Created by engine/compile/deliver/webhook-target.ts
 * from a file or the API, and always valid.
 */
import type { Alert } from '../alert/alert.ts';
import { levels, type Level } from '../rule.ts';

export const webhookForms = ['standard', 'slack', 'pagerduty', 'alertmanager'] as const;
export type WebhookForm = (typeof webhookForms)[number];

export const webhookEvents = ['alert.created', 'alert.closed', 'alert.reopened'] as const;
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
  if (alert.shadow || !isSubscribed(target, event)) return false;
  if (levels.indexOf(alert.rule.level) < levels.indexOf(target.minLevel)) return false;
  if (target.rules.length > 0 && !target.rules.includes(alert.rule.id)) return false;
  return target.tags.length === 0 || target.tags.some((tag) => alert.rule.tags.includes(tag));
}

/** A target that closes incidents is also notified when they are open again, or they would stay closed there. */
const isSubscribed = ({ form, events }: WebhookTarget, event: WebhookEvent): boolean =>
  events.includes(event) ||
  (event === 'alert.reopened' && (form === 'pagerduty' || form === 'alertmanager') && events.includes('alert.closed'));

/** The event of a turn (core/alert/triage.ts): closings are odd, reopenings even. */
export const eventOfTurn = (turn: number): WebhookEvent => (turn % 2 === 1 ? 'alert.closed' : 'alert.reopened');

/**
 * The id of a message, the same for every attempt and every target. It has no dots, which separate the signed parts.
 * @param turn of the alert, from 1; 0 for its creation
 */
export function messageId(alertId: string, turn: number): string {
  if (turn === 0) return alertId;
  if (turn === 1) return `${alertId}_closed`;
  return `${alertId}_${turn % 2 === 1 ? 'closed' : 'reopened'}_${turn}`;
}

/** The ids of all messages of an alert before that turn. */
export const earlierIds = (alertId: string, turn: number): string[] => Array.from({ length: turn }, (_, n) => messageId(alertId, n));

export const signingSecrets = (target: Pick<WebhookTarget, 'secrets'>, nowMs: number): string[] =>
  target.secrets.filter(({ untilMs }) => untilMs === undefined || untilMs > nowMs).map(({ secret }) => secret);
