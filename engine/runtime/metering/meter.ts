/**
 * What the running engine tells about itself, as numbers: the port behind which metrics.ts keeps Prometheus.
 *
 * The tables here are the whole vocabulary: a counter that is not in them cannot be counted, and a label value that
 * is not in them is counted as `other`, so that no input can make new series. Called once per batch, not per event.
 * Two labels come from the rules: `rule` (rule-counts.ts), and `dataset`, the feeds that the rules and mappings name.
 */
import { rejectionCodes } from '../../core/ingest/rejection.ts';
import { levels, type RuleSet } from '../../core/rule.ts';
import { openRuleBook, type RuleBook, type RuleCounts } from './rule-counts.ts';
import { webhookResults } from '../deliver/ports.ts';

/** The data's way. The words of file names, labels and dashboard rows. */
export const stages = ['ingest', 'decode', 'match', 'correlate', 'alert', 'forward', 'deliver'] as const;
export type Stage = (typeof stages)[number];

/** name: [metric, help] */
export const plainCounters = {
  accepted: ['weir_ingest_accepted_events_total', 'Events written to a stream by this process.'],
  droppedConnections: [
    'weir_api_dropped_connections_total',
    'Connections that were closed at once because the process had as many as it may.',
  ],
  lostGroups: ['weir_decode_lost_groups_total', 'Consumer groups of the workers that were gone and made anew: Redis has lost data.'],
  vanished: ['weir_decode_vanished_entries_total', 'Pending entries that were gone from their stream: their events are lost.'],
  late: ['weir_correlate_late_observations_total', 'Observations older than their window log keeps: matched, not correlated.'],
  refusedLogs: [
    'weir_correlate_refused_observations_total',
    'Observations that would have opened a log over the budget of new logs of their rule.',
  ],
  compacted: ['weir_correlate_compacted_logs_total', 'Idle window logs that were rewritten in their exact size.'],
  evaluated: ['weir_correlate_evaluated_logs_total', 'Window logs that were judged.'],
  stale: ['weir_alert_stale_commits_total', 'Commits given up because another worker had committed in between; judged again.'],
  muted: ['weir_alert_muted_total', 'Fulfilled windows that raised the count of an existing alert instead of firing.'],
  undecided: [
    'weir_alert_undecided_windows_total',
    'Windows judged by a simpler approximation because a bound was reached, each time their log is judged.',
  ],
  ruleFaults: [
    'weir_rule_faults_total',
    'Judgements of a window log, and alerts of single events, that a rule made throw: the log names the rule, the others go on.',
  ],
  shadowed: ['weir_alert_shadow_total', 'Alerts of shadow rules: stored, never forwarded.'],
  stored: ['weir_forward_stored_alerts_total', 'Alerts written to the alert store for the first time.'],
  folded: ['weir_forward_folded_alerts_total', 'Alerts folded into one because their rule was over its budget for the minute.'],
  updated: ['weir_forward_updated_alerts_total', 'Updates of count and last_seen applied to stored alerts.'],
  forwardFailures: ['weir_forward_failures_total', 'Outbox items whose forwarding failed and will be tried again.'],
} as const;

