/**
 * The producer: events over HTTP, as many a second as asked for, one request after the other. What an API that is busy
 * or full refuses is sent again when it says so; nothing is left out.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Arrived } from '../../demo/generate.ts';
import { WeirError } from '../../errors.ts';

/** How often a request is sent: many small ones, so that no event waits long for its fellows. */
const pauseMs = 20;
/** Events of one request when the API cannot keep up. */
const requestMax = 1000;

/** When an event was first sent, epoch ms, and as the how manieth of those that are watched. */
export type Sending = { readonly ms: number; readonly rank: number };

export type Sent = {
  readonly of: ReadonlyMap<string, Sending>;
  readonly lastAt: number;
  readonly seconds: number;
};

/** @param rate events a second   @param only ids whose times are wanted */
export async function send(
  url: string,
  events: Iterable<Arrived>,
  rate: number,
  only: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<Sent> {
  const of = new Map<string, Sending>();
  const began = Date.now();
  const source = events[Symbol.iterator]();
  let sent = 0;
  for (;;) {
    const due = Math.floor(((Date.now() - began) / 1000) * rate) - sent;
    if (due < 1) {
      await sleep(pauseMs, undefined, { signal });
      continue;
    }
    const batch = take(source, Math.min(due, requestMax));
    if (batch.length === 0) break;
    const now = Date.now();
    for (const { id } of batch) if (only.has(id) && !of.has(id)) of.set(id, { ms: now, rank: of.size });
    await post(url, batch, signal);
    sent += batch.length;
  }
  const lastAt = Date.now();
  return { of, lastAt, seconds: (lastAt - began) / 1000 };
}

function take(source: Iterator<Arrived>, most: number): Arrived[] {
  const batch: Arrived[] = [];
  while (batch.length < most) {
    const next = source.next();
    if (next.done === true) break;
    batch.push(next.value);
  }
  return batch;
}

async function post(url: string, batch: readonly Arrived[], signal: AbortSignal): Promise<void> {
  const body = batch.map(({ event }) => `${JSON.stringify(event)}\n`).join('');
  for (;;) {
    const answer = await fetch(`${url}/v1/events`, { method: 'POST', headers: { 'content-type': 'application/x-ndjson' }, body, signal });
    const text = await answer.text();
    if (answer.status === 202 && (JSON.parse(text) as { accepted: number }).accepted === batch.length) return;
    if (answer.status !== 429 && answer.status !== 503) {
      throw new WeirError(
        `the API did not take the demo's events: ${answer.status} ${text.slice(0, 500)}`,
        'weir check looks at the mappings in WEIR_RULES.',
      );
    }
    await sleep(1000 * Number(answer.headers.get('retry-after') ?? 1), undefined, { signal });
  }
}
