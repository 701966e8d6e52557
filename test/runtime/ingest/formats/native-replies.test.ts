import { expect, it } from 'vitest';
import { noDatasets } from '../../../support/datasets.ts';
import { limits } from '../../../../engine/core/limits.ts';
import { readBatch } from '../../../../engine/runtime/ingest/batch.ts';
import type { Reply } from '../../../../engine/runtime/ingest/formats/format.ts';
import { nativeReplies } from '../../../../engine/runtime/ingest/formats/native-replies.ts';
import { ndjson } from '../../../../engine/runtime/ingest/formats/ndjson.ts';

async function replyTo(body: string): Promise<Reply> {
  const context = { format: ndjson, bounds: limits, datasets: noDatasets, dataset: undefined, receivedMs: 0, futureMsMax: 0 };
  const batch = await readBatch(Buffer.from(body), { ...context, inferId: String });
  if (batch.kind !== 'batch') throw new Error(batch.kind);
  return nativeReplies.taken(batch);
}

it('errors are listed up to a bound, and counted beyond it', async () => {
  const reply = await replyTo(`{}\n${'x\n'.repeat(500)}`);
  expect(reply).toMatchObject({ kind: 'answer', status: 202, body: { accepted: 1, rejected: 500 } });
  const { errors } = (reply as { body: { errors: object[] } }).body;
  expect(errors).toHaveLength(limits.requestErrorsMax);
  expect(errors.at(-1)).toMatchObject({ index: limits.requestErrorsMax, line: limits.requestErrorsMax + 1, column: 1 });
});

it('a problem if not one item is an event', async () => {
  expect(await replyTo('{"a":}\nx')).toMatchObject({
    kind: 'problem',
    status: 400,
    code: 'all-rejected',
    detail: 'no event accepted, 2 rejected; the first, at line 1: found "}" where a value was expected',
    members: { accepted: 0, rejected: 2, errors: [{ index: 0 }, { index: 1 }] },
  });
});
