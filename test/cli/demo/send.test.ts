/** The demo's producer against an API that is busy, full, or refuses. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { send } from '../../../engine/cli/demo/send.ts';
import type { Arrived } from '../../../engine/demo/generate.ts';

let server: Server | undefined;
afterEach(() => void server?.close());

type Answer = { readonly status: number; readonly body?: object; readonly retryAfter?: string };

/** Answers each request in turn; collects the accepted ids. */
async function api(answer: (n: number, events: number) => Answer): Promise<{ url: string; taken: string[] }> {
  const taken: string[] = [];
  let n = 0;
  server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (part: string) => (body += part));
    request.on('end', () => {
      const ids = body.trimEnd().split('\n');
      const { status, body: answered = { accepted: ids.length }, retryAfter } = answer(n++, ids.length);
      if (status === 202) taken.push(...ids.map((line) => (JSON.parse(line) as { id: string }).id));
      response.writeHead(status, retryAfter === undefined ? {} : { 'retry-after': retryAfter }).end(JSON.stringify(answered));
    });
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server!.once('listening', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, taken };
}

const events = (n: number): Arrived[] => Array.from({ length: n }, (_, k) => ({ id: `e${k}`, event: { id: `e${k}` }, truth: undefined }));
const never = new AbortController().signal;

it('sends refused events again, in order, and none twice', async () => {
  const { url, taken } = await api((n) => (n % 3 === 2 ? { status: 202 } : { status: n % 3 === 0 ? 503 : 429, retryAfter: '0' }));
  const { of } = await send(url, events(500), 20_000, new Set(['e3', 'e400']), never);
  expect(taken).toEqual(events(500).map(({ id }) => id));
  expect([...of].map(([id, { rank }]) => [id, rank])).toEqual([
    ['e3', 0],
    ['e400', 1],
  ]);
});

it('ends with the reason when events are rejected', async () => {
  const { url } = await api((_, sent) => ({ status: 202, body: { accepted: sent - 1, errors: [{ code: 'bad-time' }] } }));
  await expect(send(url, events(50), 20_000, new Set(), never)).rejects.toThrow(/did not accept the demo's events: 202 .*bad-time/);
});

it('stops when aborted', async () => {
  const { url } = await api(() => ({ status: 503, retryAfter: '3600' }));
  const stop = new AbortController();
  const sending = send(url, events(50), 20_000, new Set(), stop.signal);
  stop.abort();
  await expect(sending).rejects.toThrow('aborted');
});