/** name: [metric, help, label, values] */
export const labelledCounters = {
  rejected: ['weir_ingest_rejected_events_total', 'Events that ingest refused, by error code.', 'code', rejectionCodes],
  turnedAway: [
    'weir_ingest_turned_away_requests_total',
    'Requests that ingest answered with 413, 429 or 503, by reason.',
    'reason',
    ['too-large', 'backlog', 'busy', 'redis-full', 'redis-away', 'stopping', 'rate-limited'],
  ],
  refused: [
    'weir_api_refused_requests_total',
    'Requests answered with 401 or 403, by reason.',
    'reason',
    ['no-key', 'malformed-key', 'unknown-key', 'revoked-key', 'expired-key', 'missing-scope', 'foreign-host', 'foreign-origin'],
  ],
  rateLimited: [
    'weir_api_rate_limited_requests_total',
    'Requests answered with 429 because their key had used up its rate, by the bound: requests (key) or events.',
    'bound',
    ['key', 'events'],
  ],
  tagged: [
    'weir_ingest_tagged_events_total',
    'Events that ingest had to mend, by what it did.',
    'tag',
    ['time_inferred', 'time_clamped', 'id_inferred'],
  ],
  deadLetters: ['weir_dead_letters_total', 'Dead letters written, by the stage that gave up.', 'stage', ['decode', 'correlate']],
  fired: ['weir_alert_fired_total', 'Alerts fired, by level.', 'level', levels],
  evicted: [
    'weir_evictions_total',
    'What a bound made the engine forget, by bound.',
    'what',
    [
      'log_entries',
      'evidence',
      'targets',
      'values',
      'failing',
      'dead_letters',
      'audit',
      'alerts_open',
      'alerts_acknowledged',
      'alerts_closed',
    ],
  ],
  cut: [
    'weir_correlate_cut_lists_total',
    'Lists of which a bound took only the first members, by what they give: groups or values of an event, each time a rule observes it, an entity, the message or the evidence of an alert, or the index by which alerts are found by entities.',
    'what',
    ['groups', 'values', 'entities', 'message', 'evidence', 'index'],
  ],
  queued: ['weir_forward_queued_alerts_total', 'Alerts added to the SIEM queue, by level.', 'level', levels],
  held: ['weir_forward_held_alerts_total', 'Alerts made to wait because the SIEM queue had no room for their level.', 'level', levels],
  triaged: [
    'weir_triage_changes_total',
    'Changes of triage that were asked for, by what became of them.',
    'outcome',
    ['changed', 'unchanged', 'conflict', 'refused', 'elsewhere', 'gone'],
  ],
  streams: [
    'weir_alert_stream_clients_total',
    'Clients of the alert stream, by what became of them; connected ones are opened - cut - left.',
    'outcome',
    ['opened', 'refused', 'cut', 'left'],
  ],
  letters: [
    'weir_dead_letter_decisions_total',
    'Dead letters that somebody decided on, by what became of them.',
    'outcome',
    ['retried', 'discarded', 'not_retryable', 'gone'],
  ],
  siem: [
    'weir_siem_leases_total',
    'What became of leases of the SIEM queue.',
    'outcome',
    ['leased', 'acked', 'nacked', 'expired', 'too_late', 'missing'],
  ],
  webhooks: [
    'weir_webhook_deliveries_total',
    'Attempts to deliver webhooks by what came of them, and deliveries that ended without success: dropped (no room), given_up, expired; overtaken ones were needless.',
    'result',
    webhookResults,
  ],
} as const;

export type PlainCounter = keyof typeof plainCounters;
export type LabelledCounter = keyof typeof labelledCounters;

export type RulesState = {
  /** Rules by what they do: `live`, `shadow`, `draft`, `off`. */
  readonly loaded: Readonly<Record<string, number>>;
  readonly errors: number;
  readonly warnings: number;
  /** When this load was made, epoch ms. It is good when there were no errors. */
  readonly at: number;
  /** The feeds that the running rules and mappings name. */
  readonly sources: readonly string[];
};

export type Meter = {
  /**
   * A batch passed a stage: how many events (or alerts), and how long it took altogether, in seconds. A batch of
   * `deliver` is one request that acknowledges alerts, or one attempt at a webhook: of 1 if its target took it, else of 0.
   */
  stage(stage: Stage, events: number, seconds: number): void;
  add(counter: PlainCounter, by?: number): void;
  addTo(counter: LabelledCounter, label: string, by?: number): void;
  /** From an alert's creation to the SIEM queue, in seconds; below 0 (clocks) counts as 0. */
  forwardDelay(seconds: number): void;
  /** From the arrival of the event that fulfilled a rule to its alert, in seconds; below 0 counts as 0. */
  alertLatency(seconds: number): void;
  /** Events accepted of a feed. One that no rule and no mapping names counts as `other`. */
  source(dataset: string, events: number): void;
  /** How long an attempt to deliver a webhook took, in seconds. */
  webhookAttempt(seconds: number): void;
  rules(state: RulesState): void;
  /** The rules could not be looked at, at this time (epoch ms); the running ones stay. */
  rulesUnread(at: number): void;
  /** Where the loops that run this set count per rule. */
  rulesOf(ruleset: RuleSet): RuleCounts;
  /** What they have counted of the running rules. */
  ruleTotals: RuleBook['totals'];
};

/** Counts nothing: for replay, rule tests and tests of other things. */
export const silent: Meter = {
  stage() {},
  add() {},
  addTo() {},
  forwardDelay() {},
  alertLatency() {},
  source() {},
  webhookAttempt() {},
  rules() {},
  rulesUnread() {},
  rulesOf: (ruleset) => openRuleBook().of(ruleset),
  ruleTotals: () => new Map(),
};
