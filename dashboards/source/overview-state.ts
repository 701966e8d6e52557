/** The rows around the stages: the state in numbers, and the resources of processes and Redis. */
import { of, once, rate, sum, type Row } from './frame.ts';

export const state: Row = {
  title: 'State',
  panels: [
    {
      title: 'Processes up',
      description: 'Weir processes that Prometheus can scrape.',
      unit: 'short',
      kind: 'stat',
      queries: [{ expr: sum(of('up')), legend: 'up' }],
    },
    {
      title: 'Events accepted',
      description: 'Events written to the stream by ingest, per second.',
      unit: 'eps',
      kind: 'stat',
      queries: [{ expr: sum(rate('weir_ingest_accepted_events_total')), legend: 'accepted' }],
    },
    {
      title: 'Lag',
      description: 'Age of the oldest unprocessed event. It grows if there are too few workers, or if one hangs.',
      unit: 's',
      kind: 'stat',
      thresholds: [10, 60],
      queries: [{ expr: `clamp_min(max(time() - ${of('weir_arrival_clock_timestamp_seconds')}), 0)`, legend: 'lag' }],
    },
    {
      title: 'Pending events',
      description: 'Events in the streams that are unread or being processed.',
      unit: 'short',
      kind: 'stat',
      queries: [{ expr: once(of('weir_ledger_pending_events')), legend: 'pending' }],
    },
    {
      title: 'Heartbeat',
      description: 'Age of the last heartbeat of the slowest shard, through stream, match, window, commit and acknowledgement.',
      unit: 's',
      kind: 'stat',
      thresholds: [60, 120],
      queries: [{ expr: `time() - min(${once(of('weir_heartbeat_timestamp_seconds'), 'shard')})`, legend: 'age' }],
    },
    {
      title: 'Alerts',
      description: 'Alerts fired per second, all levels together.',
      unit: 'ops',
      kind: 'stat',
      queries: [{ expr: sum(rate('weir_alert_fired_total')), legend: 'fired' }],
    },
    {
      title: 'SIEM queue',
      description: 'Alerts waiting in the SIEM queue, all levels together.',
      unit: 'short',
      kind: 'stat',
      queries: [{ expr: sum(once(of('weir_siem_queue_alerts'), 'level')), legend: 'waiting' }],
    },
    {
      title: 'Dead letters',
      description: 'Stored events that could not be processed.',
      unit: 'short',
      kind: 'stat',
      thresholds: [1, 100],
      queries: [{ expr: once(of('weir_dead_letters_stored')), legend: 'stored' }],
    },
  ],
};

export const processes: Row = {
  title: 'Processes and Redis',
  panels: [
    {
      title: 'CPU',
      description: 'Processor time of each process. At 100 %, its event loop is always busy, and another worker helps.',
      unit: 'percentunit',
      queries: [{ expr: sum(rate('weir_process_cpu_seconds_total'), 'instance'), legend: '{{instance}}' }],
    },
    {
      title: 'Process memory',
      description: 'Resident memory of each process.',
      unit: 'bytes',
      queries: [{ expr: once(of('weir_process_resident_memory_bytes'), 'instance'), legend: '{{instance}}' }],
    },
    {
      title: 'Event loop lag',
      description: 'Longest delay of the event loop since the last scrape, by process.',
      unit: 's',
      queries: [{ expr: once(of('weir_nodejs_eventloop_lag_max_seconds'), 'instance'), legend: '{{instance}}' }],
    },
    {
      title: 'Redis memory',
      description:
        'Memory used by Redis. Above 70 % of maxmemory, processed events are trimmed early; at 80 %, ingest stops accepting events.',
      unit: 'bytes',
      queries: [
        { expr: once(of('weir_redis_memory_used_bytes')), legend: 'used' },
        { expr: once(of('weir_redis_memory_max_bytes')), legend: 'maxmemory (0: none)' },
      ],
    },
    {
      title: 'Redis durability',
      description: 'The active mode is 1: when Redis syncs its append-only file.',
      unit: 'short',
      queries: [{ expr: once(of('weir_redis_durability_info'), 'mode'), legend: '{{mode}}' }],
    },
    {
      title: 'Dropped at limits',
      description: 'Items dropped per second because a limit was reached, by limit.',
      unit: 'ops',
      queries: [{ expr: sum(rate('weir_evictions_total'), 'what'), legend: '{{what}}' }],
    },
  ],
};
