import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { levels, type Level } from '../../engine/core/rule.ts';
import { createMetrics } from '../../engine/metrics/metrics.ts';
import { labelledCounters, plainCounters, stageNames, type LabelledCounter } from '../../engine/runtime/metering/meter.ts';
import type { InstallationState } from '../../engine/runtime/metering/installation.ts';

type Sample = { readonly name: string; readonly labels: string; readonly value: number };

/** A strict parser of the text format: every line is a HELP or TYPE comment or a sample, and samples follow their HELP and TYPE. */
function parse(text: string): { samples: Sample[]; families: Map<string, { help: string; type: string }> } {
  const families = new Map<string, { help: string; type: string }>();
  const samples: Sample[] = [];
  const label = String.raw`[a-zA-Z_]\w*="(?:[^"\\\n]|\\["\\n])*"`;
  const sample = new RegExp(
    String.raw`^([a-zA-Z_:][\w:]*)(?:\{(${label}(?:,${label})*)\})? (-?\d+(?:\.\d+)?(?:e[+-]?\d+)?|[+-]Inf|N[aA][nN])$`,
  );
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const comment = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line);
    if (comment !== null) {
      const [, kind, name, rest] = comment as unknown as [string, string, string, string];
      families.set(name, { help: '', type: '', ...families.get(name), [kind === 'HELP' ? 'help' : 'type']: rest });
      continue;
    }
    const found = sample.exec(line);
    if (found === null) throw new Error(`no line of the text format: ${line}`);
    samples.push({ name: found[1]!, labels: found[2] ?? '', value: Number(found[3]) });
  }
  return { samples, families };
}
const familyOf = (name: string): string => name.replace(/_(?:bucket|sum|count)$/, '');

const perLevel = (n: number): Record<Level, number> => Object.fromEntries(levels.map((level) => [level, n])) as Record<Level, number>;
const state: InstallationState = {
  nowMs: 1_000_000,
  shards: [
    {
      accepted: 10,
      processed: 5,
      dead: 1,
      pendingEvents: 4,
      unreadEntries: 2,
      pendingEntries: 1,
      clockMs: 990_000,
      heartbeatMs: 980_000,
      heartbeatTookMs: 4,
    },
    {
      accepted: 3,
      processed: 3,
      dead: 0,
      pendingEvents: 0,
      unreadEntries: 0,
      pendingEntries: 0,
      clockMs: 1_000_000,
      heartbeatMs: 0,
      heartbeatTookMs: 0,
    },
  ],
  outbox: 6,
  windows: { alerts: 8, muted: 9, capped: 2 },
  held: perLevel(1),
  siem: { depth: perLevel(2), leased: 7 },
  oldestMs: { critical: 940_000, high: 1_000_001, medium: null, low: null, informational: null },
  webhooks: { targets: { fine: 3, failing: 2, disabled: 1 }, waiting: 11 },
  deadLetters: 12,
  windowLogs: { count: 30, bytes: 3000 },
  redis: { usedBytes: 100, maxBytes: 1000, durability: 'aof_everysec' },
};

