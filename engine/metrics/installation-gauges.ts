/**
 * The state of the whole installation, as gauges that every process shows. They hold for one scrape only: what Redis did
 * not answer this time is not shown, rather than shown as it was.
 */
import { Counter, Gauge, type Registry } from 'prom-client';
import { levels, type Level } from '../core/rule.ts';
import { durabilityModes, type InstallationState } from '../runtime/metering/installation.ts';

function perLevel(metric: Gauge, counts: Readonly<Record<Level, number>>): void {
  for (const level of levels) metric.set({ level }, counts[level]);
}

/** Makes the gauges of the whole installation; the answer sets them, or, when there is nothing to show, empties them. */
export function installationGauges(registry: Registry): (state: InstallationState | undefined) => void {
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
    help: 'Counted in Redis by the step that recorded it: alerts of windows, fulfilled windows that were suppressed, entries cut off because their log was full.',
    labelNames: ['outcome'],
    registers,
  });
  const outbox = gauge('weir_outbox_items', 'Alerts and updates in the outboxes, not yet forwarded.');
  const held = gauge('weir_forward_held_alerts', 'Alerts that wait for room in the SIEM queue.', 'level');
  const depth = gauge('weir_siem_queue_alerts', 'Alerts waiting in the SIEM queue.', 'level');
  const leased = gauge('weir_siem_leased_alerts', 'Alerts that are leased.');
  const oldest = gauge('weir_siem_oldest_alert_age_seconds', 'Age of the alert at the head of its level; 0 when none waits.', 'level');
  const used = gauge('weir_redis_memory_used_bytes', 'Memory that Redis uses.');
  const max = gauge('weir_redis_memory_max_bytes', 'The maxmemory of Redis; 0: none.');
  const durability = gauge('weir_redis_durability_info', 'How Redis keeps what it has answered: 1 for the mode that is on.', 'mode');
  const letters = gauge('weir_dead_letters_stored', 'Dead letters that are kept: GET /v1/dead-letters lists them.');
  const targets = gauge(
    'weir_webhook_targets',
    'Webhook targets by how they are doing: fine, failing since their last attempt, disabled.',
    'state',
  );
  const toDeliver = gauge(
    'weir_webhook_waiting_deliveries',
    'Webhook deliveries that are still to come, those between two attempts included.',
  );
  const logs = gauge('weir_window_logs', 'Window logs in Redis; an estimate where there are many keys.');
  const logBytes = gauge('weir_window_log_bytes', 'Memory of the window logs in Redis; an estimate where there are many keys.');
  const beat = gauge(
    'weir_heartbeat_timestamp_seconds',
    'When the last heartbeat that came through stream, window and commit had been sent; 0: none has.',
    'shard',
  );
  const beatTook = gauge('weir_heartbeat_delay_seconds', 'How long that heartbeat took.', 'shard');
  const labelled = [ledger, windows, unread, taken, clock, held, depth, oldest, targets, durability, beat, beatTook];
  const single = [pending, outbox, leased, toDeliver, used, max, letters, logs, logBytes];

  return (state) => {
    up.set(state === undefined ? 0 : 1);
    for (const metric of labelled) metric.reset();
    for (const metric of single) metric.remove();
    if (state === undefined) return;
    let sum = { accepted: 0, processed: 0, dead: 0, pending: 0 };
    state.shards.forEach((shard, index) => {
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
      beat.set(label, shard.heartbeatMs / 1000);
      beatTook.set(label, shard.heartbeatTookMs / 1000);
    });
    ledger.inc({ state: 'accepted' }, sum.accepted);
    ledger.inc({ state: 'processed' }, sum.processed);
    ledger.inc({ state: 'dead_lettered' }, sum.dead);
    pending.set(sum.pending);
    windows.inc({ outcome: 'alert' }, state.windows.alerts);
    windows.inc({ outcome: 'muted' }, state.windows.muted);
    windows.inc({ outcome: 'capped' }, state.windows.capped);
    outbox.set(state.outbox);
    perLevel(held, state.held);
    perLevel(depth, state.siem.depth);
    leased.set(state.siem.leased);
    for (const level of levels) oldest.set({ level }, Math.max(0, state.nowMs - (state.oldestMs[level] ?? state.nowMs)) / 1000);
    for (const [health, count] of Object.entries(state.webhooks.targets)) targets.set({ state: health }, count);
    toDeliver.set(state.webhooks.waiting);
    letters.set(state.deadLetters);
    logs.set(state.windowLogs.count);
    logBytes.set(state.windowLogs.bytes);
    for (const mode of durabilityModes) durability.set({ mode }, state.redis.durability === mode ? 1 : 0);
    used.set(state.redis.usedBytes);
    max.set(state.redis.maxBytes);
  };
}
