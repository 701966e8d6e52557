/** One message for one target: body, signature, headers; sent once. */
import type { Alert } from '../../core/alert/alert.ts';
import { bodyOf } from '../../core/deliver/body.ts';
import { signedHeaders } from '../../core/deliver/signature.ts';
import { messageId, signingSecrets, type WebhookEvent, type WebhookTarget } from '../../core/deliver/target.ts';
import type { Outcome, Send } from './send.ts';

export function attempt(send: Send, target: WebhookTarget, alert: Alert, event: WebhookEvent, nowMs: number): Promise<Outcome> {
  const body = bodyOf(target, alert, event);
  const signed = signedHeaders(messageId(alert.id, event), nowMs, body, signingSecrets(target, nowMs));
  return send(target.url, { ...target.headers, 'content-type': 'application/json', 'user-agent': 'Weir', ...signed }, body);
}
