/** Bodies of 10 MB made to hold up the process: reading and answering one leaves turns for others. */
import { expect, test } from 'vitest';
import { limits } from '../../../engine/core/limits.ts';
import { readBatch } from '../../../engine/runtime/ingest/batch.ts';
import type { Format } from '../../../engine/runtime/ingest/formats/format.ts';
import { json } from '../../../engine/runtime/ingest/formats/json.ts';
import { ndjson } from '../../../engine/runtime/ingest/formats/ndjson.ts';
import { noDatasets } from '../../support/datasets.ts';

const size = limits.requestBytesMax;
const line = (text: string): string => `${text.slice(0, limits.eventBytesMax - 1)}\n`;
const lines = (unit: string): string => line(unit.repeat(limits.eventBytesMax / unit.length)).repeat(size / limits.eventBytesMax);

/** The longest time without a turn for others while the work runs, ms of processor time, so that a busy machine does not count. */
async function longestTurn(work: () => Promise<unknown>): Promise<number> {
  let done = false;
  let longest = 0;
  let last = process.cpuUsage();
  const look = (): void => {
    const { user } = process.cpuUsage(last);
    longest = Math.max(longest, user / 1000);
    last = process.cpuUsage();
    if (!done) setImmediate(look);
  };
  setImmediate(look);
  await work().finally(() => (done = true));
  look();
  return longest;
}

const bodies: readonly (readonly [what: string, format: Format, body: string, kind: string])[] = [
  ['commas', json, `[${','.repeat(size - 2)}]`, 'too-many'],
  ['open brackets', json, '['.repeat(size), 'broken'],
  ['an open array of one object', json, `[{${'"a":1,'.repeat(size / 7 - 1)}`, 'broken'],
  ['lines of brackets', ndjson, `{}\n${lines('[')}`, 'batch'],
  ['brackets over many lines', ndjson, lines('['), 'broken'],
  ['lines of objects that are not closed', ndjson, lines('{"a":'), 'batch'],
  ['lines with a fault at the end', ndjson, lines('{"a":1},').replaceAll('},{', ','), 'batch'],
  ['blank lines', ndjson, `1${'\n'.repeat(size - 1)}`, 'batch'],
  ['spaces', json, ' '.repeat(size), 'empty'],
];

test.each(bodies)('%s', async (_, format, body, kind) => {
  const bytes = Buffer.from(body);
  const context = {
    format,
    bounds: limits,
    datasets: noDatasets,
    dataset: undefined,
    receivedMs: 0,
    futureMsMax: 0,
    inferId: String,
  };
  let read: string | undefined;
  const longest = await longestTurn(async () => {
    const batch = await readBatch(bytes, context);
    read = batch.kind;
    if (batch.kind === 'batch') format.replies.taken(batch);
  });
  expect(read).toBe(kind);
  expect(longest).toBeLessThan(300);
});
