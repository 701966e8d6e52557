/** Posts lines as a log shipper would: NDJSON, a fixed number of events per request, one request at a time, repeated while it is refused. */
import { setTimeout as sleep } from 'node:timers/promises';

export const batchEvents = 500;

/**
 * @param url address of the API
 * @param lines one event each
 * @returns events accepted
 * @throws for any answer but 202, 429 and 503, and when an event is rejected
 */
export async function postLines(url: string, lines: AsyncIterable<string>): Promise<number> {
  let accepted = 0;
  let batch: string[] = [];
  for await (const line of lines) {
    batch.push(line);
    if (batch.length < batchEvents) continue;
    accepted += await postBatch(url, batch);
    batch = [];
  }
  return batch.length === 0 ? accepted : accepted + (await postBatch(url, batch));
}

async function postBatch(url: string, batch: readonly string[]): Promise<number> {
  for (;;) {
    const answer = await fetch(`${url}/v1/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson' },
      body: batch.join('\n'),
    });
    const text = await answer.text();
    if (answer.status === 429 || answer.status === 503) {
      await sleep(Number(answer.headers.get('retry-after') ?? 1) * 1000);
      continue;
    }
    const { accepted, rejected } = JSON.parse(text) as { accepted?: number; rejected?: number };
    if (answer.status !== 202 || rejected !== 0 || accepted !== batch.length) throw new Error(`${answer.status} ${text}`);
    return accepted;
  }
}
