/** Bodies made to hold up the engine, twenty at once on both routes: everything else goes on beside them. */
import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { buildApp } from '../../../api/app.ts';
import { openCleanup } from '../../../engine/cleanup.ts';
import { compile } from '../../../engine/compile/index.ts';
import { limits } from '../../../engine/core/limits.ts';
import { openTrials } from '../../../engine/runtime/rules/trials.ts';
import { idleParts } from '../../support/api.ts';
import { endlessTrial } from '../../support/trials.ts';

const slow = endlessTrial();
const hostile: readonly (readonly [path: string, type: string, body: string | Uint8Array])[] = [
  ['/v1/rules/check', 'text/yaml', '['.repeat(1_900_000)],
  ['/v1/rules/check', 'text/yaml', ']'.repeat(1_900_000)],
  ['/v1/rules/check', 'text/yaml', 'a: '.repeat(600_000)],
  ['/v1/rules/check', 'text/yaml', Array.from({ length: 90_000 }, (_, i) => `unknown${i}: 1\n`).join('')],
  ['/v1/rules/test', 'application/json', '['.repeat(limits.requestBytesMax)],
  ['/v1/rules/test', 'application/json', `{"events":[${'[],'.repeat(3_000_000)}1]}`],
  ['/v1/rules/test', 'application/json', slow.kind === 'test' ? slow.body : ''],
];

test('twenty hostile bodies at once hold up neither probes nor ingest, and stay within the memory of their thread', async () => {
  const cleanup = openCleanup();
  try {
    const running = compile([]);
    const thread = new URL('../../../engine/app/trial-thread.ts', import.meta.url);
    const trials = cleanup.use(openTrials({ thread, current: () => running, latenessMs: 1000, msMax: 1000 }));
    const parts = idleParts();
    const app = await buildApp({ ...parts, rules: { ...parts.rules, trials } }, { version: 'test' });
    cleanup.defer(() => app.close());
    await app.listen({ host: '127.0.0.1', port: 0 });
    const { port } = app.server.address() as AddressInfo;

    const send = (path: string, type: string, body: string | Uint8Array): Promise<number> =>
      new Promise((resolve) => {
        const sent = request({ port, path, method: body === '' ? 'GET' : 'POST', headers: { 'content-type': type } }, (answer) => {
          answer.resume().once('end', () => resolve(answer.statusCode ?? 0));
        });
        // A body that is refused before it is read may meet a closed connection.
        sent.once('error', () => resolve(503));
        sent.end(body);
      });
    /** How long a probe takes, ms. */
    const probe = async (): Promise<number> => {
      const began = performance.now();
      expect(await send('/healthz', 'text/plain', '')).toBe(200);
      return performance.now() - began;
    };
    const median = (times: readonly number[]): number => times.toSorted((a, b) => a - b)[times.length >> 1]!;

    const quiet: number[] = [];
    for (let i = 0; i < 50; i++) quiet.push(await probe());
    const memory = process.memoryUsage().rss;
    let done = false;
    const answers = Promise.all(Array.from({ length: 20 }, (_, i) => send(...hostile[i % hostile.length]!))).finally(() => (done = true));
    const busy: number[] = [];
    let most = 0;
    for (let id = 0; !done; id++) {
      expect(await send('/v1/events', 'application/json', `{"id":"${id}"}`)).toBe(202);
      busy.push(await probe());
      most = Math.max(most, process.memoryUsage().rss);
    }
    const statuses = await answers;
    expect(statuses.filter((status) => ![200, 400, 422, 503].includes(status))).toEqual([]);
    expect(statuses.filter((status) => status === 503).length).toBeLessThanOrEqual(20 - limits.trialSeatsMax);
    expect(busy.length).toBeGreaterThan(50);
    expect(median(busy)).toBeLessThan(100 + 10 * median(quiet));
    // The client's own bodies are in this process, too.
    expect(most - memory).toBeLessThan(2 * limits.trialHeapBytesMax);
  } finally {
    await cleanup.close();
  }
}, 60_000);
