/**
 * The metrics of a process, for Prometheus. Only this folder uses prom-client.
 *
 * There are two kinds. What this process does is counted through the Meter that the stageNames get
 * (runtime/metering/meter.ts). The state of the whole installation (backlog, ledger, queue depth, memory) is read from
 * Redis at each scrape by one function, so that every process exposes all of it. If Redis does not answer in time, the
 * scrape succeeds all the same, with `weir_redis_up 0` and without those numbers.
 *
 * Base units, prefix `weir_`, label values from closed sets, known series initialised to 0.
 */
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import { limits } from '../core/limits.ts';
import { keyedSeries } from './keyed-series.ts';
import { installationGauges } from './installation-gauges.ts';
import { rulesGauges } from './rules-gauges.ts';
import { openRuleBook, ruleFacts, type RuleFact } from '../runtime/metering/rule-counts.ts';
import {
  labelledCounters,
  plainCounters,
  stageNames,
  type LabelledCounter,
  type Meter,
  type PlainCounter,
} from '../runtime/metering/meter.ts';
import type { InstallationState } from '../runtime/metering/installation.ts';

/** Seconds. 5 ms and 30 ms are the latency budgets: as bucket bounds, they make the share within budget exact. */
const durationBuckets = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.03, 0.1, 0.3, 1, 3, 10];

/** Seconds, up to the timeout of an attempt. */
const attemptBuckets = [0.01, 0.03, 0.1, 0.3, 1, 3, 5, 10, 15];

export type Metrics = {
  readonly meter: Meter;
  /** The answer to GET /metrics. Never throws, never waits longer than `installationMsMax`. */
  expose(): Promise<{ readonly contentType: string; readonly text: string }>;
};

export type MetricsOptions = {
  /** Reads the state of the whole installation; undefined in a process without Redis. */
  readonly installation?: () => Promise<InstallationState>;
  /** Milliseconds that a scrape waits for it. */
  readonly installationMsMax?: number;
  /** Node's own metrics (event loop lag, heap, CPU) as `weir_nodejs_…` and `weir_process_…`. */
  readonly process?: boolean;
  /** Versions of Weir and Node. */
  readonly build?: { readonly version: string; readonly node: string };
  /** Interval of heartbeats (runtime/ingest/heartbeat.ts); 0: none are sent. */
  readonly heartbeatMs?: number;
};

const unknownBuild = { version: 'unknown', node: 'unknown' };

export function createMetrics(options: MetricsOptions = {}): Metrics {
  const { installation, installationMsMax = 2000, process = true, build = unknownBuild, heartbeatMs = 0 } = options;
  const registry = new Registry();
  if (process) collectDefaultMetrics({ register: registry, prefix: 'weir_' });
  constants(registry, build, heartbeatMs);
  const { meter, showRules } = createMeter(registry);
  const show = installation === undefined ? undefined : installationGauges(registry);
  return {
    meter,
    async expose() {
      showRules();
      if (installation !== undefined && show !== undefined) show(await within(installation, installationMsMax));
      return { contentType: registry.contentType, text: await registry.metrics() };
    },
  };
}

async function within(read: () => Promise<InstallationState>, msMax: number): Promise<InstallationState | undefined> {
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

/** Metrics that do not change while the process runs. */
function constants(registry: Registry, build: { readonly version: string; readonly node: string }, heartbeatMs: number): void {
  const registers = [registry];
  new Gauge({ name: 'weir_build_info', help: 'Versions of Weir and Node.', labelNames: ['version', 'node'], registers }).set(
    { ...build },
    1,
  );
  new Gauge({ name: 'weir_heartbeat_interval_seconds', help: 'Interval of heartbeats; 0 if none are sent.', registers }).set(
    heartbeatMs / 1000,
  );
}

function createMeter(registry: Registry): { readonly meter: Meter; showRules(): void } {
  const registers = [registry];
  const events = new Counter({
    name: 'weir_stage_events_total',
    help: 'Events that passed a stage: alerts from the stage alert on; for deliver, alerts acknowledged by a SIEM and webhook deliveries accepted by their target.',
    labelNames: ['stage'],
    registers,
  });
  const seconds = new Histogram({
    name: 'weir_stage_duration_seconds',
    help: 'Time that a batch spent in a stage; for deliver, one acknowledgement of leases or one webhook delivery attempt.',
    labelNames: ['stage'],
    buckets: durationBuckets,
    registers,
  });
  for (const stage of stageNames) {
    events.inc({ stage }, 0);
    seconds.zero({ stage });
  }
  const delay = new Histogram({
    name: 'weir_forward_delay_seconds',
    help: 'Time from the creation of an alert to its entry into the SIEM queue.',
    buckets: durationBuckets,
    registers,
  });
  const latency = new Histogram({
    name: 'weir_event_to_alert_latency_seconds',
    help: 'Time from the arrival of the event that fulfilled a rule to the commit of its alert.',
    buckets: durationBuckets,
    registers,
  });

  const attempts = new Histogram({
    name: 'weir_webhook_attempt_duration_seconds',
    help: 'Time of a webhook delivery attempt, from the name lookup to the end of the answer.',
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

  const ofRules = rulesGauges(registers);
  const book = openRuleBook();
  const rules = keyedSeries<RuleFact>(registry, 'rule', ruleFacts, limits.ruleSeriesMax);
  const feeds = keyedSeries<'events'>(registry, 'dataset', sourceFacts, limits.sourceSeriesMax);
  const sources = new Map<string, { events: number }>();
  const others = { events: 0 };
  feeds.show(sources, others);

  const meter: Meter = {
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
    alertLatency(took) {
      latency.observe(Math.max(0, took));
    },
    source(dataset, count) {
      (sources.get(dataset) ?? others).events += count;
    },
    webhookAttempt(took) {
      attempts.observe(Math.max(0, took));
    },
    rules(state) {
      ofRules.show(state);
      for (const name of sources.keys()) if (!state.sources.includes(name)) sources.delete(name);
      for (const name of state.sources) if (!sources.has(name)) sources.set(name, { events: 0 });
    },
    rulesUnread: ofRules.unread,
    rulesOf: (ruleset) => book.of(ruleset),
    ruleTotals: () => book.totals(),
  };
  return {
    meter,
    showRules() {
      rules.show(book.totals());
      feeds.show(sources, others);
    },
  };
}

const sourceFacts = {
  events: ['weir_ingest_source_events_total', 'Events accepted by this process, by dataset: those named by rules or mappings, and other.'],
} as const;
