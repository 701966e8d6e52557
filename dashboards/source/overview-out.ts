/** The last stages: from alerts to the SIEM queue and webhooks. */
import { of, once, quantiles, rate, sum, type Row } from './frame.ts';
import { through } from './through.ts';

export const forward: Row = {
  title: 'Forward',
  panels: [
    ...through('forward', 'Alerts and updates'),
    {
      title: 'From alert to queue',
      description: 'Time from the creation of an alert to its entry into the SIEM queue.',
      unit: 's',
      queries: quantiles('weir_forward_delay_seconds'),
    },
    {
      title: 'Outboxes',
      description: 'Committed alerts and updates not yet forwarded.',
      unit: 'short',
      queries: [{ expr: once(of('weir_outbox_items')), legend: 'items' }],
    },
    {
      title: 'Alerts by outcome',
      description: 'Alerts stored, alerts of shadow rules, alerts folded because their rule was over its budget, and count updates.',
      unit: 'ops',
      queries: [
        { expr: sum(rate('weir_forward_stored_alerts_total')), legend: 'stored' },
        { expr: sum(rate('weir_alert_shadow_total')), legend: 'shadow' },
        { expr: sum(rate('weir_forward_folded_alerts_total')), legend: 'folded' },
        { expr: sum(rate('weir_forward_updated_alerts_total')), legend: 'updates' },
      ],
    },
    {
      title: 'Forwarding failures',
      description: 'Alerts and updates that could not be forwarded and are retried.',
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
      description: 'Alerts waiting in the SIEM queue, by level.',
      unit: 'short',
      stacked: true,
      queries: [{ expr: once(of('weir_siem_queue_alerts'), 'level'), legend: '{{level}}' }],
    },
    {
      title: 'Oldest waiting alert',
      description: 'Age of the oldest waiting alert of each level; 0 if none is waiting.',
      unit: 's',
      queries: [{ expr: once(of('weir_siem_oldest_alert_age_seconds'), 'level'), legend: '{{level}}' }],
    },
    {
      title: 'Leases',
      description: 'Leases by outcome: acknowledged, returned, expired, acknowledged too late.',
      unit: 'ops',
      queries: [{ expr: sum(rate('weir_siem_leases_total'), 'outcome'), legend: '{{outcome}}' }],
    },
    {
      title: 'Webhook deliveries',
      description: 'Delivery attempts per second by result, and deliveries that ended without success.',
      unit: 'ops',
      queries: [{ expr: sum(rate('weir_webhook_deliveries_total'), 'result'), legend: '{{result}}' }],
    },
    {
      title: 'Webhook targets',
      description: 'Targets by state: fine, failing (the last attempt failed), disabled (by an answer 410 or an operator).',
      unit: 'short',
      queries: [{ expr: once(of('weir_webhook_targets'), 'state'), legend: '{{state}}' }],
    },
    {
      title: 'Pending webhook deliveries',
      description: 'Waiting deliveries, including those waiting for a retry.',
      unit: 'short',
      queries: [{ expr: once(of('weir_webhook_waiting_deliveries')), legend: 'waiting' }],
    },
  ],
};
