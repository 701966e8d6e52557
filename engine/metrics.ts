/**
 * The process's metrics, as Prometheus reads them: the one home of prom-client.
 *
 * Two kinds. What this process did is counted here, through the Meter that the stages are given (runtime/meter.ts).
 * What is true of the whole installation (backlog, ledger, queue depth, memory) is read from Redis at each scrape by
 * one function, so that any process shows all of it; when Redis does not answer in time the scrape still does, with
 * `weir_redis_up 0` and without those numbers.
 *
 * Base units, prefix `weir_`, label values from closed sets, known series present at 0.
 */
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import { levels, statuses, type Level } from './core/rule.ts';
import { labelledCounters, plainCounters, stages, type LabelledCounter, type Meter, type PlainCounter } from './runtime/meter.ts';
import type { Truth } from './runtime/truth.ts';

/** Seconds. 5 ms and 30 ms are the latency budgets: with them as bounds, attainment is exact and not interpolated. */
const durationBuckets = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.03, 0.1, 0.3, 1, 3, 10];

/** Seconds, up to the time limit of an attempt. */
const attemptBuckets = [0.01, 0.03, 0.1, 0.3, 1, 3, 5, 10, 15];

export type Metrics = {
  readonly meter: Meter;
  /** The answer to GET /metrics. Never throws, never waits longer than `truthMsMax`. */
  expose(): Promise<{ readonly contentType: string; readonly text: string }>;
};

export type MetricsOptions = {
  /** Reads what is true of the whole installation; undefined in a process without Redis. */
  readonly truth?: () => Promise<Truth>;
  /** How long a scrape waits for it. */
  readonly truthMsMax?: number;
  /** Node's own metrics (event loop lag, heap, CPU) as `weir_nodejs_…` and `weir_process_…`. */
  readonly process?: boolean;
};

export function createMetrics({ truth, truthMsMax = 2000, process = true }: MetricsOptions = {}): Metrics {
  const registry = new Registry();
  if (process) collectDefaultMetrics({ register: registry, prefix: 'weir_' });
  const meter = createMeter(registry);
  const show = truth === undefined ? undefined : truthGauges(registry);
  return {
    meter,
    async expose() {
      if (truth !== undefined && show !== undefined) show(await within(truth, truthMsMax));
      return { contentType: registry.contentType, text: await registry.metrics() };
    },
  };
}

async function within(read: () => Promise<Truth>, msMax: number): Promise<Truth | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), msMax);
  });
  try {
    return await Promise.race([read().catch(() => undefined), tooLong]);
  } finally {
    clearTimeout(timer);
  }
}

function createMeter(registry: Registry): Meter {
  const registers = [registry];
  const events = new Counter({
    name: 'weir_stage_events_total',
    help: 'Events (from the alert stage on: alerts) that passed a stage.',
    labelNames: ['stage'],
    registers,
  });
  const seconds = new Histogram({
    name: 'weir_stage_duration_seconds',
    help: 'Time that one batch spent in a stage.',
    labelNames: ['stage'],
    buckets: durationBuckets,
    registers,
  });
  for (const stage of stages) {
    events.inc({ stage }, 0);
    seconds.zero({ stage });
  }
  const delay = new Histogram({
    name: 'weir_forward_delay_seconds',
    help: 'From the creation of an alert to the SIEM queue.',
    buckets: durationBuckets,
    registers,
  });

  const attempts = new Histogram({
    name: 'weir_webhook_attempt_duration_seconds',
    help: 'Time that one attempt to deliver a webhook took, name look-up to the end of the answer.',
    buckets: attemptBuckets,
    registers,
  });

  const plain = new Map<PlainCounter, Counter>();
  for (const [key, [name, help]] of Object.entries(plainCounters)) plain.set(key as PlainCounter, new Counter({ name, help, registers }));

  const labelled = new Map<LabelledCounter, { counter: Counter; label: string; known: ReadonlySet<string> }>();
  for (const [key, [name, help, label, values]] of Object.entries(labelledCounters)) {
    const counter = new Counter({ name, help, labelNames: [label], registers });
    for (const value of values) counter.inc({ [label]: value }, 0);
    labelled.set(key as LabelledCounter, { counter, label, known: new Set<string>(values) });
  }

  const loaded = new Gauge({ name: 'weir_rules', help: 'Rules of the running set, by status.', labelNames: ['status'], registers });
  for (const status of statuses) loaded.set({ status }, 0);
  const problems = new Gauge({
    name: 'weir_rule_problems',
    help: 'Problems found at the last load of the rules, by severity.',
    labelNames: ['severity'],
    registers,
  });
  for (const severity of ['error', 'warning']) problems.set({ severity }, 0);
  const good = new Gauge({
    name: 'weir_rules_last_good_load_timestamp_seconds',
    help: 'When the whole rule set last went live without an error; 0: never.',
    registers,
  });

  return {
    stage(stage, count, took) {
      events.inc({ stage }, count);
      seconds.observe({ stage }, Math.max(0, took));
    },
    add(key, by = 1) {
      plain.get(key)!.inc(by);
    },
    addTo(key, value, by = 1) {
      const { counter, label, known } = labelled.get(key)!;
      counter.inc({ [label]: known.has(value) ? value : 'other' }, by);
    },
    forwardDelay(took) {
      delay.observe(Math.max(0, took));
    },
    webhookAttempt(took) {
      attempts.observe(Math.max(0, took));
    },
    rules(state) {
      for (const status of statuses) loaded.set({ status }, state.loaded[status] ?? 0);
      problems.set({ severity: 'error' }, state.errors);
      problems.set({ severity: 'warning' }, state.warnings);
      if (state.goodAt !== undefined) good.set(state.goodAt / 1000);
    },
  };
}

