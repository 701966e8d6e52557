/** Weir's own form, as the Standard Webhooks specification recommends: the type, when it happened, and the alert. */
import type { Alert } from '../alert/alert.ts';
import { limits } from '../limits.ts';
import type { WebhookEvent } from '../deliver/target.ts';
import { thin, type ThinAlert } from '../deliver/shrink.ts';

export function standardBody(alert: Alert, event: WebhookEvent): string {
  const text = (data: ThinAlert): string => JSON.stringify({ type: event, timestamp: alert.created, data });
  return text(thin(alert, (data) => Buffer.byteLength(text(data)) <= limits.webhookBodyBytesMax));
}
