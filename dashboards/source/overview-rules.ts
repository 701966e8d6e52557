/** The middle: from events to alerts. */
import { of, once, quantiles, rate, sum, type Row } from './frame.ts';
import { through } from './through.ts';

export const match: Row = {
  title: 'Match',
  panels: [
    ...through('match', 'Events'),
    {
      title: 'Matches per second',
      description: 'Matches of events with steps of rules, all rules together: how much of the traffic the rules are about.',
      unit: 'ops',
      queries: [{ expr: sum(rate('weir_rule_matches_total'), 'instance'), legend: '{{instance}}' }],
    },
  ],
};

export const correlate: Row = {
  title: 'Correlate',
  panels: [
    ...through('correlate', 'Observations'),
    {
      title: 'Window logs judged',
      description: 'Window logs that could be fulfilled and were evaluated, per second.',
      unit: 'ops',
      queries: [{ expr: sum(rate('weir_correlate_evaluated_logs_total'), 'instance'), legend: '{{instance}}' }],
    },
    {
      title: 'Window logs',
      description: 'Window logs in Redis, about: one for each rule and group that has events in its window.',
      unit: 'short',
      queries: [{ expr: once(of('weir_window_logs')), legend: 'logs' }],
    },
    {
      title: 'Memory of window logs',
      description: 'Memory that the window logs take in Redis, about.',
      unit: 'bytes',
      queries: [{ expr: once(of('weir_window_log_bytes')), legend: 'bytes' }],
    },
    {
      title: 'Bounds reached',
      description:
        'Observations that came too late, opened too many logs, or were cut off because their log was full, and lists that were cut.',
      unit: 'ops',
      queries: [
        { expr: sum(rate('weir_correlate_late_observations_total')), legend: 'too late' },
        { expr: sum(rate('weir_correlate_refused_observations_total')), legend: 'refused' },
        { expr: once(rate('weir_window_outcomes_total', 'outcome="capped"')), legend: 'capped' },
        { expr: sum(rate('weir_correlate_cut_lists_total'), 'what'), legend: 'cut {{what}}' },
      ],
    },
  ],
};

export const alert: Row = {
  title: 'Alert',
  panels: [
    {
      title: 'Alerts by level',
      description: 'Alerts fired, per second.',
      unit: 'ops',
      stacked: true,
      queries: [{ expr: sum(rate('weir_alert_fired_total'), 'level'), legend: '{{level}}' }],
    },
    {
      title: 'From event to alert',
      description:
        'From the arrival of the event that fulfilled a rule to the commit of its alert. Alerts that waited for their time are not in it.',
      unit: 's',
      queries: quantiles('weir_event_to_alert_latency_seconds'),
    },
    {
      title: 'Time of a batch in alert',
      description: 'How long judging and committing one batch takes.',
      unit: 's',
      queries: quantiles('weir_stage_duration_seconds', 'stage="alert"'),
    },
    {
      title: 'Fired and muted',
      description: 'Fulfilled windows that became alerts, and those that an alert of their group muted, for the whole installation.',
      unit: 'ops',
      queries: [{ expr: once(rate('weir_window_outcomes_total', 'outcome!="capped"'), 'outcome'), legend: '{{outcome}}' }],
    },
    {
      title: 'Judged again',
      description: 'Commits given up because another worker was faster: many mean that few keys get most of the events.',
      unit: 'ops',
      queries: [{ expr: sum(rate('weir_alert_stale_commits_total'), 'instance'), legend: '{{instance}}' }],
    },
    {
      title: 'Faults and approximations',
      description: 'Rules that threw on a window, and windows judged by an approximation because a bound was reached.',
      unit: 'ops',
      queries: [
        { expr: sum(rate('weir_rule_faults_total')), legend: 'faults' },
        { expr: sum(rate('weir_alert_undecided_windows_total')), legend: 'undecided' },
      ],
    },
  ],
};
