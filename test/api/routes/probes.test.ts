/** Liveness, readiness and metrics of the API; test/api/probes.test.ts tests those of a worker. */
import { expect, test } from 'vitest';
import { ready } from '../../../api/schemas/probes.ts';
import { idleParts } from '../../support/api.ts';
import { get, open, post } from '../app.support.ts';

test('a process can be live without being ready', async () => {
  let stopping = false;
  const parts = idleParts();
  await open({ sink: parts.sink, stopping: () => stopping, health: { ready: async () => ({ rules: { ok: true } }) } });
  expect((await get('/healthz')).json()).toEqual({ status: 'ok' });
  expect(ready.parse((await get('/readyz')).json()).ready).toBe(true);
  parts.sink.close({ kind: 'refused', because: 'full', retryAfterSeconds: 5, detail: 'Redis uses 90 % of its maxmemory' });
  const full = await get('/readyz');
  expect(full.statusCode).toBe(503);
  expect(full.json()).toEqual({
    ready: false,
    parts: { server: { ok: true }, ingest: { ok: false, reason: 'Redis uses 90 % of its maxmemory' }, rules: { ok: true } },
  });
  parts.sink.close(undefined);
  stopping = true;
  expect((await get('/readyz')).statusCode).toBe(503);
  expect((await get('/healthz')).statusCode).toBe(200);
  const refused = await post('/v1/events', { id: 1 });
  expect([
    refused.statusCode,
    refused.headers['retry-after'],
    refused.headers['connection'],
    refused.json<{ code: string }>().code,
  ]).toEqual([503, '1', 'close', 'stopping']);
});

test('metrics are served as text', async () => {
  await open({ metrics: { expose: async () => ({ contentType: 'text/plain; version=0.0.4; charset=utf-8', text: '# HELP x\nx 1\n' }) } });
  const response = await get('/metrics');
  expect([response.headers['content-type'], response.body]).toEqual(['text/plain; version=0.0.4; charset=utf-8', '# HELP x\nx 1\n']);
});
