/**
 * An open loop: each request is sent when it is due, whether or not earlier ones were answered, so that a slow engine
 * cannot slow down the load that measures it.
 */
import { Agent, request } from 'node:http';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';

export type Paced = {
  /** For each request, how much later than planned it was sent, ms. */
  readonly behindMs: readonly number[];
  /** Answers that were not 202, and requests without an answer. */
  readonly refused: readonly string[];
};

/**
 * Sends `count` bodies at that rate per second.
 * @param bodyOf called for each request just before it is due
 * @param onSend called with the number and the time (performance.now()) just before each request is written to its socket
 */
export async function paced(
  url: string,
  { count, perSecond }: { readonly count: number; readonly perSecond: number },
  bodyOf: (n: number) => string,
  onSend: (n: number, at: number) => void,
): Promise<Paced> {
  const agent = new Agent({ keepAlive: true });
  const behindMs: number[] = [];
  const refused: string[] = [];
  const answers: Promise<void>[] = [];
  const started = performance.now();
  for (let n = 0; n < count; n++) {
    const body = bodyOf(n);
    const due = started + (n * 1000) / perSecond;
    for (let wait = due - performance.now(); wait > 0; wait = due - performance.now()) await sleep(Math.max(1, Math.floor(wait)));
    const at = performance.now();
    behindMs.push(at - due);
    onSend(n, at);
    answers.push(post(url, agent, body).then((status) => void (status === '202' || refused.push(status))));
  }
  await Promise.all(answers);
  agent.destroy();
  return { behindMs, refused };
}

/** The status as text, or why there is none. */
function post(url: string, agent: Agent, body: string): Promise<string> {
  return new Promise((resolve) => {
    const headers = { 'content-type': 'application/x-ndjson', 'content-length': Buffer.byteLength(body) };
    const sent = request(url, { method: 'POST', agent, headers }, (answer) => {
      answer.resume().once('end', () => resolve(String(answer.statusCode)));
    });
    sent.once('error', (error) => resolve(error.message));
    sent.setNoDelay(true);
    sent.end(body);
  });
}
