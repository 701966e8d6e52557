/**
 * A webhook target: where alerts are pushed, which ones, and in which form. Made by engine/compile/deliver/webhook-target.ts,
 * from a file or from the API, and kept without a way to be half right.
 */
import type { Alert } from '../alert/alert.ts';
import { levels, type Level } from '../rule.ts';

export const webhookForms = ['standard', 'slack', 'pagerduty', 'alertmanager'] as const;
export type WebhookForm = (typeof webhookForms)[number];

export const webhookEvents = ['alert.created', 'alert.closed'] as const;
export type WebhookEvent = (typeof webhookEvents)[number];

/** `untilMs`: the end of a secret that has been replaced, epoch ms. */
export type WebhookSecret = { readonly secret: string; readonly untilMs?: number };

export type WebhookTarget = {
  readonly id: string;
  /** As the URL standard writes it. */
  readonly url: string;
  readonly form: WebhookForm;
  /** The newest first; all that have not ended sign. None: nothing is signed. */
  readonly secrets: readonly WebhookSecret[];
  /** PagerDuty's integration key. */
  readonly routingKey?: string;
  /** Names in lower case. The values may be secrets. */
  readonly headers: Readonly<Record<string, string>>;
  readonly minLevel: Level;
  /** Empty: all. */
  readonly rules: readonly string[];
  /** An alert needs one of them. Empty: all. */
  readonly tags: readonly string[];
  readonly events: readonly WebhookEvent[];
  /** Whether the events themselves go along: raw data, which may be personal. */
  readonly evidence: boolean;
};

/** Ids become part of a queue's name. */
export const targetIdShape = /^[a-z0-9][a-z0-9-]{0,63}$/;

/** Shadow alerts are for nobody. */
export function wants(target: WebhookTarget, alert: Alert, event: WebhookEvent): boolean {
  if (alert.shadow || !target.events.includes(event)) return false;
  if (levels.indexOf(alert.rule.level) < levels.indexOf(target.minLevel)) return false;
  if (target.rules.length > 0 && !target.rules.includes(alert.rule.id)) return false;
  return target.tags.length === 0 || target.tags.some((tag) => alert.rule.tags.includes(tag));
}

/** The same for every attempt and every target: what a receiver knows a message by. Without dots, which separate what is signed. */
export const messageId = (alertId: string, event: WebhookEvent): string => (event === 'alert.created' ? alertId : `${alertId}_closed`);

export const signingSecrets = (target: Pick<WebhookTarget, 'secrets'>, nowMs: number): string[] =>
  target.secrets.filter(({ untilMs }) => untilMs === undefined || untilMs > nowMs).map(({ secret }) => secret);
