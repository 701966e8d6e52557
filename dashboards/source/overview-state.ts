/** Around the stages: the state in numbers, and what the processes and Redis have to spare. */
import { of, once, rate, sum, type Row } from './frame.ts';

export const state: Row = {
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
};

export const processes: Row = {
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
};
