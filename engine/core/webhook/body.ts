/** An alert in the form that its target reads. */
import type { Alert } from '../alert.ts';
import { alertmanagerBody } from './alertmanager.ts';
import { pagerdutyBody } from './pagerduty.ts';
import { slackBody } from './slack.ts';
import { standardBody } from './standard.ts';
import type { WebhookEvent, WebhookTarget } from './target.ts';
import { withoutEvidence, type ThinAlert } from './thin.ts';

/** JSON text, under `limits.webhookBodyBytesMax`. */
export function bodyOf(target: Pick<WebhookTarget, 'id' | 'form' | 'routingKey' | 'evidence'>, given: Alert, event: WebhookEvent): string {
  const alert: ThinAlert = target.evidence ? given : withoutEvidence(given);
  switch (target.form) {
    case 'standard':
      return standardBody(alert, event);
    case 'slack':
      return slackBody(alert, event);
    case 'pagerduty':
      return pagerdutyBody(alert, event, target.routingKey ?? '');
    case 'alertmanager':
      return alertmanagerBody(alert, event, target.id);
  }
}
