import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readBatch, type Batch, type ReadContext } from '../../../engine/runtime/ingest/batch.ts';
import { json } from '../../../engine/runtime/ingest/formats/json.ts';
import { ndjson } from '../../../engine/runtime/ingest/formats/ndjson.ts';
import { itemError, type ItemError } from '../../../engine/runtime/ingest/item.ts';
import { noDatasets } from '../../support/datasets.ts';
import { limits } from '../../../engine/core/limits.ts';
import { unpack } from '../../../engine/core/decode/unpack.ts';
import { receivedMs } from '../../support/api.ts';

const context: ReadContext = {
  format: json,
  bounds: limits,
  datasets: noDatasets,
  dataset: undefined,
  receivedMs,
  futureMsMax: limits.futureMsMax,
  inferId: (index) => `item-${index}`,
};

const read = (body: string | Buffer, given: Partial<ReadContext> = {}) => readBatch(Buffer.from(body as string), { ...context, ...given });
const batch = async (
  body: string | Buffer,
  given: Partial<ReadContext> = {},
): Promise<Batch & { readonly rejected: number; readonly errors: readonly ItemError[] }> => {
  const result = await read(body, given);
  if (result.kind !== 'batch') throw new Error(`refused: ${result.kind}`);
  const { items, rejections } = result;
  const errors = rejections.map(({ index, rejection }) => itemError(index, items[index]!, rejection));
  return { ...result, rejected: rejections.length, errors };
};
const events = ({ packs }: Batch) =>
  packs.flatMap(({ text }) => unpack(text, { shard: 0, ms: 0, seq: 0 }, noDatasets).located.map(({ event }) => event));
const raws = async (body: string | Buffer, given: Partial<ReadContext> = {}) => events(await batch(body, given)).map(({ raw }) => raw);

test('an object, an array and lines are the same events', async () => {
  const value = fc
    .dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 }))
    .filter(
      (object) =>
        !['id', 'event', 'time', 'timestamp', '@timestamp', 'event.id', 'event.dataset'].some((name) => Object.hasOwn(object, name)),
    );
  await fc.assert(
    fc.asyncProperty(fc.array(value, { minLength: 1, maxLength: 20 }), fc.nat(2), async (objects, space) => {
      const texts = objects.map((object) => JSON.stringify(object));
      const expected = texts.map((text) => JSON.parse(text) as object);
      expect(await raws(JSON.stringify(objects, undefined, space))).toEqual(expected);
      expect(await raws(texts.join('\n'))).toEqual(expected);
      expect(await raws(texts.join('\r\n\r\n') + '\r\n', { format: ndjson })).toEqual(expected);
      expect(await raws('\ufeff' + texts.join('\n') + '\n\n')).toEqual(expected);
      expect(await raws(JSON.stringify(objects[0], undefined, 2))).toEqual(expected.slice(0, 1));
    }),
    { numRuns: 200 },
  );
});

test('the text of an event travels as it was written', async () => {
  const text = '{ "big": 9007199254740993, "twice": 1, "twice": 2, "text": "\\u00e9\\ud83d\\ude00" }';
  expect((await batch(text)).packs[0]?.text).toContain(text);
});

test('of a name that stands twice the last counts, for ingest and for the workers', async () => {
  const [event] = events(await batch('{"id":"a","user":"a","id":"b","user":"b"}'));
  expect(event).toMatchObject({ id: 'b', raw: { id: 'b', user: 'b' } });
});

test('line 500 of 1000 is malformed: 999 are accepted, one is reported with its place', async () => {
  const lines = Array.from({ length: 1000 }, (_, i) => (i === 499 ? '{"id":499,"x":}' : `{"id":${i}}`));
  for (const format of [json, ndjson]) {
    const { accepted, rejected, errors } = await batch(lines.join('\n'), { format });
    expect({ accepted, rejected }).toEqual({ accepted: 999, rejected: 1 });
    expect(errors).toEqual([{ index: 499, code: 'invalid-json', detail: `found "}" where a value was expected`, line: 500, column: 15 }]);
  }
});

test('one bad element of an array is rejected alone', async () => {
  const { accepted, errors } = await batch('[\n {"id":1},\n {"id":},\n 5,\n {"id":2} ]');
  expect(accepted).toBe(2);
  expect(errors).toMatchObject([
    { index: 1, code: 'invalid-json', line: 3 },
    { index: 2, code: 'not-an-object', line: 4 },
  ]);
});

test('errors are counted by their cause', async () => {
  const { rejected, causes } = await batch('x\n[]\n'.repeat(250), { format: ndjson });
  expect(rejected).toBe(500);
  expect([...causes]).toEqual([
    ['invalid-json', 250],
    ['not-an-object', 250],
  ]);
});

test.each<[string, string]>([
  ['an array that is not closed', '[{"a":1},{"b":2}'],
  ['an array cut off within a string', '[{"a":1},{"b":"x'],
  ['an array closed by a brace', '[{"a":1}}'],
  ['an array with text behind it', '[{"a":1}] x'],
  ['two arrays', '[{"a":1}]\n[{"a":2}]'],
])('nothing of %s is accepted', async (_, body) =>
  expect(await read(body)).toMatchObject({ kind: 'broken', error: { code: 'invalid-json', line: expect.any(Number) as number } }),
);

