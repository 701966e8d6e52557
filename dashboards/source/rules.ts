/** The rules: what runs, what each finds, and what each costs. */
import { inRange, of, once, rate, sum, type Dashboard, type Query } from './frame.ts';

/** The ten rules with most of it. */
const top = (metric: string): Query[] => [{ expr: `topk(10, ${perRule(metric)})`, legend: '{{rule}}' }];
const perRule = (metric: string): string => sum(rate(metric, chosen), 'rule');
const chosen = 'rule=~"$rule"';
const inAll = (metric: string): string => sum(inRange(metric, chosen), 'rule');

export const rules: Dashboard = {
  uid: 'weir-rules',
  title: 'Weir / Rules',
  description: 'The running rules: their matches, alerts, mutes and errors, and what they cost.',
  choices: [{ name: 'rule', label: 'Rule', query: `label_values(${of('weir_rule_matches_total')}, rule)` }],
  rows: [
    {
      title: 'The rule set',
      panels: [
        {
          title: 'Rules',
          description: 'Rules of the running set, by status.',
          unit: 'short',
          kind: 'stat',
          width: 8,
          queries: [{ expr: once(of('weir_rules'), 'status'), legend: '{{status}}' }],
        },
        {
          title: 'Problems',
          description: 'Problems found at the last load; GET /v1/rules names them.',
          unit: 'short',
          kind: 'stat',
          width: 6,
          queries: [{ expr: once(of('weir_rule_problems'), 'severity'), legend: '{{severity}}' }],
        },
        {
          title: 'Last load was good',
          description:
            '1 when the last load had no error in every process, 0 otherwise: then each bad document keeps its last good version.',
          unit: 'short',
          kind: 'stat',
          width: 5,
          queries: [{ expr: `min(${of('weir_rules_last_load_success')})`, legend: 'good' }],
        },
        {
          title: 'Age of the rule set',
          description: 'Since the rules were last loaded without an error, in the process where that is longest ago.',
          unit: 's',
          kind: 'stat',
          width: 5,
          queries: [{ expr: `time() - min(${of('weir_rules_last_good_load_timestamp_seconds')})`, legend: 'age' }],
        },
      ],
    },
    {
      title: 'What they find',
      panels: [
        {
          title: 'Matches',
          description: 'Events per second that matched a step, the ten rules with most.',
          unit: 'ops',
          width: 12,
          queries: top('weir_rule_matches_total'),
        },
        {
          title: 'Alerts',
          description: 'Alerts per second, the ten rules with most.',
          unit: 'ops',
          width: 12,
          queries: top('weir_rule_alerts_total'),
        },
        {
          title: 'Muted windows',
          description: 'Fulfilled windows per second that an alert of their group muted, the ten rules with most.',
          unit: 'ops',
          width: 12,
          queries: top('weir_rule_muted_windows_total'),
        },
        {
          title: 'Errors',
          description: 'Judgements per second at which a rule threw: the log of the process tells why.',
          unit: 'ops',
          width: 12,
          queries: top('weir_rule_errors_total'),
        },
      ],
    },
    {
      title: 'What they cost',
      panels: [
        {
          title: 'Processor time',
          description: 'Processor seconds per second spent on conditions and windows together, the ten rules with most.',
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
          title: 'Of it for conditions',
          description:
            'Processor seconds per second spent on trying conditions, estimated from one event in 1,024; the ten rules with most.',
          unit: 'percentunit',
          width: 12,
          queries: top('weir_rule_match_seconds_total'),
        },
        {
          title: 'Of it for windows',
          description: 'Processor seconds per second spent on judging window logs, the ten rules with most.',
          unit: 'percentunit',
          width: 12,
          queries: top('weir_rule_evaluation_seconds_total'),
        },
        {
          title: 'Window logs judged',
          description: 'Window logs judged per second, the ten rules with most.',
          unit: 'ops',
          width: 12,
          queries: top('weir_rule_evaluations_total'),
        },
      ],
    },
    {
      title: 'Rule by rule',
      panels: [
        {
          title: 'All rules',
          description: 'What each rule found and cost in the time that is shown.',
          unit: 'short',
          kind: 'table',
          queries: [
            { expr: inAll('weir_rule_matches_total'), legend: 'matches' },
            { expr: inAll('weir_rule_match_seconds_total'), legend: 'seconds for conditions' },
            { expr: inAll('weir_rule_evaluations_total'), legend: 'evaluations' },
            { expr: inAll('weir_rule_evaluation_seconds_total'), legend: 'seconds for windows' },
            { expr: inAll('weir_rule_alerts_total'), legend: 'alerts' },
            { expr: inAll('weir_rule_muted_windows_total'), legend: 'muted' },
            { expr: inAll('weir_rule_errors_total'), legend: 'errors' },
          ],
        },
      ],
    },
  ],
};
