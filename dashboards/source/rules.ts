/** The rules dashboard: the running set, and what each rule finds and costs. */
import { inRange, of, once, rate, sum, type Dashboard, type Query } from './frame.ts';

/** The ten rules with the highest rates. */
const top = (metric: string): Query[] => [{ expr: `topk(10, ${perRule(metric)})`, legend: '{{rule}}' }];
const perRule = (metric: string): string => sum(rate(metric, chosen), 'rule');
const chosen = 'rule=~"$rule"';
const inAll = (metric: string): string => sum(inRange(metric, chosen), 'rule');

export const rules: Dashboard = {
  uid: 'weir-rules',
  title: 'Weir / Rules',
  description: 'The running rules: matches, alerts, suppressed windows, errors, and cost.',
  choices: [{ name: 'rule', label: 'Rule', query: `label_values(${of('weir_rule_matches_total')}, rule)` }],
  rows: [
    {
      title: 'Rule set',
      panels: [
        {
          title: 'Rules',
          description: 'Rules of the running set by status.',
          unit: 'short',
          kind: 'stat',
          width: 8,
          queries: [{ expr: once(of('weir_rules'), 'status'), legend: '{{status}}' }],
        },
        {
          title: 'Problems',
          description: 'Problems found when the rules were last loaded; GET /v1/rules lists them.',
          unit: 'short',
          kind: 'stat',
          width: 6,
          queries: [{ expr: once(of('weir_rule_problems'), 'severity'), legend: '{{severity}}' }],
        },
        {
          title: 'Last load succeeded',
          description: '1 if the last load had no errors in any process. If it is 0, documents with errors keep their last good version.',
          unit: 'short',
          kind: 'stat',
          width: 5,
          queries: [{ expr: `min(${of('weir_rules_last_load_success')})`, legend: 'success' }],
        },
        {
          title: 'Age of the rule set',
          description: 'Time since the rules were last loaded without errors, in the process where that is longest ago.',
          unit: 's',
          kind: 'stat',
          width: 5,
          queries: [{ expr: `time() - min(${of('weir_rules_last_good_load_timestamp_seconds')})`, legend: 'age' }],
        },
      ],
    },
    {
      title: 'Findings',
      panels: [
        {
          title: 'Matches',
          description: 'Events per second that matched a step; the top ten rules.',
          unit: 'ops',
          width: 12,
          queries: top('weir_rule_matches_total'),
        },
        {
          title: 'Alerts',
          description: 'Alerts per second; the top ten rules.',
          unit: 'ops',
          width: 12,
          queries: top('weir_rule_alerts_total'),
        },
        {
          title: 'Suppressed windows',
          description: 'Fulfilled windows per second that were suppressed by an alert of their group; the top ten rules.',
          unit: 'ops',
          width: 12,
          queries: top('weir_rule_muted_windows_total'),
        },
        {
          title: 'Errors',
          description: 'Evaluations per second in which a rule threw an error; the log of the process has the reason.',
          unit: 'ops',
          width: 12,
          queries: top('weir_rule_errors_total'),
        },
      ],
    },
    {
      title: 'Cost',
      panels: [
        {
          title: 'CPU: total',
          description: 'Processor time spent on conditions and windows together; the top ten rules.',
          unit: 'percentunit',
          width: 12,
          queries: [
            {
              expr: `topk(10, ${perRule('weir_rule_match_seconds_total')} + ${perRule('weir_rule_evaluation_seconds_total')})`,
              legend: '{{rule}}',
            },
          ],
        },
        {
          title: 'CPU: conditions',
          description: 'Processor time spent on conditions, estimated from one event in 1,024; the top ten rules.',
          unit: 'percentunit',
          width: 12,
          queries: top('weir_rule_match_seconds_total'),
        },
        {
          title: 'CPU: windows',
          description: 'Processor time spent on evaluating window logs; the top ten rules.',
          unit: 'percentunit',
          width: 12,
          queries: top('weir_rule_evaluation_seconds_total'),
        },
        {
          title: 'Window logs evaluated',
          description: 'Evaluations of window logs per second; the top ten rules.',
          unit: 'ops',
          width: 12,
          queries: top('weir_rule_evaluations_total'),
        },
      ],
    },
    {
      title: 'All rules',
      panels: [
        {
          title: 'Totals by rule',
          description: 'What each rule found and cost in the displayed time range.',
          unit: 'short',
          kind: 'table',
          queries: [
            { expr: inAll('weir_rule_matches_total'), legend: 'matches' },
            { expr: inAll('weir_rule_match_seconds_total'), legend: 'CPU seconds: conditions' },
            { expr: inAll('weir_rule_evaluations_total'), legend: 'evaluations' },
            { expr: inAll('weir_rule_evaluation_seconds_total'), legend: 'CPU seconds: windows' },
            { expr: inAll('weir_rule_alerts_total'), legend: 'alerts' },
            { expr: inAll('weir_rule_muted_windows_total'), legend: 'suppressed' },
            { expr: inAll('weir_rule_errors_total'), legend: 'errors' },
          ],
        },
      ],
    },
  ],
};
