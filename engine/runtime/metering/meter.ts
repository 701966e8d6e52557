/**
 * The port through which the engine counts what it does; engine/metrics implements it with Prometheus.
 *
 * The tables here list all counters. A label value that is not listed is counted as `other`, so that no input can create
 * new series. Called once per batch, not per event. Two labels have values from the rules: `rule` (rule-counts.ts), and
 * `dataset`, the datasets that rules and mappings name.
 */
import { rejectionCodes } from '../../core/ingest/rejection.ts';
import { levels, type RuleSet } from '../../core/rule.ts';
import { openRuleBook, type RuleBook, type RuleCounts } from './rule-counts.ts';
import { webhookResults } from '../deliver/ports.ts';

/** The stages in the order of the data flow: the words used in file names, labels and dashboard rows. */
export const stageNames = ['ingest', 'decode', 'match', 'correlate', 'alert', 'forward', 'deliver'] as const;
export type StageName = (typeof stageNames)[number];

/** name: [metric, help] */
export const plainCounters = {
  accepted: ['weir_ingest_accepted_events_total', 'Events written to a stream by this process.'],
  droppedConnections: ['weir_api_dropped_connections_total', 'Connections closed at once because the process was at its limit.'],
  lostGroups: ['weir_decode_lost_groups_total', 'Missing consumer groups that workers recreated: Redis has lost data.'],
  vanished: ['weir_decode_vanished_entries_total', 'Pending entries missing from their stream: their events are lost.'],
  late: ['weir_correlate_late_observations_total', 'Observations too old for their window log: matched, but not correlated.'],
  refusedLogs: [
    'weir_correlate_refused_observations_total',
    'Observations refused because their rule was over its budget of new window logs.',
  ],
  compacted: ['weir_correlate_compacted_logs_total', 'Idle window logs rewritten to their exact size.'],
  evaluated: ['weir_correlate_evaluated_logs_total', 'Evaluations of window logs.'],
  stale: [
    'weir_alert_stale_commits_total',
    'Commits abandoned because another worker had committed in between; the log is evaluated again.',
  ],
  muted: ['weir_alert_muted_total', 'Suppressed windows: fulfilled, but raising the count of an existing alert instead of firing.'],
  undecided: [
    'weir_alert_undecided_windows_total',
    'Windows not fulfilled, or evaluated by an approximation, because a bound was reached, counted at each evaluation of their log.',
  ],
  ruleFaults: [
    'weir_rule_faults_total',
    'Errors thrown by a rule, in the evaluation of a window log or in the alert of a single event. The log names the rule; other rules are not affected.',
  ],
  shadowed: ['weir_alert_shadow_total', 'Alerts of shadow rules: stored, but never forwarded.'],
  stored: ['weir_forward_stored_alerts_total', 'Alerts written to the alert store for the first time.'],
  folded: ['weir_forward_folded_alerts_total', 'Alerts folded into one because their rule was over its alert budget for the minute.'],
  updated: ['weir_forward_updated_alerts_total', 'Updates of count and last_seen applied to stored alerts.'],
  forwardFailures: ['weir_forward_failures_total', 'Outbox items that could not be forwarded and will be retried.'],
} as const;

