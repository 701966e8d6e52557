/** The first thing to look at: the state in numbers, then a row for each stage of the data's way. */
import { of, once, quantiles, rate, sum, type Dashboard, type Panel } from './frame.ts';

/** What each stage has: how much passes, and how long a batch takes. */
const through = (stage: string, what: string): Panel[] => [
  {
    title: `${what} per second`,
    description: `What passes the stage "${stage}", by process.`,
    unit: 'eps',
    queries: [{ expr: sum(rate('weir_stage_events_total', `stage="${stage}"`), 'instance'), legend: '{{instance}}' }],
  },
  {
    title: `Time of a batch in ${stage}`,
    description: `How long one batch spends in the stage "${stage}", waiting for Redis included.`,
    unit: 's',
    queries: quantiles('weir_stage_duration_seconds', `stage="${stage}"`),
  },
];

export const overview: Dashboard = {
  uid: 'weir-overview',
  title: 'Weir / Overview',
  description: "The data's way through Weir, a row for each stage.",
  rows: [
    {
      title: 'State',
      panels: [
        {
          title: 'Processes up',
          description: 'Processes of Weir that Prometheus reaches.',
          unit: 'short',
          kind: 'stat',
          queries: [{ expr: sum(of('up')), legend: 'up' }],
        },
        {
          title: 'Events accepted',
          description: 'Events that ingest has put into the stream, per second.',
          unit: 'eps',
          kind: 'stat',
          queries: [{ expr: sum(rate('weir_ingest_accepted_events_total')), legend: 'accepted' }],
        },
        {
          title: 'Lag',
          description: 'Age of the oldest event that is not finished. It grows when there are too few workers, or when one hangs.',
          unit: 's',
          kind: 'stat',
          thresholds: [10, 60],
          queries: [{ expr: `clamp_min(max(time() - ${of('weir_arrival_clock_timestamp_seconds')}), 0)`, legend: 'lag' }],
        },
        {
          title: 'Pending events',
          description: 'Events in the streams that are unread or being worked on.',
          unit: 'short',
          kind: 'stat',
          queries: [{ expr: once(of('weir_ledger_pending_events')), legend: 'pending' }],
        },
        {
          title: 'Heartbeat',
          description: 'Age of the last heartbeat that came through the slowest shard: stream, match, window, commit, settle.',
          unit: 's',
          kind: 'stat',
          thresholds: [60, 120],
          queries: [{ expr: `time() - min(${once(of('weir_heartbeat_timestamp_seconds'), 'shard')})`, legend: 'age' }],
        },
        {
          title: 'Alerts',
          description: 'Alerts fired, per second, all levels together.',
          unit: 'ops',
          kind: 'stat',
          queries: [{ expr: sum(rate('weir_alert_fired_total')), legend: 'fired' }],
        },
        {
          title: 'SIEM queue',
          description: 'Alerts that wait in the SIEM queue, all levels together.',
          unit: 'short',
          kind: 'stat',
          queries: [{ expr: sum(once(of('weir_siem_queue_alerts'), 'level')), legend: 'waiting' }],
        },
        {
          title: 'Dead letters',
          description: 'Events that were given up and are kept to be looked at.',
          unit: 'short',
          kind: 'stat',
          thresholds: [1, 100],
          queries: [{ expr: once(of('weir_dead_letters_stored')), legend: 'stored' }],
        },
      ],
    },
    {
      title: 'Ingest',
      panels: [
        {
          title: 'Accepted events by feed',
          description: 'Events accepted, for each feed that a rule or mapping names. The others are "other".',
          unit: 'eps',
          stacked: true,
          queries: [{ expr: sum(rate('weir_ingest_source_events_total'), 'dataset'), legend: '{{dataset}}' }],
        },
        {
          title: 'Time of a request',
          description: 'From the first byte of a request to the answer, Redis included.',
          unit: 's',
          queries: quantiles('weir_stage_duration_seconds', 'stage="ingest"'),
        },
        {
          title: 'Turned away',
          description: 'Requests answered with 413, 429 or 503, by reason.',
          unit: 'reqps',
          queries: [{ expr: sum(rate('weir_ingest_turned_away_requests_total'), 'reason'), legend: '{{reason}}' }],
        },
        {
          title: 'Rejected events',
          description: 'Events that are none, by error code: a producer is to be mended.',
          unit: 'eps',
          queries: [{ expr: sum(rate('weir_ingest_rejected_events_total'), 'code'), legend: '{{code}}' }],
        },
        {
          title: 'Mended events',
          description: 'Events without id or time of their own, or with a clock that runs ahead, by what was done.',
          unit: 'eps',
          queries: [{ expr: sum(rate('weir_ingest_tagged_events_total'), 'tag'), legend: '{{tag}}' }],
        },
        {
          title: 'The ledger',
          description:
            'Events per second by what became of them, for the whole installation. Accepted = processed + dead-lettered + pending.',
          unit: 'eps',
          queries: [{ expr: once(rate('weir_ledger_events_total'), 'state'), legend: '{{state}}' }],
        },
      ],
    },
    {
      title: 'Decode',
      panels: [
        ...through('decode', 'Events'),
        {
          title: 'Entries in the streams',
          description: 'Stream entries that nobody has taken (unread), and those that a worker has in hand (pending), by shard.',
          unit: 'short',
          queries: [
            { expr: once(of('weir_stream_unread_entries'), 'shard'), legend: 'unread {{shard}}' },
            { expr: once(of('weir_stream_pending_entries'), 'shard'), legend: 'pending {{shard}}' },
          ],
        },
        {
          title: 'Dead letters by stage',
          description: 'Events given up, per second, by the stage that gave up.',
          unit: 'eps',
          queries: [{ expr: sum(rate('weir_dead_letters_total'), 'stage'), legend: '{{stage}}' }],
        },
        {
          title: 'Lag by shard',
          description: 'Age of the oldest event of each shard that is not finished.',
          unit: 's',
          queries: [
            {
              expr: `clamp_min(max by (shard) (time() - ${of('weir_arrival_clock_timestamp_seconds')}), 0)`,
              legend: 'shard {{shard}}',
            },
          ],
        },
        {
          title: 'Way of a heartbeat',
          description: 'How long the last heartbeat took from the stream to its settlement, by shard.',
          unit: 's',
          queries: [{ expr: once(of('weir_heartbeat_delay_seconds'), 'shard'), legend: 'shard {{shard}}' }],
        },
      ],
    },
    {
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
    },
    {
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
          description: 'Observations that came too late, opened too many logs, or were cut off because their log was full.',
          unit: 'ops',
          queries: [
            { expr: sum(rate('weir_correlate_late_observations_total')), legend: 'too late' },
            { expr: sum(rate('weir_correlate_refused_observations_total')), legend: 'refused' },
            { expr: once(rate('weir_window_outcomes_total', 'outcome="capped"')), legend: 'capped' },
          ],
        },
      ],
    },
    {
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
    },
    {
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
          description:
            'Alerts stored, of shadow rules, and folded into one because their rule was over its budget; updates of their counts.',
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
    },
    {
      title: 'Deliver',
      panels: [
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
      ],
    },
    {
      title: 'Processes and Redis',
      panels: [
        {
          title: 'Processor',
          description: 'Processor time of each process: at 1 its event loop is always busy, and another worker helps.',
          unit: 'percentunit',
          queries: [{ expr: sum(rate('weir_process_cpu_seconds_total'), 'instance'), legend: '{{instance}}' }],
        },
        {
          title: 'Memory of the processes',
          description: 'Resident memory of each process.',
          unit: 'bytes',
          queries: [{ expr: once(of('weir_process_resident_memory_bytes'), 'instance'), legend: '{{instance}}' }],
        },
        {
          title: 'Event loop',
          description: 'Longest time between two rounds of the event loop since the last scrape, by process.',
          unit: 's',
          queries: [{ expr: once(of('weir_nodejs_eventloop_lag_max_seconds'), 'instance'), legend: '{{instance}}' }],
        },
        {
          title: 'Memory of Redis',
          description: 'Memory that Redis uses. Above 70 % of its bound processed events leave early, at 80 % ingest closes.',
          unit: 'bytes',
          queries: [
            { expr: once(of('weir_redis_memory_used_bytes')), legend: 'used' },
            { expr: once(of('weir_redis_memory_max_bytes')), legend: 'maxmemory (0: none)' },
          ],
        },
        {
          title: 'Durability of Redis',
          description: 'The mode that is 1 is on: when Redis writes what it has answered to its append-only file.',
          unit: 'short',
          queries: [{ expr: once(of('weir_redis_durability_info'), 'mode'), legend: '{{mode}}' }],
        },
        {
          title: 'Forgotten',
          description: 'What a bound made the engine forget, per second, by bound.',
          unit: 'ops',
          queries: [{ expr: sum(rate('weir_evictions_total'), 'what'), legend: '{{what}}' }],
        },
      ],
    },
  ],
};
