/** The first stages: from requests to events read by a worker. */
import { of, once, quantiles, rate, sum, type Row } from './frame.ts';
import { through } from './through.ts';

export const ingest: Row = {
  title: 'Ingest',
  panels: [
    {
      title: 'Accepted events by dataset',
      description: 'Events accepted per second, for each dataset that a rule or mapping names; all others as "other".',
      unit: 'eps',
      stacked: true,
      queries: [{ expr: sum(rate('weir_ingest_source_events_total'), 'dataset'), legend: '{{dataset}}' }],
    },
    {
      title: 'Request duration',
      description: 'Time from the first byte of a request to the answer, including Redis.',
      unit: 's',
      queries: quantiles('weir_stage_duration_seconds', 'stage="ingest"'),
    },
    {
      title: 'Requests turned away',
      description: 'Requests answered with 413, 429 or 503, by reason.',
      unit: 'reqps',
      queries: [{ expr: sum(rate('weir_ingest_turned_away_requests_total'), 'reason'), legend: '{{reason}}' }],
    },
    {
      title: 'Refused requests',
      description: 'Requests answered with 401 or 403, by reason, or with 429 because a key exceeded its rate; connections over the limit.',
      unit: 'reqps',
      queries: [
        { expr: sum(rate('weir_api_refused_requests_total'), 'reason'), legend: '{{reason}}' },
        { expr: sum(rate('weir_api_rate_limited_requests_total'), 'bound'), legend: 'rate of {{bound}}' },
        { expr: sum(rate('weir_api_dropped_connections_total')), legend: 'connections' },
      ],
    },
    {
      title: 'Rejected events',
      description: 'Invalid events by error code: their producer needs fixing.',
      unit: 'eps',
      queries: [{ expr: sum(rate('weir_ingest_rejected_events_total'), 'code'), legend: '{{code}}' }],
    },
    {
      title: 'Corrected events',
      description: 'Events without an id or time, or with a time in the future, by correction.',
      unit: 'eps',
      queries: [{ expr: sum(rate('weir_ingest_tagged_events_total'), 'tag'), legend: '{{tag}}' }],
    },
    {
      title: 'Event ledger',
      description: 'Events per second by state, for the whole installation. Accepted = processed + dead-lettered + pending.',
      unit: 'eps',
      queries: [{ expr: once(rate('weir_ledger_events_total'), 'state'), legend: '{{state}}' }],
    },
  ],
};

export const decode: Row = {
  title: 'Decode',
  panels: [
    ...through('decode', 'Events'),
    {
      title: 'Stream entries',
      description: 'Stream entries not read by a worker yet (unread) or being processed (pending), by shard.',
      unit: 'short',
      queries: [
        { expr: once(of('weir_stream_unread_entries'), 'shard'), legend: 'unread {{shard}}' },
        { expr: once(of('weir_stream_pending_entries'), 'shard'), legend: 'pending {{shard}}' },
      ],
    },
    {
      title: 'Lost by Redis',
      description: 'Consumer groups and pending entries missing from the streams: events are lost. Must be 0.',
      unit: 'short',
      queries: [
        { expr: sum(rate('weir_decode_lost_groups_total')), legend: 'groups' },
        { expr: sum(rate('weir_decode_vanished_entries_total')), legend: 'entries' },
      ],
    },
    {
      title: 'Dead letters by stage',
      description: 'Events given up per second, by the stage that gave up.',
      unit: 'eps',
      queries: [{ expr: sum(rate('weir_dead_letters_total'), 'stage'), legend: '{{stage}}' }],
    },
    {
      title: 'Lag by shard',
      description: 'Age of the oldest unprocessed event of each shard.',
      unit: 's',
      queries: [
        {
          expr: `clamp_min(max by (shard) (time() - ${of('weir_arrival_clock_timestamp_seconds')}), 0)`,
          legend: 'shard {{shard}}',
        },
      ],
    },
    {
      title: 'Heartbeat delay',
      description: 'Time that the last heartbeat took from the stream to its acknowledgement, by shard.',
      unit: 's',
      queries: [{ expr: once(of('weir_heartbeat_delay_seconds'), 'shard'), legend: 'shard {{shard}}' }],
    },
  ],
};
