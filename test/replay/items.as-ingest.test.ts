/**
 * `replay` and `match` accept the same items of a file as `POST /v1/events` accepts of a body with the same bytes, and
 * reject the others for the same reason, in every format of files.
 */
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readBatch } from '../../engine/runtime/ingest/batch.ts';
import type { Format } from '../../engine/runtime/ingest/formats/format.ts';
import { ndjson } from '../../engine/runtime/ingest/formats/ndjson.ts';
import { formats } from '../../engine/runtime/ingest/formats/registry.ts';
import { compile } from '../../engine/compile/index.ts';
import { itemsOfFile } from '../../engine/replay/items.ts';
import { eventReader } from '../../engine/replay/event-reader.ts';
import { replayFile } from '../../engine/cli/commands/replay.ts';
import { noDatasets } from '../support/datasets.ts';
import { limits } from '../../engine/core/limits.ts';
import { envelopedSeq } from '../support/enveloped-seq.ts';

const files = [{ path: 'a.yaml', text: 'id: any\nconditions: { all: [{ fact: a, operator: exists, value: true }] }' }];
const rules = { files, ruleset: compile(files).ruleset };

/** The rejected items: the line on which each begins, with its code. */
type Rejected = readonly (readonly [line: number, code: string])[];

const nowMs = Date.UTC(2026, 0, 1);
async function byIngest(body: Buffer, format: Format = ndjson): Promise<Rejected> {
  const batch = await readBatch(body, {
    format,
    bounds: limits,
    datasets: noDatasets,
    dataset: undefined,
    receivedMs: nowMs,
    futureMsMax: limits.futureMsMax,
    inferId: String,
  });
  if (batch.kind !== 'batch') throw new Error(`refused as a whole: ${batch.kind}`);
  return batch.rejections.map(({ index, rejection }) => [batch.items[index]!.line, rejection.code] as const);
}

const rejectedIn = (reported: readonly string[]): Rejected =>
  reported.flatMap((text) => {
    const found = /^-:(\d+): ([a-z0-9-]+): /.exec(text);
    return found === null ? [] : [[Number(found[1]), found[2]!] as const];
  });

/** The bytes in chunks, as read from a file. */
const streamOf = (body: Buffer): Readable =>
  Readable.from(Array.from({ length: Math.ceil(body.length / 65_536) }, (_, i) => body.subarray(i * 65_536, (i + 1) * 65_536)));

async function byReplay(body: Buffer, threads: number, blockBytes: number = 1 << 18): Promise<Rejected> {
  const reported: string[] = [];
  const io = { stdin: streamOf(body), say: (line: string) => void reported.push(line) };
  await replayFile('-', [rules], { latenessMs: 0, drain: false, dataset: undefined, threads, alone: 0, blockBytes }, io);
  return rejectedIn(reported);
}

async function byMatch(body: Buffer): Promise<Rejected> {
  const reported: string[] = [];
  const reader = eventReader(rules.ruleset, '-', undefined, nowMs, { say: (line) => void reported.push(line) });
  for await (const items of itemsOfFile('-', streamOf(body))) for (const item of items) reader.read(item, nowMs);
  return rejectedIn(reported);
}

/** An event comes first: a body whose first line is a list would be an array, and one of a single value would not be lines. */
const bodyOf = (lines: readonly (string | Buffer)[]): Buffer =>
  Buffer.concat(['{"a":0}', ...lines].flatMap((line) => [Buffer.from(line as string), Buffer.from('\n')]));
const bytes = (...values: number[]): Buffer => Buffer.concat([Buffer.from('{"a":"'), Buffer.from(values), Buffer.from('"}')]);

