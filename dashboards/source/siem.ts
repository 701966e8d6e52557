/** The SIEM dashboard: outboxes, SIEM queue, and webhooks. */
import { inRange, of, once, quantiles, rate, sum, type Dashboard } from './frame.ts';

/** The results of deliveries that did not reach their target. */
const lost = 'given_up|expired|dropped';

export const siem: Dashboard = {
  uid: 'weir-siem',
  title: 'Weir / SIEM queue and deliveries',
  description: 'The SIEM queue: what is waiting, for how long, and whether its consumer keeps up; and webhook deliveries.',
  rows: [
    {
      title: 'Queue',
      panels: [
        {
          title: 'Waiting by level',
          description: 'Alerts in the queue. The most urgent are leased first, so a backlog shows in the lower levels first.',
          unit: 'short',
          stacked: true,
          width: 12,
          queries: [{ expr: once(of('weir_siem_queue_alerts'), 'level'), legend: '{{level}}' }],
        },
        {
          title: 'Oldest by level',
          description: 'Age of the oldest waiting alert of each level; 0 if none is waiting.',
          unit: 's',
          width: 12,
          queries: [{ expr: once(of('weir_siem_oldest_alert_age_seconds'), 'level'), legend: '{{level}}' }],
        },
        {
          title: 'Waiting to enter the queue',
          description: 'Stored alerts that cannot enter the queue because it is full.',
          unit: 'short',
          queries: [{ expr: once(of('weir_forward_held_alerts'), 'level'), legend: '{{level}}' }],
        },
        {
          title: 'Leased',
          description: 'Alerts that a consumer has leased and not yet acknowledged.',
          unit: 'short',
          queries: [{ expr: once(of('weir_siem_leased_alerts')), legend: 'leased' }],
        },
        {
          title: 'Outboxes',
          description: 'Committed alerts and updates not yet forwarded.',
          unit: 'short',
          queries: [{ expr: once(of('weir_outbox_items')), legend: 'items' }],
        },
      ],
    },
    {
      title: 'In and out',
      panels: [
        {
          title: 'Into the queue',
          description: 'Alerts added to the queue per second, by level.',
          unit: 'ops',
          stacked: true,
          queries: [{ expr: sum(rate('weir_forward_queued_alerts_total'), 'level'), legend: '{{level}}' }],
        },
        {
          title: 'Out of the queue',
          description: 'Leases per second by outcome. Expired or too_late: the consumer is too slow for the leases it requests.',
          unit: 'ops',
          queries: [{ expr: sum(rate('weir_siem_leases_total'), 'outcome'), legend: '{{outcome}}' }],
        },
        {
          title: 'From alert to queue',
          description: 'Time from the creation of an alert to its entry into the queue.',
          unit: 's',
          queries: quantiles('weir_forward_delay_seconds'),
        },
        {
          title: 'Held back',
          description: 'Alerts per second that had to wait because the queue had no room for their level.',
          unit: 'ops',
          queries: [{ expr: sum(rate('weir_forward_held_alerts_total'), 'level'), legend: '{{level}}' }],
        },
        {
          title: 'Forwarding failures',
          description: 'Alerts and updates per second that could not be forwarded and are retried.',
          unit: 'ops',
          queries: [{ expr: sum(rate('weir_forward_failures_total')), legend: 'failures' }],
        },
        {
          title: 'Removed alerts',
          description: 'Stored alerts removed per second because of their age or number, by status.',
          unit: 'ops',
          queries: [{ expr: sum(rate('weir_evictions_total', 'what=~"alerts_.*"'), 'what'), legend: '{{what}}' }],
        },
      ],
    },
    {
      title: 'Webhooks',
      panels: [
        {
          title: 'Targets',
          description: 'Webhook targets by state: fine, failing (the last attempt failed), disabled (by an answer 410 or an operator).',
          unit: 'short',
          stacked: true,
          queries: [{ expr: once(of('weir_webhook_targets'), 'state'), legend: '{{state}}' }],
        },
        {
          title: 'Pending deliveries',
          description: 'Waiting deliveries, including those waiting for a retry; all targets together.',
          unit: 'short',
          queries: [{ expr: once(of('weir_webhook_waiting_deliveries')), legend: 'waiting' }],
        },
        {
          title: 'Attempts',
          description: 'Delivery attempts per second, by result.',
          unit: 'ops',
          stacked: true,
          queries: [{ expr: sum(rate('weir_webhook_deliveries_total', `result!~"${lost}|overtaken"`), 'result'), legend: '{{result}}' }],
        },
        {
          title: 'Attempt duration',
          description: 'Time from the name lookup to the end of the answer.',
          unit: 's',
          queries: quantiles('weir_webhook_attempt_duration_seconds'),
        },
        {
          title: 'Lost',
          description: 'Deliveries in the displayed time range that did not reach their target: retries exhausted, too old, or queue full.',
          unit: 'short',
          queries: [{ expr: sum(inRange('weir_webhook_deliveries_total', `result=~"${lost}"`), 'result'), legend: '{{result}}' }],
        },
        {
          title: 'Skipped (already closed)',
          description: 'Deliveries per second skipped because their alert was closed before an incident was opened.',
          unit: 'ops',
          queries: [{ expr: sum(rate('weir_webhook_deliveries_total', 'result="overtaken"')), legend: 'overtaken' }],
        },
      ],
    },
  ],
};
