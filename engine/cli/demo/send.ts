/**
 * The demo's producer: sends events over HTTP at a given rate, one request after another. Events that a busy or full API
 * refuses are sent again when it says so; none is dropped.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Arrived } from '../../demo/generate.ts';
import { WeirError } from '../../errors.ts';

/** Pause between requests: many small ones, so that no event waits long for its batch. */
const pauseMs = 20;
/** Maximum events of one request, reached when the API cannot keep up. */
const requestMax = 1000;

/** When an event was first sent, epoch ms, and its position among the watched events. */
export type Sending = { readonly ms: number; readonly rank: number };

export type Sent = {
  readonly of: ReadonlyMap<string, Sending>;
  readonly lastAt: number;
  readonly seconds: number;
};

/** @param rate events per second   @param only ids of the watched events */
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

function take(source: Iterator<Arrived>, max: number): Arrived[] {
  const batch: Arrived[] = [];
  while (batch.length < max) {
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
        `the API did not accept the demo's events: ${answer.status} ${text.slice(0, 500)}`,
        'weir check validates the mappings in WEIR_RULES.',
      );
    }
    await sleep(1000 * Number(answer.headers.get('retry-after') ?? 1), undefined, { signal });
  }
}
