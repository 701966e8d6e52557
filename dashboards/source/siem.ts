/** The way out: from the outboxes to whoever drains the SIEM queue, and to webhooks. */
import { inRange, of, once, quantiles, rate, sum, type Dashboard } from './frame.ts';

/** Deliveries that ended so did not reach their target. */
const lost = 'given_up|expired|dropped';

export const siem: Dashboard = {
  uid: 'weir-siem',
  title: 'Weir / SIEM queue and deliveries',
  description: 'The SIEM queue by level: what waits, for how long, and whether its consumer keeps up; and the webhooks.',
  rows: [
    {
      title: 'Queue',
      panels: [
        {
          title: 'Waiting by level',
          description: 'Alerts in the queue. The most urgent are leased first, so the lower levels wait first.',
          unit: 'short',
          stacked: true,
          width: 12,
          queries: [{ expr: once(of('weir_siem_queue_alerts'), 'level'), legend: '{{level}}' }],
        },
        {
          title: 'Oldest by level',
          description: 'Age of the alert at the head of each level; 0 when none waits.',
          unit: 's',
          width: 12,
          queries: [{ expr: once(of('weir_siem_oldest_alert_age_seconds'), 'level'), legend: '{{level}}' }],
        },
        {
          title: 'In front of the queue',
          description: 'Stored alerts that wait for room in the queue: it is at its bound.',
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
          description: 'Alerts and updates that are decided and not yet forwarded.',
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
          description: 'Alerts added to the queue, per second, by level.',
          unit: 'ops',
          stacked: true,
          queries: [{ expr: sum(rate('weir_forward_queued_alerts_total'), 'level'), legend: '{{level}}' }],
        },
        {
          title: 'Out of the queue',
          description: 'Leases per second by outcome. Expired and too_late: the consumer is slower than the leases it asks for.',
          unit: 'ops',
          queries: [{ expr: sum(rate('weir_siem_leases_total'), 'outcome'), legend: '{{outcome}}' }],
        },
        {
          title: 'From alert to queue',
          description: 'From the creation of an alert to the queue.',
          unit: 's',
          queries: quantiles('weir_forward_delay_seconds'),
        },
        {
          title: 'Made to wait',
          description: 'Alerts per second for whose level there was no room.',
          unit: 'ops',
          queries: [{ expr: sum(rate('weir_forward_held_alerts_total'), 'level'), legend: '{{level}}' }],
        },
        {
          title: 'Failures of forwarding',
          description: 'Alerts and updates per second that could not be forwarded and are tried again.',
          unit: 'ops',
          queries: [{ expr: sum(rate('weir_forward_failures_total')), legend: 'failures' }],
        },
        {
          title: 'Forgotten alerts',
          description: 'Stored alerts per second that left because of their age or number, by status.',
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
          description: 'Webhook targets by how they are doing: failing since their last attempt, disabled by an answer 410 or by somebody.',
          unit: 'short',
          stacked: true,
          queries: [{ expr: once(of('weir_webhook_targets'), 'state'), legend: '{{state}}' }],
        },
        {
          title: 'Deliveries to come',
          description: 'Deliveries that wait, those between two attempts included, all targets together.',
          unit: 'short',
          queries: [{ expr: once(of('weir_webhook_waiting_deliveries')), legend: 'waiting' }],
        },
        {
          title: 'Attempts',
          description: 'Attempts per second by what came of them.',
          unit: 'ops',
          stacked: true,
          queries: [{ expr: sum(rate('weir_webhook_deliveries_total', `result!~"${lost}|overtaken"`), 'result'), legend: '{{result}}' }],
        },
        {
          title: 'Time of an attempt',
          description: 'From the look-up of the name to the end of the answer.',
          unit: 's',
          queries: quantiles('weir_webhook_attempt_duration_seconds'),
        },
        {
          title: 'Lost',
          description: 'Deliveries in the time that is shown that did not reach their target: all attempts made, too old, no room.',
          unit: 'short',
          queries: [{ expr: sum(inRange('weir_webhook_deliveries_total', `result=~"${lost}"`), 'result'), legend: '{{result}}' }],
        },
        {
          title: 'Needless',
          description: 'Deliveries per second whose alert was closed before an incident was opened for it elsewhere.',
          unit: 'ops',
          queries: [{ expr: sum(rate('weir_webhook_deliveries_total', 'result="overtaken"')), legend: 'overtaken' }],
        },
      ],
    },
  ],
};