describe('/metrics', () => {
  it('can be parsed, and every name has the prefix, a help text and a type', async () => {
    const { contentType, text } = await createMetrics({ installation: async () => state }).expose();
    expect(contentType).toMatch(/^text\/plain; version=0\.0\.4/);
    const { samples, families } = parse(text);
    expect(samples.length).toBeGreaterThan(100);
    for (const [name, { help, type }] of families) {
      expect(name).toMatch(/^weir_[a-z0-9_]+$/);
      expect(help.length).toBeGreaterThan(5);
      expect(['counter', 'gauge', 'histogram', 'summary']).toContain(type);
    }
    for (const { name } of samples) expect(families.has(familyOf(name)) || families.has(name)).toBe(true);
    expect(new Set(samples.map(({ name, labels }) => `${name}{${labels}}`)).size).toBe(samples.length);
  });

  it('names metrics by base units, and counters with _total', async () => {
    const { families } = parse((await createMetrics({ installation: async () => state, process: false }).expose()).text);
    for (const [name, { type }] of families) {
      expect(name.endsWith('_total')).toBe(type === 'counter');
      expect(name).not.toMatch(/_(ms|milliseconds|minutes|kb|mb|percent)(_|$)/);
    }
  });

  it('initialises every known series to 0', async () => {
    const { samples } = parse((await createMetrics({ process: false }).expose()).text);
    const at = (name: string, labels = ''): number | undefined => samples.find((one) => one.name === name && one.labels === labels)?.value;
    for (const stage of stageNames) {
      expect(at('weir_stage_events_total', `stage="${stage}"`)).toBe(0);
      expect(at('weir_stage_duration_seconds_bucket', `le="0.005",stage="${stage}"`)).toBe(0);
      expect(at('weir_stage_duration_seconds_count', `stage="${stage}"`)).toBe(0);
    }
    for (const [name] of Object.values(plainCounters)) expect(at(name)).toBe(0);
    for (const [name, , label, values] of Object.values(labelledCounters))
      for (const value of values) expect(at(name, `${label}="${value}"`)).toBe(0);
  });

  it('counts what the stageNames report', async () => {
    const { meter, expose } = createMetrics({ process: false });
    meter.stage('match', 500, 0.004);
    meter.stage('match', 100, 0.02);
    meter.stage('match', 1, -5);
    meter.add('late');
    meter.add('late', 2);
    meter.addTo('fired', 'high', 3);
    meter.forwardDelay(-1);
    meter.rules({ loaded: { live: 9, shadow: 1 }, errors: 0, warnings: 3, folderUp: false, at: 5000, sources: ['payments'] });
    meter.source('payments', 4);
    meter.source('anything', 5);
    meter.alertLatency(0.002);
    meter.alertLatency(-1);
    meter.addTo('webhooks', 'timeout', 2);
    meter.webhookAttempt(4);
    meter.rules({ loaded: { live: 8 }, errors: 2, warnings: 0, folderUp: true, at: 6000, sources: ['logins', 'payments'] });
    const { text } = await expose();
    for (const line of [
      'weir_stage_events_total{stage="match"} 601',
      'weir_stage_duration_seconds_bucket{le="0.005",stage="match"} 2',
      'weir_stage_duration_seconds_bucket{le="0.03",stage="match"} 3',
      'weir_correlate_late_observations_total 3',
      'weir_alert_fired_total{level="high"} 3',
      'weir_forward_delay_seconds_sum 0',
      'weir_webhook_deliveries_total{result="timeout"} 2',
      'weir_webhook_attempt_duration_seconds_bucket{le="5"} 1',
      'weir_rules{status="live"} 8',
      'weir_rules{status="shadow"} 0',
      'weir_rule_problems{severity="error"} 2',
      'weir_rules_last_load_timestamp_seconds 6',
      'weir_rules_last_load_success 0',
      'weir_rules_folder_up 1',
      'weir_ingest_source_events_total{dataset="payments"} 4',
      'weir_ingest_source_events_total{dataset="logins"} 0',
      'weir_ingest_source_events_total{dataset="other"} 5',
      'weir_event_to_alert_latency_seconds_bucket{le="0.002"} 2',
      'weir_build_info{version="unknown",node="unknown"} 1',
      'weir_rules_last_good_load_timestamp_seconds 5',
    ]) {
      expect(text.split('\n')).toContain(line);
    }
  });

  it('exposes the metrics of the whole installation', async () => {
    const { expose } = createMetrics({ installation: async () => state, process: false });
    await expose();
    const lines = (await expose()).text.split('\n');
    for (const line of [
      'weir_redis_up 1',
      'weir_ledger_events_total{state="accepted"} 13',
      'weir_ledger_events_total{state="processed"} 8',
      'weir_ledger_events_total{state="dead_lettered"} 1',
      'weir_webhook_targets{state="disabled"} 1',
      'weir_webhook_waiting_deliveries 11',
      'weir_ledger_pending_events 4',
      'weir_stream_unread_entries{shard="0"} 2',
      'weir_stream_pending_entries{shard="0"} 1',
      'weir_arrival_clock_timestamp_seconds{shard="0"} 990',
      'weir_outbox_items 6',
      'weir_window_outcomes_total{outcome="muted"} 9',
      'weir_forward_held_alerts{level="low"} 1',
      'weir_siem_queue_alerts{level="critical"} 2',
      'weir_siem_leased_alerts 7',
      'weir_siem_oldest_alert_age_seconds{level="critical"} 60',
      'weir_siem_oldest_alert_age_seconds{level="high"} 0',
      'weir_siem_oldest_alert_age_seconds{level="medium"} 0',
      'weir_dead_letters_stored 12',
      'weir_window_logs 30',
      'weir_window_log_bytes 3000',
      'weir_redis_durability_info{mode="aof_everysec"} 1',
      'weir_redis_durability_info{mode="off"} 0',
      'weir_heartbeat_timestamp_seconds{shard="0"} 980',
      'weir_heartbeat_delay_seconds{shard="0"} 0.004',
      'weir_heartbeat_timestamp_seconds{shard="1"} 0',
      'weir_redis_memory_used_bytes 100',
      'weir_redis_memory_max_bytes 1000',
    ]) {
      expect(lines).toContain(line);
    }
  });

  it('answers without those numbers, with weir_redis_up 0, if Redis fails or is slow', async () => {
    let answer: () => Promise<InstallationState> = async () => state;
    const { expose } = createMetrics({ installation: () => answer(), installationMsMax: 20, process: false });
    await expose();
    for (const failing of [() => Promise.reject(new Error('away')), () => new Promise<InstallationState>(() => undefined)]) {
      answer = failing;
      const { samples } = parse((await expose()).text);
      expect(samples).toContainEqual({ name: 'weir_redis_up', labels: '', value: 0 });
      expect(
        samples.filter(({ name }) =>
          /^weir_(ledger|stream|siem_queue|siem_leased|siem_oldest|redis_memory|redis_durability|outbox|arrival|window|heartbeat_(?:timestamp|delay)|dead_letters_stored)/.test(
            name,
          ),
        ),
      ).toEqual([]);
    }
    answer = async () => state;
    expect((await expose()).text).toContain('weir_outbox_items 6');
  });

  it('creates no new series for unknown label values', async () => {
    const { meter, expose } = createMetrics({ process: false });
    const counters = Object.keys(labelledCounters) as LabelledCounter[];
    const before = parse((await expose()).text).samples.length;
    fc.assert(
      fc.property(fc.constantFrom(...counters), fc.string(), (counter, label) => {
        meter.addTo(counter, label);
        meter.source(label, 1);
      }),
      { numRuns: 2000 },
    );
    meter.rules({ loaded: { 'made up': 3 }, errors: 0, warnings: 0, folderUp: true, at: 1, sources: [] });
    const { samples } = parse((await expose()).text);
    expect(samples.length).toBeLessThanOrEqual(before + counters.length);
  });
});
