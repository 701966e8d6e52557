/** The middle stages: from events to alerts. */
import { of, once, quantiles, rate, sum, type Row } from './frame.ts';
import { through } from './through.ts';

export const match: Row = {
  title: 'Match',
  panels: [
    ...through('match', 'Events'),
    {
      title: 'Matches per second',
      description: 'Matches of events with steps of rules, all rules together: how much of the traffic the rules cover.',
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
      title: 'Window logs evaluated',
      description: 'Evaluations of window logs that could be fulfilled, per second.',
      unit: 'ops',
      queries: [{ expr: sum(rate('weir_correlate_evaluated_logs_total'), 'instance'), legend: '{{instance}}' }],
    },
    {
      title: 'Window logs',
      description: 'Approximate number of window logs in Redis: one for each rule and group with events in its window.',
      unit: 'short',
      queries: [{ expr: once(of('weir_window_logs')), legend: 'logs' }],
    },
    {
      title: 'Memory of window logs',
      description: 'Approximate memory of the window logs in Redis.',
      unit: 'bytes',
      queries: [{ expr: once(of('weir_window_log_bytes')), legend: 'bytes' }],
    },
    {
      title: 'Limits reached',
      description: 'Observations too late, refused because their rule opened too many logs, or dropped from a full log; lists cut.',
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
      description: 'Alerts fired per second, by level.',
      unit: 'ops',
      stacked: true,
      queries: [{ expr: sum(rate('weir_alert_fired_total'), 'level'), legend: '{{level}}' }],
    },
    {
      title: 'From event to alert',
      description:
        'Time from the arrival of the event that fulfilled a rule to the commit of its alert. Alerts that had to wait for the end of a window are excluded.',
      unit: 's',
      queries: quantiles('weir_event_to_alert_latency_seconds'),
    },
    {
      title: 'Batch duration in the alert stage',
      description: 'Time to evaluate and commit a batch.',
      unit: 's',
      queries: quantiles('weir_stage_duration_seconds', 'stage="alert"'),
    },
    {
      title: 'Fired and suppressed',
      description:
        'Fulfilled windows that fired (alert) or were suppressed by an alert of their group (muted), for the whole installation.',
      unit: 'ops',
      queries: [{ expr: once(rate('weir_window_outcomes_total', 'outcome!="capped"'), 'outcome'), legend: '{{outcome}}' }],
    },
    {
      title: 'Commit conflicts',
      description: 'Commits abandoned because another worker was faster. Many of them mean that few groups get most of the events.',
      unit: 'ops',
      queries: [{ expr: sum(rate('weir_alert_stale_commits_total'), 'instance'), legend: '{{instance}}' }],
    },
    {
      title: 'Rule errors and approximations',
      description: 'Errors thrown by rules, and windows evaluated by an approximation because a limit was reached.',
      unit: 'ops',
      queries: [
        { expr: sum(rate('weir_rule_faults_total')), legend: 'errors' },
        { expr: sum(rate('weir_alert_undecided_windows_total')), legend: 'approximated' },
      ],
    },
  ],
};