describe.each<[string, string | Buffer, string | undefined]>([
  ['an event', '{"a":1}', undefined],
  ['spaces, tabs and a carriage return around it', ' \t{"a":1}\t \r', undefined],
  ['nothing but white space of JSON', ' \t\r', undefined],
  ['a vertical tab in front', '\u000b{"a":1}', 'invalid-json'],
  ['a form feed behind', '{"a":1}\u000c', 'invalid-json'],
  ['a space that does not break', '\u00a0{"a":1}', 'invalid-json'],
  ['an ideographic space', '{"a":1}\u3000', 'invalid-json'],
  ['a line separator', '{"a":1}\u2028', 'invalid-json'],
  ['a byte order mark within the body', '\ufeff{"a":1}', 'invalid-json'],
  ['nothing but a space that does not break', '\u00a0', 'invalid-json'],
  ['nothing but a vertical tab', '\u000b', 'invalid-json'],
  ['a carriage return between two', '{"a":1}\r{"a":2}', 'invalid-json'],
  ['two on one line', '{"a":1} {"a":2}', 'invalid-json'],
  ['a NUL', '{"a":1}\0', 'invalid-json'],
  ['UTF-8 of all lengths', '{"a":"é€😀"}', undefined],
  ['a replacement character that was sent as such', '{"a":"\ufffd"}', undefined],
  ['a byte that never occurs', bytes(0xff), 'invalid-utf8'],
  ['a lone continuation', bytes(0x80), 'invalid-utf8'],
  ['a character cut off', bytes(0xe2, 0x82), 'invalid-utf8'],
  ['an overlong slash', bytes(0xc0, 0xaf), 'invalid-utf8'],
  ['a surrogate in bytes', bytes(0xed, 0xa0, 0x80), 'invalid-utf8'],
  ['latin-1', bytes(0xe9), 'invalid-utf8'],
  ['no JSON, and no UTF-8 either', Buffer.from([0x89, 0x50, 0x4e, 0x47]), 'invalid-utf8'],
  ['text', 'no event', 'invalid-json'],
  ['a list', '[{"a":1}]', 'not-an-object'],
  ['null', 'null', 'not-an-object'],
  ['as many bytes as an event may have', `{"a":"${'é'.repeat((limits.eventBytesMax - 8) / 2)}"}`, undefined],
  ['a byte more', `{"a":"x${'é'.repeat((limits.eventBytesMax - 8) / 2)}"}`, 'too-large'],
  ['more than is read of one line', `{"a":"x${'é'.repeat(2 ** 20)}"}`, 'too-large'],
  ['a time that is none', '{"a":1,"time":"never"}', 'bad-time'],
  ['a number too large', '{"a":1e999}', 'not-finite'],
])('a line of %s', (_, line, code) => {
  // The second time with a line of invalid UTF-8, which makes all lines of the block take another code path.
  const bodies = [bodyOf([line, '{"b":"é"}']), bodyOf([line, '{"b":"é"}', bytes(0xfe)])];
  const rejections: Rejected = code === undefined ? [] : [[2, code]];
  it.each([
    [bodies[0]!, rejections],
    [bodies[1]!, [...rejections, [4, 'invalid-utf8']] as Rejected],
  ])('is rejected in the same way, or accepted', async (body, expected) => {
    expect(await byIngest(body)).toEqual(expected);
    expect(await byReplay(body, 0)).toEqual(expected);
    expect(await byReplay(body, 1)).toEqual(expected);
    expect(await byMatch(body)).toEqual(expected);
  });
});

/** Writes items in a format. An event comes first, so that the file and the body are of that format whatever follows. */
const written: Readonly<Record<string, (items: readonly Buffer[]) => Buffer>> = {
  ndjson: bodyOf,
  [envelopedSeq.name]: (items) =>
    Buffer.concat(['{"event":{}}', ...items].flatMap((item) => [Buffer.from('\x1e'), Buffer.from(item as string), Buffer.from('\n')])),
};

describe('in every format of files', () => {
  beforeAll(() => void (formats as Format[]).push(envelopedSeq));
  afterAll(() => void (formats as Format[]).pop());

  it('this file has a writer for each', () => {
    expect(Object.keys(written)).toEqual(formats.filter(({ file }) => file !== undefined).map(({ name }) => name));
  });

  it.each(Object.keys(written))('%s: any items are rejected in the same way', async (name) => {
    const format = formats.find((one) => one.name === name)!;
    const piece = fc
      .constantFrom('{"a":1}', '{"event":{"a":1}}', ' ', '\t', '\r', '\n', '\u000b', '\u00a0', '\u2028', '\ufeff', '\x1e', 'x', '{', '"é"')
      .map((text) => Buffer.from(text));
    const byte = fc.integer({ min: 0x80, max: 0xff }).map((one) => Buffer.from([one]));
    const item = fc.array(fc.oneof({ arbitrary: piece, weight: 9 }, byte), { maxLength: 4 }).map((parts) => Buffer.concat(parts));
    const blockBytes = fc.oneof(fc.integer({ min: 1, max: 60 }), fc.constant(1 << 18));
    await fc.assert(
      // Few lines, because bad lines after the twentieth are not reported one by one.
      fc.asyncProperty(fc.array(item, { maxLength: 5 }), blockBytes, async (items, size) => {
        const body = written[name]!(items);
        const expected = await byIngest(body, format);
        expect(await byReplay(body, 0, size)).toEqual(expected);
        expect(await byMatch(body)).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });
});
