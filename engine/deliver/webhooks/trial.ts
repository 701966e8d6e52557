/** One sample alert for one target, at once and outside of its queue. What it opens elsewhere, it closes. */
import { randomBytes } from 'node:crypto';
import { sampleAlert } from '../../core/deliver/sample.ts';
import type { WebhookTarget } from '../../core/deliver/target.ts';
import type { Trial } from '../../runtime/deliver/service.ts';
import { attempt } from './attempt.ts';
import type { Send } from './send.ts';

export async function tryTarget(send: Send, target: WebhookTarget, nowMs: number): Promise<Trial> {
  const alert = sampleAlert(`al_test${randomBytes(12).toString('hex')}`, new Date(nowMs).toISOString());
  const { result, status, because, ms } = await attempt(send, target, alert, 'alert.created', nowMs);
  const delivered = result === 'delivered';
  if (delivered && target.events.includes('alert.closed'))
    await attempt(send, target, { ...alert, status: 'closed' }, 'alert.closed', nowMs);
  return { delivered, result, because, ms, ...(status === undefined ? {} : { status }) };
}
