/** The way in: from requests to events that a worker has read. */
import { of, once, quantiles, rate, sum, type Row } from './frame.ts';
import { through } from './through.ts';

export const ingest: Row = {
  title: 'Ingest',
  panels: [
    {
      title: 'Accepted events by feed',
      description: 'Events accepted, for each feed that a rule or mapping names. The others are "other".',
      unit: 'eps',
      stacked: true,
      queries: [{ expr: sum(rate('weir_ingest_source_events_total'), 'dataset'), legend: '{{dataset}}' }],
    },
    {
      title: 'Time of a request',
      description: 'From the first byte of a request to the answer, Redis included.',
      unit: 's',
      queries: quantiles('weir_stage_duration_seconds', 'stage="ingest"'),
    },
    {
      title: 'Turned away',
      description: 'Requests answered with 413, 429 or 503, by reason.',
      unit: 'reqps',
      queries: [{ expr: sum(rate('weir_ingest_turned_away_requests_total'), 'reason'), legend: '{{reason}}' }],
    },
    {
      title: 'Refused requests',
      description:
        'Requests answered with 401 or 403 by reason, and with 429 because a key had used up its rate; connections that were one too many.',
      unit: 'reqps',
      queries: [
        { expr: sum(rate('weir_api_refused_requests_total'), 'reason'), legend: '{{reason}}' },
        { expr: sum(rate('weir_api_rate_limited_requests_total'), 'bound'), legend: 'rate of {{bound}}' },
        { expr: sum(rate('weir_api_dropped_connections_total')), legend: 'connections' },
      ],
    },
    {
      title: 'Rejected events',
      description: 'Events that are none, by error code: a producer is to be mended.',
      unit: 'eps',
      queries: [{ expr: sum(rate('weir_ingest_rejected_events_total'), 'code'), legend: '{{code}}' }],
    },
    {
      title: 'Mended events',
      description: 'Events without id or time of their own, or with a clock that runs ahead, by what was done.',
      unit: 'eps',
      queries: [{ expr: sum(rate('weir_ingest_tagged_events_total'), 'tag'), legend: '{{tag}}' }],
    },
    {
      title: 'The ledger',
      description: 'Events per second by what became of them, for the whole installation. Accepted = processed + dead-lettered + pending.',
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
      title: 'Entries in the streams',
      description: 'Stream entries that nobody has taken (unread), and those that a worker has in hand (pending), by shard.',
      unit: 'short',
      queries: [
        { expr: once(of('weir_stream_unread_entries'), 'shard'), legend: 'unread {{shard}}' },
        { expr: once(of('weir_stream_pending_entries'), 'shard'), legend: 'pending {{shard}}' },
      ],
    },
    {
      title: 'Lost by Redis',
      description: 'Consumer groups and pending entries that were gone from the streams: events are lost. Anything but 0 is an alarm.',
      unit: 'short',
      queries: [
        { expr: sum(rate('weir_decode_lost_groups_total')), legend: 'groups' },
        { expr: sum(rate('weir_decode_vanished_entries_total')), legend: 'entries' },
      ],
    },
    {
      title: 'Dead letters by stage',
      description: 'Events given up, per second, by the stage that gave up.',
      unit: 'eps',
      queries: [{ expr: sum(rate('weir_dead_letters_total'), 'stage'), legend: '{{stage}}' }],
    },
    {
      title: 'Lag by shard',
      description: 'Age of the oldest event of each shard that is not finished.',
      unit: 's',
      queries: [
        {
          expr: `clamp_min(max by (shard) (time() - ${of('weir_arrival_clock_timestamp_seconds')}), 0)`,
          legend: 'shard {{shard}}',
        },
      ],
    },
    {
      title: 'Way of a heartbeat',
      description: 'How long the last heartbeat took from the stream to its settlement, by shard.',
      unit: 's',
      queries: [{ expr: once(of('weir_heartbeat_delay_seconds'), 'shard'), legend: 'shard {{shard}}' }],
    },
  ],
};
