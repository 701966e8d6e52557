/** Writes an alert in the form of its target, without Weir's own secrets, which may have been sent as part of an event. */
import type { Alert } from '../alert/alert.ts';
import { withoutSecrets } from '../access/api-key.ts';
import { alertmanagerBody } from './alertmanager.ts';
import { pagerdutyBody } from './pagerduty.ts';
import { slackBody } from './slack.ts';
import type { WebhookEvent, WebhookTarget } from './target.ts';
import { withoutEvidence, type ShrunkAlert, shrink } from './shrink.ts';
import { limits } from '../limits.ts';

/** @param at when the event happened, RFC 3339. @returns JSON text, under `limits.webhookBodyBytesMax`. */
export function bodyOf(
  target: Pick<WebhookTarget, 'id' | 'form' | 'routingKey' | 'evidence'>,
  given: Alert,
  event: WebhookEvent,
  at: string,
): string {
  const alert = clean(target.evidence ? given : withoutEvidence(given));
  switch (target.form) {
    case 'standard':
      return standardBody(alert, event);
    case 'slack':
      return slackBody(alert, event);
    case 'pagerduty':
      return pagerdutyBody(alert, event, target.routingKey ?? '');
    case 'alertmanager':
      return alertmanagerBody(alert, event, at, target.id);
  }
}

/** Removes secrets. Before texts are cut, since half a secret would not be recognised. */
function clean(alert: ShrunkAlert): ShrunkAlert {
  const text = JSON.stringify(alert);
  const without = withoutSecrets(text);
  return without === text ? alert : (JSON.parse(without) as ShrunkAlert);
}

/** Weir's own form, as the Standard Webhooks specification recommends: type, timestamp, and the alert. */
function standardBody(alert: Alert, event: WebhookEvent): string {
  const text = (data: ShrunkAlert): string => JSON.stringify({ type: event, timestamp: alert.created, data });
  return text(shrink(alert, (data) => Buffer.byteLength(text(data)) <= limits.webhookBodyBytesMax));
}