/** name: [metric, help, label, values] */
export const labelledCounters = {
  rejected: ['weir_ingest_rejected_events_total', 'Events rejected by ingest, by error code.', 'code', rejectionCodes],
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
    'Requests answered with 429 because their key exceeded its rate, by limit: requests (key) or events.',
    'bound',
    ['key', 'events'],
  ],
  tagged: [
    'weir_ingest_tagged_events_total',
    'Events that ingest corrected, by correction.',
    'tag',
    ['time_inferred', 'time_clamped', 'id_inferred'],
  ],
  deadLetters: ['weir_dead_letters_total', 'Dead letters written, by the stage that gave up.', 'stage', ['decode', 'correlate']],
  fired: ['weir_alert_fired_total', 'Alerts fired, by level.', 'level', levels],
  evicted: [
    'weir_evictions_total',
    'Items dropped because a bound was reached, by bound.',
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
    'Lists and texts cut at a bound, by kind: groups or values of an event (counted for each rule that observes it), entities, message or evidence of an alert, or the index for searching alerts by entity.',
    'what',
    ['groups', 'values', 'entities', 'message', 'evidence', 'index'],
  ],
  queued: ['weir_forward_queued_alerts_total', 'Alerts added to the SIEM queue, by level.', 'level', levels],
  held: ['weir_forward_held_alerts_total', 'Alerts that had to wait because the SIEM queue had no room for their level.', 'level', levels],
  redisRefusals: [
    'weir_redis_refusals_total',
    'Checks, one each second, that Redis answered by refusing to work, by the first word of its answer.',
    'code',
    ['OOM', 'NOAUTH', 'WRONGPASS', 'NOPERM', 'DENIED', 'READONLY', 'MISCONF', 'CLUSTERDOWN', 'LOADING', 'MASTERDOWN', 'NOREPLICAS', 'BUSY'],
  ],
  triaged: [
    'weir_triage_changes_total',
    'Requested triage changes by outcome.',
    'outcome',
    ['changed', 'unchanged', 'conflict', 'refused', 'elsewhere', 'gone'],
  ],
  streams: [
    'weir_alert_stream_clients_total',
    'Clients of the alert stream by outcome; connected clients are opened - cut - left.',
    'outcome',
    ['opened', 'refused', 'cut', 'left'],
  ],
  letters: [
    'weir_dead_letter_decisions_total',
    'Requests to retry or discard dead letters, by outcome.',
    'outcome',
    ['retried', 'discarded', 'not_retryable', 'gone'],
  ],
  siem: [
    'weir_siem_leases_total',
    'Leases of the SIEM queue by outcome.',
    'outcome',
    ['leased', 'acked', 'nacked', 'expired', 'too_late', 'missing'],
  ],
  webhooks: [
    'weir_webhook_deliveries_total',
    'Webhook delivery attempts by result, and deliveries that ended without success: dropped (queue full), given_up, expired, and overtaken (skipped because the alert was already closed).',
    'result',
    webhookResults,
  ],
} as const;

export type PlainCounter = keyof typeof plainCounters;
export type LabelledCounter = keyof typeof labelledCounters;

export type LoadedRules = {
  /** Number of rules by status: `live`, `shadow`, `draft`, `off`. */
  readonly loaded: Readonly<Record<string, number>>;
  readonly errors: number;
  readonly warnings: number;
  /** Whether the rules folder is there and has rules. */
  readonly folderUp: boolean;
  /** When the rules were loaded, epoch ms. */
  readonly at: number;
  /** The datasets that the running rules and mappings name. */
  readonly sources: readonly string[];
};

export type Meter = {
  /**
   * A batch passed a stage: its number of events (or alerts), and its total time in seconds. A batch of `deliver` is one
   * request that acknowledges alerts, or one webhook delivery attempt, which counts 1 if its target accepted it, else 0.
   */
  stage(stage: StageName, events: number, seconds: number): void;
  add(counter: PlainCounter, by?: number): void;
  addTo(counter: LabelledCounter, label: string, by?: number): void;
  /** Time from an alert's creation to the SIEM queue, in seconds; negative values (clock skew) count as 0. */
  forwardDelay(seconds: number): void;
  /** Time from the arrival of the event that fulfilled a rule to its alert, in seconds; negative values count as 0. */
  alertLatency(seconds: number): void;
  /** Accepted events of a dataset. A dataset that no rule or mapping names counts as `other`. */
  source(dataset: string, events: number): void;
  /** Time of a webhook delivery attempt, in seconds. */
  webhookAttempt(seconds: number): void;
  rules(state: LoadedRules): void;
  /** The rules could not be read at this time (epoch ms); the running set stays. */
  rulesUnread(at: number): void;
  /** The per-rule counters for the loops that run this set. */
  rulesOf(ruleset: RuleSet): RuleCounts;
  /** The totals of the running rules. */
  ruleTotals: RuleBook['totals'];
};

/** Counts nothing: for replay, rule tests, and unit tests. */
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
