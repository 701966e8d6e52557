import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Datasets } from '../../../engine/core/ingest/dataset.ts';
import { noDatasets } from '../../support/datasets.ts';
import { envelope, eventOf, type Envelope } from '../../../engine/core/ingest/envelope.ts';
import type { JsonObject } from '../../../engine/core/event.ts';
import { fieldPath } from '../../../engine/core/match/fields.ts';
import { packer } from '../../../engine/core/ingest/pack.ts';
import { unpack, unpackInParts } from '../../../engine/core/decode/unpack.ts';

const place = { shard: 3, ms: 1000, seq: 7 };
const context = { datasets: noDatasets, receivedMs: 1_700_000_000_000, futureMsMax: 300_000, dataset: undefined };

/** The text of an object that is an event, with the envelope that ingest gives it. */
const eventText = fc
  .tuple(
    fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 4 }), { maxKeys: 8 }),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }),
    fc.nat(2_000_000_000),
    fc.nat(3),
  )
  .map(([fields, id, time, space]) => {
    const object = { ...fields, 'event.id': id, '@timestamp': time, 'event.dataset': 'd' };
    return JSON.stringify(object, undefined, space);
  })
  .filter((text) => envelope(JSON.parse(text), context, () => 'x').kind === 'taken');

test('unpacking returns the packed events in the same order, from packs within their bound', () => {
  fc.assert(
    fc.property(fc.array(eventText, { minLength: 1, maxLength: 30 }), fc.integer({ min: 100, max: 5000 }), (texts, bytesMax) => {
      const expected = texts.map((text) => ({ text, taken: envelope(JSON.parse(text), context, () => 'x') as Envelope }));
      const packing = packer(bytesMax);
      for (const { text, taken } of expected) packing.add(taken, text, Buffer.byteLength(text));
      const packs = packing.finish();

      const events = packs.flatMap(({ text, events: count, bytes }) => {
        expect(Buffer.byteLength(text)).toBe(bytes);
        expect(bytes <= bytesMax || count === 1).toBe(true);
        const { located, undecodable } = unpack(text, place, noDatasets);
        expect(undecodable).toEqual([]);
        expect(located.map(({ ref }) => ref)).toEqual(located.map((_, index) => ({ ...place, index })));
        expect(located).toHaveLength(count);
        return located.map(({ event }) => event);
      });
      expect(events).toEqual(expected.map(({ text, taken }) => eventOf(taken, JSON.parse(text) as JsonObject, noDatasets)));
    }),
    { numRuns: 300 },
  );
});

test('packs have at most 256 KiB by default, and are as full as possible', () => {
  const packing = packer();
  const text = JSON.stringify({ note: 'x'.repeat(1000) });
  for (let n = 0; n < 1000; n++) packing.add({ kind: 'taken', time: 1, id: `e${n}`, dataset: 'd', tags: 0 }, text, text.length);
  const sizes = packing.finish().map(({ bytes }) => bytes);
  expect(sizes).toHaveLength(4);
  for (const bytes of sizes.slice(0, -1)) {
    expect(bytes).toBeLessThanOrEqual(256 * 1024);
    expect(bytes).toBeGreaterThan(255 * 1024 - 1000);
  }
});

const good = '[5,"a","d",0,{"x":1}]';

test('one bad event fails alone, whatever is bad about it', () => {
  const bad = [
    '[5,"a","d",0,{"x":}]',
    '[5,"a","d",0]',
    '["5","a","d",0,{}]',
    '[5,"","d",0,{}]',
    '[5,"a","d",9,{}]',
    '[5,"a","d",0,[]]',
    '[5,"a","d",0,null]',
    '[1.5,"a","d",0,{}]',
    '{}',
    'null',
  ];
  for (const item of bad) {
    const { located, undecodable } = unpack(`{"v":1,"e":[${good},${item},${good}]}`, place, noDatasets);
    expect(located.map(({ ref }) => ref.index)).toEqual([0, 2]);
    expect(undecodable).toMatchObject([{ ref: { ...place, index: 1 }, body: item }]);
  }
});

test.each(['', 'x', '{}', '[]', 'null', '{"v":2,"e":[]}', '{"v":1,"e":[]}', '{"v":1,"e":5}', '{"v":1,"e":['])(
  '%j gives one undecodable',
  (text) => {
    const { located, undecodable } = unpack(text, place, noDatasets);
    expect(located).toEqual([]);
    expect(undecodable).toMatchObject([{ ref: { index: 0 }, body: text }]);
  },
);

test('a truncated pack still yields the events that can be separated', () => {
  const { located, undecodable } = unpack(`{"v":1,"e":[${good},${good},[5,"a","d`, place, noDatasets);
  expect(located).toHaveLength(2);
  expect(undecodable).toMatchObject([{ ref: { index: 2 }, cause: 'cut off', body: '[5,"a","d' }]);
});

test('deep nesting by a foreign writer does not exhaust the stack', () => {
  const deep = '['.repeat(100_000) + ']'.repeat(100_000);
  expect(unpack(`{"v":1,"e":[${good},${deep}]}`, place, noDatasets)).toMatchObject({ located: [{}], undecodable: [{ ref: { index: 1 } }] });
});

test('an event carries its mapped fields', () => {
  const mapping = {
    name: 'd',
    id: undefined,
    time: undefined,
    fields: [{ to: 'user.id', from: fieldPath('x') }],
    constants: {},
    recognise: undefined,
  };
  const datasets: Datasets = { byName: new Map([['d', mapping]]), recognisable: [] };
  expect({ ...unpack(`{"v":1,"e":[${good}]}`, place, datasets).located[0]?.event.mapped }).toEqual({ 'user.id': 1 });
});

test('a pack read in parts has the same events, and a broken event fails alone, wherever it is', () => {
  const line = (n: number): string => `[${n},"e${n}","d",0,{"n":${n}}]`;
  const textOf = (lines: readonly string[]): string => `{"v":1,"e":[\n${lines.join(',\n')}]}`;
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 700 }),
      fc.dictionary(fc.nat(699).map(String), fc.constantFrom('{', '[1,"x","d",0,[]]', '[1],[2]', '"x', 'null'), { maxKeys: 4 }),
      (count, broken) => {
        const lines = Array.from({ length: count }, (_, n) => broken[String(n)] ?? line(n));
        const parts = [...unpackInParts(textOf(lines), place, noDatasets)];
        expect(Math.max(...parts.map(({ located }) => located.length))).toBeLessThanOrEqual(128);
        const whole = [...lines.keys()].filter((n) => broken[String(n)] === undefined);
        expect(parts.flatMap(({ located }) => located.map(({ ref, event }) => [ref.index, event.id]))).toEqual(
          whole.map((n) => [n, `e${n}`]),
        );
        const bad = [...lines.keys()].filter((n) => broken[String(n)] !== undefined);
        expect(parts.flatMap(({ undecodable }) => undecodable.map(({ ref }) => ref.index))).toEqual(bad);
      },
    ),
  );
});
