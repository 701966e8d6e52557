/** The way out: from alerts to whoever drains the queue, and to webhooks. */
import { of, once, quantiles, rate, sum, type Row } from './frame.ts';
import { through } from './through.ts';

export const forward: Row = {
  title: 'Forward',
  panels: [
    ...through('forward', 'Alerts and updates'),
    {
      title: 'From alert to queue',
      description: 'From the creation of an alert to the SIEM queue.',
      unit: 's',
      queries: quantiles('weir_forward_delay_seconds'),
    },
    {
      title: 'Outboxes',
      description: 'Alerts and updates that are decided and not yet forwarded.',
      unit: 'short',
      queries: [{ expr: once(of('weir_outbox_items')), legend: 'items' }],
    },
    {
      title: 'What became of alerts',
      description: 'Alerts stored, of shadow rules, and folded into one because their rule was over its budget; updates of their counts.',
      unit: 'ops',
      queries: [
        { expr: sum(rate('weir_forward_stored_alerts_total')), legend: 'stored' },
        { expr: sum(rate('weir_alert_shadow_total')), legend: 'shadow' },
        { expr: sum(rate('weir_forward_folded_alerts_total')), legend: 'folded' },
        { expr: sum(rate('weir_forward_updated_alerts_total')), legend: 'updates' },
      ],
    },
    {
      title: 'Failures of forwarding',
      description: 'Alerts and updates that could not be forwarded and are tried again.',
      unit: 'ops',
      queries: [{ expr: sum(rate('weir_forward_failures_total'), 'instance'), legend: '{{instance}}' }],
    },
  ],
};

export const deliver: Row = {
  title: 'Deliver',
  panels: [
    {
      title: 'Deliveries per second',
      description: 'Alerts that a SIEM acknowledged, and webhook deliveries that their target accepted, by process.',
      unit: 'ops',
      queries: [{ expr: sum(rate('weir_stage_events_total', 'stage="deliver"'), 'instance'), legend: '{{instance}}' }],
    },
    {
      title: 'Waiting for the SIEM',
      description: 'Alerts in the SIEM queue by level, the most urgent first.',
      unit: 'short',
      stacked: true,
      queries: [{ expr: once(of('weir_siem_queue_alerts'), 'level'), legend: '{{level}}' }],
    },
    {
      title: 'Oldest waiting alert',
      description: 'Age of the alert at the head of each level; 0 when none waits.',
      unit: 's',
      queries: [{ expr: once(of('weir_siem_oldest_alert_age_seconds'), 'level'), legend: '{{level}}' }],
    },
    {
      title: 'Leases',
      description: 'What became of leases: acknowledged, given back, expired, answered too late.',
      unit: 'ops',
      queries: [{ expr: sum(rate('weir_siem_leases_total'), 'outcome'), legend: '{{outcome}}' }],
    },
    {
      title: 'Webhooks',
      description: 'Attempts to deliver to webhooks per second by what came of them, and deliveries that ended without.',
      unit: 'ops',
      queries: [{ expr: sum(rate('weir_webhook_deliveries_total'), 'result'), legend: '{{result}}' }],
    },
    {
      title: 'Webhook targets',
      description: 'Targets by how they are doing: failing since their last attempt, disabled by an answer 410 or by somebody.',
      unit: 'short',
      queries: [{ expr: once(of('weir_webhook_targets'), 'state'), legend: '{{state}}' }],
    },
    {
      title: 'Webhook deliveries to come',
      description: 'Deliveries that wait, those between two attempts included.',
      unit: 'short',
      queries: [{ expr: once(of('weir_webhook_waiting_deliveries')), legend: 'waiting' }],
    },
  ],
};
