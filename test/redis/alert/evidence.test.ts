/** Evidence: the event of an entry, from memory or from the stream, and `expired` when it is gone. */
import { beforeEach, describe, expect, it } from 'vitest';
import { noDatasets } from '../../support/datasets.ts';
import { envelope } from '../../../engine/core/ingest/envelope.ts';
import type { Event, EventRef } from '../../../engine/core/event.ts';
import { packer } from '../../../engine/core/ingest/pack.ts';
import { redisEvidence } from '../../../engine/redis/alert/evidence.ts';
import { keys } from '../../../engine/redis/keys.ts';
import { packTexts, type PackTexts } from '../../../engine/redis/alert/pack-texts.ts';
import { ownRedis } from '../../support/own-redis.ts';

const { redis } = await ownRedis();
beforeEach(() => redis.flushall());

const context = { datasets: noDatasets, receivedMs: 1000, futureMsMax: Infinity, dataset: undefined };

/** As producers write them: on one line, over several, with line breaks escaped in text. */
const texts = [
  '{"id":"a","n":1}',
  '{\n  "id": "b",\r\n  "n": [\n2,\n3]\n}',
  '{"id":"c","text":"two\\nlines, ]} and [ \\" too"}',
  '{"id":"d"}',
];

function packOf(raws: readonly string[]): string {
  const packs = packer();
  for (const raw of raws) {
    const given = envelope(JSON.parse(raw), context, () => 'none');
    if (given.kind !== 'taken') throw new Error(given.detail);
    packs.add(given, raw, Buffer.byteLength(raw));
  }
  return packs.finish()[0]!.text;
}

async function added(shard: number, text: string): Promise<Omit<EventRef, 'index'>> {
  const id = (await redis.xadd(keys.events(shard), '*', 'n', '1', 'p', text))!;
  const [ms, seq] = id.split('-').map(Number) as [number, number];
  return { shard, ms, seq };
}

const shown = (events: readonly (Event | 'expired')[]): unknown[] => events.map((event) => (event === 'expired' ? event : event.raw));

describe.each(['read by this process', 'read by another'])('a pack that was %s', (how) => {
  const kept = (): PackTexts => packTexts(() => undefined);

  it('returns each of its events as it was sent, in the order requested, however often', async () => {
    const cache = kept();
    const text = packOf(texts);
    const place = await added(2, text);
    if (how === 'read by this process') cache.keep(place, text);
    const wanted = [3, 0, 2, 1, 2];
    const events = await redisEvidence(redis, () => noDatasets, cache).fetch(wanted.map((index) => ({ ...place, index })));
    expect(shown(events)).toEqual(wanted.map((index) => JSON.parse(texts[index]!) as unknown));
    expect(events[0]).toMatchObject({ id: 'd', time: 1000, dataset: 'default', tags: ['time_inferred'] });
  });

  it('returns nothing for an event that does not exist', async () => {
    const cache = kept();
    const text = packOf(texts);
    const place = await added(0, text);
    if (how === 'read by this process') cache.keep(place, text);
    expect(
      shown(
        await redisEvidence(redis, () => noDatasets, cache).fetch([
          { ...place, index: 4 },
          { ...place, index: 1 },
        ]),
      ),
    ).toEqual(['expired', JSON.parse(texts[1]!)]);
  });
});

it('mixes packs in memory, packs in the stream, foreign entries and what was trimmed away', async () => {
  const cache = packTexts(() => undefined);
  const [here, there] = [packOf(texts.slice(0, 1)), packOf(texts.slice(3))];
  const [a, d, foreign, gone] = [await added(0, here), await added(1, there), await added(1, 'no pack'), await added(0, here)];
  cache.keep(a, here);
  await redis.xdel(keys.events(0), `${gone.ms}-${gone.seq}`);
  const refs = [gone, d, foreign, a].map((place) => ({ ...place, index: 0 }));
  expect(shown(await redisEvidence(redis, () => noDatasets, cache).fetch(refs))).toEqual([
    'expired',
    { id: 'd' },
    'expired',
    { id: 'a', n: 1 },
  ]);
});

it('keeps the newest texts in memory, within its bound', () => {
  const text = packOf(texts);
  let forgotten = 0;
  const cache = packTexts(() => void forgotten++, 2.5 * text.length);
  const at = (seq: number): EventRef => ({ shard: 0, ms: 1, seq, index: 0 });
  for (let seq = 0; seq < 5; seq++) cache.keep(at(seq), text);
  expect([0, 1, 2, 3, 4].map((seq) => cache.line(at(seq)) !== undefined)).toEqual([false, false, false, true, true]);
  expect(forgotten).toBe(3);
});
