/**
 * A new format is one file and one line in the registry: HTTP ingest, replay and match take it without any other
 * change. Here the line is added while the test runs, so matching is left to this thread.
 */
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { replayFile } from '../../../engine/cli/commands/replay.ts';
import { compile } from '../../../engine/compile/index.ts';
import type { Format } from '../../../engine/runtime/ingest/formats/format.ts';
import { formats } from '../../../engine/runtime/ingest/formats/registry.ts';
import { eventReader } from '../../../engine/replay/event-reader.ts';
import { itemsOfFile } from '../../../engine/replay/items.ts';
import { inject, open } from '../../api/app.support.ts';
import { memorySink, receivedMs, type MemorySink } from '../../support/api.ts';
import { envelopedSeq } from '../../support/enveloped-seq.ts';

beforeAll(() => void (formats as Format[]).push(envelopedSeq));
afterAll(() => void (formats as Format[]).pop());

const at = Date.UTC(2026, 0, 1);
const written = (record: object): string => `\x1e${JSON.stringify(record)}\n`;
const body = [
  written({ at, feed: 'waf', event: { user: 'u1' } }),
  // Over three lines.
  written({ event: { id: 'own', time: at + 1, 'event.dataset': 'logins', user: 'u2' } }).replaceAll('{', '{\n'),
  written({ feed: 'no event' }),
  written({ event: { user: 'u3' } }),
  '\x1e{"event":',
].join('');

function rulesOf(text: string) {
  const files = [{ path: 'a.yaml', text }];
  return { files, ruleset: compile(files).ruleset };
}

describe('over HTTP', () => {
  let sink: MemorySink;
  const post = async (payload: string | Buffer, headers: Record<string, string> = {}) => {
    const response = await inject({
      method: 'POST',
      url: '/v1/events',
      payload,
      headers: { 'content-type': 'application/json-seq', ...headers },
    });
    return { status: response.statusCode, retryAfter: response.headers['retry-after'], body: response.json<unknown>() };
  };

  it('its events are accepted with what their envelopes say, and answered in its words', async () => {
    await open({ sink: (sink = memorySink()) });
    const failed = [
      { index: 2, code: 'not-an-object' },
      { index: 4, code: 'invalid-json' },
    ];
    expect(await post(body)).toMatchObject({ status: 200, body: { text: 'Success', failed } });
    expect(sink.events()).toMatchObject([
      { time: at, dataset: 'waf', raw: { user: 'u1' }, tags: ['id_inferred'] },
      { id: 'own', time: at + 1, dataset: 'logins', tags: [] },
      { time: receivedMs, dataset: 'default', tags: ['time_inferred', 'id_inferred'] },
    ]);
    expect(await post(gzipSync(body), { 'content-encoding': 'gzip' })).toMatchObject({ status: 200 });
  });

  it('what is refused is answered in its words too', async () => {
    await open({ sink: (sink = memorySink()) });
    expect(await post('')).toMatchObject({ status: 400, body: { text: 'Refused', because: 'empty-body' } });
    expect(await post('\x1e{"event":{}}'.repeat(10_001))).toMatchObject({ status: 413, body: { because: 'too-many-events' } });
    expect(await post('x', { 'content-encoding': 'gzip' })).toMatchObject({ status: 400, body: { because: 'bad-gzip' } });
    sink.close({ kind: 'refused', because: 'full', retryAfterSeconds: 3, detail: 'no' });
    expect(await post(body)).toEqual({ status: 503, retryAfter: '3', body: { text: 'Refused', because: 'redis-full' } });
    expect(sink.packs).toEqual([]);
  });

  it('its media type is listed where another media type is refused', async () => {
    await open();
    expect(await post(body, { 'content-type': 'text/csv' })).toMatchObject({
      status: 415,
      body: { detail: expect.stringContaining('application/x-ndjson, application/json-seq, ') as string },
    });
  });
});

describe('in a file', () => {
  const any = rulesOf('id: any\nconditions: { all: [{ fact: user, operator: exists, value: true }] }');

  async function replayed(text: string, blockBytes: number, rules = any) {
    const reported: string[] = [];
    const io = { stdin: Readable.from([Buffer.from(text)]), say: (line: string) => void reported.push(line) };
    const options = { latenessMs: 0, drain: false, dataset: undefined, threads: 0, alone: 0, blockBytes };
    const [alerts] = await replayFile('-', [rules], options, io);
    return { alerts: alerts!, reported };
  }

  it.each([16, 100, 1 << 18])('its events are replayed, in blocks of %i bytes', async (blockBytes) => {
    const { alerts, reported } = await replayed(body, blockBytes);
    expect(alerts.map(({ first_seen, events }) => [Date.parse(first_seen), events[0]!['user']]).toSorted()).toEqual([
      [at, 'u1'],
      [at + 1, 'u2'],
      // Without a time, so at that of the event before.
      [at + 1, 'u3'],
    ]);
    expect(reported).toEqual([
      '-:5: not-an-object: the record has no event',
      '-:7: invalid-json: Unexpected end of JSON input',
      '3 events, 2 bad lines, 3 alerts',
    ]);
  });

  it('events on one line are kept apart, in blocks of any size', async () => {
    const text = Array.from({ length: 40 }, (_, i) => written({ at, event: { user: `u${i}` } }).trimEnd()).join('');
    for (const blockBytes of [50, 1 << 18]) {
      const { alerts } = await replayed(text, blockBytes);
      expect(new Set(alerts.map(({ events }) => events[0]!['user'])).size).toBe(40);
    }
  });

  it('evidence from an earlier block, of which little was kept, still has what its envelope said', async () => {
    const two = rulesOf(
      'id: two\nentities: [event.dataset]\nconditions: { all: [{ fact: user, operator: exists, value: true }] }\n' +
        'correlation: { type: event_count, group-by: [user], timespan: 1m, condition: { gte: 2 } }',
    );
    const other = written({ at, event: { host: 'h' } }).repeat(50);
    const [waf, dns] = ['waf', 'dns'].map((feed, ms) => written({ at: at + ms, feed, event: { user: 'u1' } }));
    const { alerts } = await replayed(waf! + other + dns!, 1000, two);
    expect(alerts.map(({ entities }) => entities.map(({ value }) => value))).toEqual([['waf', 'dns']]);
  });

  it('its events are read by match and explain', async () => {
    const reader = eventReader(any.ruleset, '-', undefined, at, { say: () => undefined });
    const read = [];
    for await (const items of itemsOfFile('-', Readable.from([Buffer.from(body)])))
      for (const item of items) read.push(reader.read(item, at));
    expect(read).toMatchObject([{ id: 'byte-1', time: at, dataset: 'waf' }, { id: 'own' }, undefined, { time: at }, undefined]);
    expect(reader.bad()).toBe(2);
  });
});