test.each(['', ' ', '\n\r\n\t', '\ufeff'])('%j is empty', async (body) => expect(await read(body)).toEqual({ kind: 'empty' }));
test('an empty array is no fault', async () => expect(await batch(' [ ] ')).toMatchObject({ accepted: 0, rejected: 0, packs: [] }));

test('two objects on one line are no JSON', async () => {
  expect(await batch('{"a":1}{"b":2}')).toMatchObject({ accepted: 0, errors: [{ index: 0, code: 'invalid-json', column: 8 }] });
});

test('a broken object over several lines is one error, and no line of it an event', async () => {
  const { accepted, errors } = await batch('{\n  "list": [\n    {"a":1}\n  ],,\n}');
  expect(accepted).toBe(0);
  expect(errors).toMatchObject([{ index: 0, code: 'invalid-json', line: 4, column: 5 }]);
});

test('a malformed first line does not take the others with it', async () => {
  expect(await batch('{"id":1,}\n{"id":2}\n{"id":3}')).toMatchObject({ accepted: 2, rejected: 1 });
  expect(await batch('nonsense\n{"id":2}\n', { format: ndjson })).toMatchObject({ accepted: 1, rejected: 1 });
});

test('bytes that are no UTF-8 reject the event they are in, and no other', async () => {
  const body = Buffer.concat([Buffer.from('{"name":"Zoë"}\n{"name":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}\n{"name":"\ufffd"}\n')]);
  const result = await batch(body);
  expect(events(result).map(({ raw }) => raw['name'])).toEqual(['Zoë', '\ufffd']);
  expect(result.errors).toMatchObject([{ index: 1, code: 'invalid-utf8', line: 2 }]);
});

test('they leave the place of another error as it is', async () => {
  const body = Buffer.concat([Buffer.from('[{"a":\n"éééééé",\n x},"'), Buffer.from([0xff]), Buffer.from('"]')]);
  expect((await batch(body)).errors).toMatchObject([
    { index: 0, code: 'invalid-json', line: 3, column: 2 },
    { index: 1, code: 'invalid-utf8', line: 3, column: 5 },
  ]);
});

test('NUL, right-to-left marks, emoji and lone surrogates are data', async () => {
  const [event] = await raws('{"a":"\\u0000","b":"\u202e","c":"😀","d":"\\ud800"}');
  expect(event).toEqual({ a: '\0', b: '\u202e', c: '😀', d: '\ud800' });
  expect(await batch('{"a":"\0"}')).toMatchObject({ accepted: 0, rejected: 1 });
});

test('the size of one event is counted in bytes', async () => {
  const of = (bytes: number, filler: string) => `{"a":"${filler.repeat((bytes - 8) / Buffer.byteLength(filler))}"}`;
  expect(await batch(of(limits.eventBytesMax, 'x'))).toMatchObject({ accepted: 1 });
  expect(await batch(`${of(limits.eventBytesMax + 1, 'x')}\n{"id":1}`)).toMatchObject({
    accepted: 1,
    errors: [{ index: 0, code: 'too-large' }],
  });
  expect(await batch(of(limits.eventBytesMax + 2, 'é'))).toMatchObject({ accepted: 0, errors: [{ code: 'too-large' }] });
});

test('the number of events has its bound', async () => {
  const lines = (count: number) => '{"id":1}\n'.repeat(count);
  expect(await batch(lines(limits.requestEventsMax))).toMatchObject({ accepted: limits.requestEventsMax });
  expect(await read(lines(limits.requestEventsMax + 1))).toEqual({ kind: 'too-many' });
  expect(await read(`[${'{},'.repeat(limits.requestEventsMax)}{}]`)).toMatchObject({ kind: 'too-many' });
});

test('deep, wide and long events are rejected alone', async () => {
  const deep = '{"a":'.repeat(5000) + '1' + '}'.repeat(5000);
  const wide = JSON.stringify(Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [i, 0])));
  const longKey = JSON.stringify({ ['k'.repeat(1_000_000)]: 1 });
  const { accepted, errors } = await batch([deep, wide, longKey, '{"a":1e999}', '{"id":1}'].join('\n'), { format: ndjson });
  expect(accepted).toBe(1);
  expect(errors.map(({ code }) => code)).toEqual(['too-deep', 'too-many-keys', 'too-large', 'not-finite']);
});

test('ids that are missing are told apart by their index', async () => {
  expect(events(await batch('{"a":1}\n\n{"id":"own"}\n{"a":1}')).map(({ id }) => id)).toEqual(['item-0', 'own', 'item-2']);
});

test('any bytes give a batch or a refusal, and what is accepted can be unpacked', async () => {
  const piece = fc.oneof(
    fc.constantFrom('{', '}', '[', ']', '"', ',', '\n', '\\', '{"id":1}', '[1]', ' ', '\ufeff'),
    fc.json(),
    fc.string(),
  );
  const body = fc.oneof(
    fc.array(piece, { maxLength: 12 }).map((pieces) => Buffer.from(pieces.join(''))),
    fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
  );
  await fc.assert(
    fc.asyncProperty(body, fc.constantFrom(json, ndjson), async (bytes, format) => {
      const result = await readBatch(bytes, { ...context, format });
      if (result.kind === 'batch') expect(events(result)).toHaveLength(result.accepted);
    }),
    { numRuns: 3000 },
  );
});
