/** Sends one message to one target, once: body, signature, headers. */
import type { Alert } from '../../core/alert/alert.ts';
import { bodyOf } from '../../core/deliver/body.ts';
import { signedHeaders } from '../../core/deliver/signature.ts';
import { messageId, signingSecrets, type WebhookEvent, type WebhookTarget } from '../../core/deliver/target.ts';
import type { Outcome, Send } from './send.ts';
import { randomBytes } from 'node:crypto';
import { sampleAlert } from '../../core/deliver/sample.ts';
import type { WebhookTrial } from '../../runtime/deliver/service.ts';

/** The alert as it is now, what happened to it and when (epoch ms), and the number of that turn; 0 for its creation. */
export type Message = { readonly alert: Alert; readonly event: WebhookEvent; readonly atMs: number; readonly turn: number };

export function attempt(send: Send, target: WebhookTarget, { alert, event, atMs, turn }: Message, nowMs: number): Promise<Outcome> {
  const body = bodyOf(target, alert, event, new Date(atMs).toISOString());
  const signed = signedHeaders(messageId(alert.id, turn), nowMs, body, signingSecrets(target, nowMs));
  return send(target.url, { ...target.headers, 'content-type': 'application/json', 'user-agent': 'Weir', ...signed }, body);
}

/** Sends a sample alert to one target, at once and outside of its queue. If that opens an incident, closes it again. */
export async function tryTarget(send: Send, target: WebhookTarget, nowMs: number): Promise<WebhookTrial> {
  const alert = sampleAlert(`al_test${randomBytes(12).toString('hex')}`, new Date(nowMs).toISOString());
  const { result, status, because, ms } = await attempt(send, target, { alert, event: 'alert.created', atMs: nowMs, turn: 0 }, nowMs);
  const delivered = result === 'delivered';
  if (delivered && target.events.includes('alert.closed'))
    await attempt(send, target, { alert: { ...alert, status: 'closed' }, event: 'alert.closed', atMs: nowMs, turn: 1 }, nowMs);
  return { delivered, result, because, ms, ...(status === undefined ? {} : { status }) };
}
