/**
 * Metrics of the whole installation, which every process exposes. They are valid for one scrape: a value that Redis did
 * not provide this time is omitted, instead of shown as it was before.
 */
import { Counter, Gauge, type Registry } from 'prom-client';
import { levels, type Level } from '../core/rule.ts';
import { durabilityModes, type InstallationState } from '../runtime/metering/installation.ts';

function perLevel(metric: Gauge, counts: Readonly<Record<Level, number>>): void {
  for (const level of levels) metric.set({ level }, counts[level]);
}

/** Creates the metrics of the whole installation. The returned function sets them; with undefined, it empties them. */
export function installationGauges(registry: Registry): (state: InstallationState | undefined) => void {
  const registers = [registry];
  const gauge = (name: string, help: string, label?: string): Gauge =>
    new Gauge({ name, help, ...(label === undefined ? {} : { labelNames: [label] }), registers });
  const up = gauge('weir_redis_up', 'Whether Redis answered this scrape in time.');
  const ledger = new Counter({
    name: 'weir_ledger_events_total',
    help: 'Events by state, counted in Redis: accepted = processed + dead_lettered + weir_ledger_pending_events.',
    labelNames: ['state'],
    registers,
  });
  const pending = gauge(
    'weir_ledger_pending_events',
    'Events in the streams that are unread or being processed, counted from the streams themselves.',
  );
  const unread = gauge('weir_stream_unread_entries', 'Stream entries that no worker has read yet.', 'shard');
  const taken = gauge('weir_stream_pending_entries', 'Stream entries that a worker has read and not acknowledged.', 'shard');
  const clock = gauge(
    'weir_arrival_clock_timestamp_seconds',
    'Arrival time of the oldest unread or pending entry; the time of Redis if there is none.',
    'shard',
  );
  const windows = new Counter({
    name: 'weir_window_outcomes_total',
    help: 'Outcomes counted in Redis: alerts of windows (alert), fulfilled windows that were suppressed (muted), entries cut because their log was full (capped).',
    labelNames: ['outcome'],
    registers,
  });
  const outbox = gauge('weir_outbox_items', 'Alerts and updates in the outboxes, not yet forwarded.');
  const held = gauge('weir_forward_held_alerts', 'Alerts waiting to enter the SIEM queue.', 'level');
  const depth = gauge('weir_siem_queue_alerts', 'Alerts waiting in the SIEM queue.', 'level');
  const leased = gauge('weir_siem_leased_alerts', 'Alerts currently leased from the SIEM queue.');
  const oldest = gauge(
    'weir_siem_oldest_alert_age_seconds',
    'Age of the oldest waiting alert of each level; 0 if none is waiting.',
    'level',
  );
  const used = gauge('weir_redis_memory_used_bytes', 'Memory used by Redis.');
  const max = gauge('weir_redis_memory_max_bytes', 'The maxmemory setting of Redis; 0 if there is none.');
  const durability = gauge('weir_redis_durability_info', 'Persistence mode of Redis: 1 for the active mode.', 'mode');
  const letters = gauge('weir_dead_letters_stored', 'Stored dead letters; GET /v1/dead-letters lists them.');
  const targets = gauge('weir_webhook_targets', 'Webhook targets by state: fine, failing (the last attempt failed), disabled.', 'state');
  const pendingDeliveries = gauge('weir_webhook_waiting_deliveries', 'Pending webhook deliveries, including those waiting for a retry.');
  const logs = gauge('weir_window_logs', 'Window logs in Redis; an estimate if there are many keys.');
  const logBytes = gauge('weir_window_log_bytes', 'Memory of the window logs in Redis; an estimate if there are many keys.');
  const beat = gauge(
    'weir_heartbeat_timestamp_seconds',
    'Send time of the last heartbeat that passed stream, window and commit; 0 if there is none.',
    'shard',
  );
  const beatTook = gauge('weir_heartbeat_delay_seconds', 'Time that the last heartbeat took to pass stream, window and commit.', 'shard');
  const labelled = [ledger, windows, unread, taken, clock, held, depth, oldest, targets, durability, beat, beatTook];
  const single = [pending, outbox, leased, pendingDeliveries, used, max, letters, logs, logBytes];

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
    pendingDeliveries.set(state.webhooks.waiting);
    letters.set(state.deadLetters);
    logs.set(state.windowLogs.count);
    logBytes.set(state.windowLogs.bytes);
    for (const mode of durabilityModes) durability.set({ mode }, state.redis.durability === mode ? 1 : 0);
    used.set(state.redis.usedBytes);
    max.set(state.redis.maxBytes);
  };
}
