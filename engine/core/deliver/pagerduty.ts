/**
 * The body for PagerDuty's Events API v2. The alert's id is the dedup_key, so that a repeated delivery updates the same
 * incident, and closing the alert resolves it.
 */
import type { Alert } from '../alert/alert.ts';
import { limits } from '../limits.ts';
import type { Level } from '../rule.ts';
import { clip, shrink, type ShrunkAlert } from './shrink.ts';
import type { WebhookEvent } from './target.ts';

export const pagerdutyUrl = 'https://events.pagerduty.com/v2/enqueue';

const severities: Readonly<Record<Level, string>> = {
  critical: 'critical',
  high: 'error',
  medium: 'warning',
  low: 'info',
  informational: 'info',
};

/** The longest summary that PagerDuty accepts. */
const summaryMax = 1024;

export function pagerdutyBody(alert: Alert, event: WebhookEvent, routingKey: string): string {
  const common = { routing_key: routingKey, dedup_key: alert.id };
  if (event === 'alert.closed') return JSON.stringify({ ...common, event_action: 'resolve' });
  const why = alert.message === '' ? alert.reason : alert.message;
  const text = (details: ShrunkAlert): string =>
    JSON.stringify({
      ...common,
      event_action: 'trigger',
      client: 'Weir',
      payload: {
        summary: clip(why === '' ? alert.rule.title : `${alert.rule.title}: ${why}`, summaryMax),
        source: clip(Object.values(alert.group).join(', ') || 'weir', 255),
        severity: severities[alert.rule.level],
        timestamp: alert.created,
        component: alert.rule.id,
        group: clip(Object.keys(alert.group).join(', ') || 'weir', 255),
        class: alert.rule.level,
        custom_details: details,
      },
    });
  return text(shrink(alert, (details) => Buffer.byteLength(text(details)) <= limits.webhookBodyBytesMax));
}
