/**
 * The body that Prometheus's Alertmanager sends to webhook receivers, version 4, for existing receivers of that kind. Each
 * message has one alert, in a group of its own.
 */
import type { Alert } from '../alert/alert.ts';
import { limits } from '../limits.ts';
import type { WebhookEvent } from './target.ts';
import { clip, shrink } from './shrink.ts';

/** Open alerts have no end, for which Alertmanager writes Go's zero time. */
const noEnd = '0001-01-01T00:00:00Z';

/** Label names cannot contain dots: source.ip → source_ip. */
const labelName = (field: string): string => clip(field.replace(/[^a-zA-Z0-9_]/g, '_').replace(/^(?=\d)/, '_'), 128);

/** @param at when the event happened: for a closed alert its end, RFC 3339 */
export function alertmanagerBody(alert: Alert, event: WebhookEvent, at: string, receiver: string): string {
  const text = (one: Alert): string => written(one, event, at, receiver);
  // The body has no evidence, so only long texts can be cut.
  return text(shrink({ ...alert, events: [] }, (one) => Buffer.byteLength(text(one)) <= limits.webhookBodyBytesMax));
}

function written(alert: Alert, event: WebhookEvent, at: string, receiver: string): string {
  const status = event === 'alert.closed' ? 'resolved' : 'firing';
  const group = Object.fromEntries(Object.entries(alert.group).map(([name, value]) => [labelName(name), value]));
  const labels = { ...group, alertname: alert.rule.id, severity: alert.rule.level };
  const annotations = {
    summary: alert.rule.title,
    description: alert.message === '' ? alert.reason : alert.message,
    alert_id: alert.id,
    count: String(alert.count),
  };
  const groupLabels = { alertname: alert.rule.id };
  return JSON.stringify({
    version: '4',
    groupKey: `{}:{alertname=${JSON.stringify(alert.rule.id)}}/${alert.id}`,
    truncatedAlerts: 0,
    status,
    receiver,
    groupLabels,
    commonLabels: labels,
    commonAnnotations: annotations,
    externalURL: '',
    alerts: [
      {
        status,
        labels,
        annotations,
        startsAt: alert.created,
        endsAt: status === 'resolved' ? at : noEnd,
        generatorURL: '',
        fingerprint: alert.id,
      },
    ],
  });
}
