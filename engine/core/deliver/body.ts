/** An alert in the form that its target reads, without secrets of ours that somebody has sent as part of an event. */
import type { Alert } from '../alert/alert.ts';
import { withoutSecrets } from '../access/api-key.ts';
import { alertmanagerBody } from './alertmanager.ts';
import { pagerdutyBody } from './pagerduty.ts';
import { slackBody } from './slack.ts';
import { standardBody } from '../webhook/standard.ts';
import type { WebhookEvent, WebhookTarget } from './target.ts';
import { withoutEvidence, type ThinAlert } from './shrink.ts';

/** JSON text, under `limits.webhookBodyBytesMax`. */
export function bodyOf(target: Pick<WebhookTarget, 'id' | 'form' | 'routingKey' | 'evidence'>, given: Alert, event: WebhookEvent): string {
  const alert = clean(target.evidence ? given : withoutEvidence(given));
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

/** Before texts are cut: half a secret would no longer be known for one. */
function clean(alert: ThinAlert): ThinAlert {
  const text = JSON.stringify(alert);
  const without = withoutSecrets(text);
  return without === text ? alert : (JSON.parse(without) as ThinAlert);
}