function perLevel(metric: Gauge, counts: Readonly<Record<Level, number>>): void {
  for (const level of levels) metric.set({ level }, counts[level]);
}

/** Makes the gauges of the whole installation; the answer sets them, or, when there is nothing to show, empties them. */
function truthGauges(registry: Registry): (truth: Truth | undefined) => void {
  const registers = [registry];
  const gauge = (name: string, help: string, label?: string): Gauge =>
    new Gauge({ name, help, ...(label === undefined ? {} : { labelNames: [label] }), registers });
  const up = gauge('weir_redis_up', 'Whether Redis answered this scrape in time.');
  const ledger = new Counter({
    name: 'weir_ledger_events_total',
    help: 'Events by what became of them, counted in Redis where it happened: accepted = processed + dead_lettered + weir_ledger_pending_events.',
    labelNames: ['state'],
    registers,
  });
  const pending = gauge(
    'weir_ledger_pending_events',
    'Events in the streams that are unread or being worked on, counted from the streams themselves.',
  );
  const unread = gauge('weir_stream_unread_entries', 'Stream entries that no worker has taken yet.', 'shard');
  const taken = gauge('weir_stream_pending_entries', 'Stream entries that a worker has taken and not settled.', 'shard');
  const clock = gauge(
    'weir_arrival_clock_timestamp_seconds',
    'Arrival time of the oldest unread or pending entry; Redis time when there is none.',
    'shard',
  );
  const windows = new Counter({
    name: 'weir_window_outcomes_total',
    help: 'Counted in Redis by the step that recorded it: alerts of windows, fulfilled windows that were muted, entries cut off because their log was full.',
    labelNames: ['outcome'],
    registers,
  });
  const outbox = gauge('weir_outbox_items', 'Alerts and updates in the outboxes, not yet forwarded.');
  const held = gauge('weir_forward_held_alerts', 'Alerts that wait for room in the SIEM queue.', 'level');
  const depth = gauge('weir_siem_queue_alerts', 'Alerts waiting in the SIEM queue.', 'level');
  const leased = gauge('weir_siem_leased_alerts', 'Alerts that are leased.');
  const oldest = gauge('weir_siem_oldest_alert_age_seconds', 'Age of the alert at the head of the SIEM queue; 0 when it is empty.');
  const used = gauge('weir_redis_memory_used_bytes', 'Memory that Redis uses.');
  const max = gauge('weir_redis_memory_max_bytes', 'The maxmemory of Redis; 0: none.');
  const hooks = gauge(
    'weir_webhook_targets',
    'Webhook targets by how they are doing: fine, failing since their last attempt, disabled.',
    'state',
  );
  const toDeliver = gauge(
    'weir_webhook_waiting_deliveries',
    'Webhook deliveries that are still to come, those between two attempts included.',
  );
  const labelled = [hooks, ledger, windows, unread, taken, clock, held, depth];
  const single = [toDeliver, pending, outbox, leased, oldest, used, max];

  return (truth) => {
    up.set(truth === undefined ? 0 : 1);
    for (const metric of labelled) metric.reset();
    for (const metric of single) metric.remove();
    if (truth === undefined) return;
    let sum = { accepted: 0, processed: 0, dead: 0, pending: 0 };
    truth.shards.forEach((shard, index) => {
      const label = { shard: String(index) };
      sum = {
        accepted: sum.accepted + shard.accepted,
        processed: sum.processed + shard.processed,
        dead: sum.dead + shard.dead,
        pending: sum.pending + shard.pendingEvents,
      };
      unread.set(label, shard.unreadEntries);
      taken.set(label, shard.pendingEntries);
      clock.set(label, shard.clockMs / 1000);
    });
    ledger.inc({ state: 'accepted' }, sum.accepted);
    ledger.inc({ state: 'processed' }, sum.processed);
    ledger.inc({ state: 'dead_lettered' }, sum.dead);
    pending.set(sum.pending);
    windows.inc({ outcome: 'alert' }, truth.windows.alerts);
    windows.inc({ outcome: 'muted' }, truth.windows.muted);
    windows.inc({ outcome: 'capped' }, truth.windows.capped);
    outbox.set(truth.outbox);
    perLevel(held, truth.held);
    perLevel(depth, truth.siem.depth);
    leased.set(truth.siem.leased);
    oldest.set(truth.siem.oldest === null ? 0 : Math.max(0, truth.nowMs - Date.parse(truth.siem.oldest)) / 1000);
    for (const [state, count] of Object.entries(truth.webhooks.targets)) hooks.set({ state }, count);
    toDeliver.set(truth.webhooks.waiting);
    used.set(truth.redis.usedBytes);
    max.set(truth.redis.maxBytes);
  };
}
