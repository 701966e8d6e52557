/** The queue board on a real queue: off by default, for admins, and read-only. */
import { expect, it } from 'vitest';
import { startApi, type ApiConfig, type ApiServer } from '../../../api/server.ts';
import { hashOf } from '../../../engine/core/access/api-key.ts';
import { limits } from '../../../engine/core/limits.ts';
import { openIntake } from '../../../engine/deliver/siem-queue/intake.ts';
import { idleParts } from '../../support/api.ts';
import { ownRedis } from '../../support/own-redis.ts';

const { server, redis } = await ownRedis();
const key = (name: string, scope: 'admin' | 'read') => ({ name, scopes: [scope], hash: hashOf(`the-secret-of-${name}`) });
const config: ApiConfig = { ...limits, host: '127.0.0.1', port: 0, keys: [key('boss', 'admin'), key('soc', 'read')] };
const start = (given: Partial<ApiConfig> = {}): Promise<ApiServer> =>
  startApi({ ...idleParts(), config: { ...config, ...given }, redisUrl: server.url, version: 'test' });
const basic = (name: string): Record<string, string> => ({
  authorization: `Basic ${Buffer.from(`x:the-secret-of-${name}`).toString('base64')}`,
});

it('is off by default', async () => {
  await using api = await start();
  for (const path of ['/admin/queues', '/admin/queues/api/queues'])
    expect((await fetch(api.url + path, { headers: { authorization: 'Bearer the-secret-of-boss' } })).status).toBe(404);
});

it('is shown to admins, with Basic authentication or a bearer token', async () => {
  await using intake = openIntake(redis);
  await intake.add([{ id: 'al_0123456789abcdefghijkl', level: 'high', createdMs: 1000 }]);
  await using api = await start({ board: 'on' });
  const get = (path: string, headers: Record<string, string> = {}) => fetch(api.url + path, { headers });
  const page = await get('/admin/queues/', basic('boss'));
  expect([page.status, page.headers.get('content-type')]).toEqual([200, expect.stringContaining('text/html')]);
  expect(page.headers.get('content-security-policy')).toContain("default-src 'self'");
  const html = await page.text();
  const scripts = [...html.matchAll(/(?:src|href)="(static\/[^"]+\.(?:js|css))"/g)].map(([, path]) => path!);
  expect(scripts.length).toBeGreaterThan(2);
  for (const path of scripts) expect((await get(`/admin/queues/${path}`, basic('boss'))).status).toBe(200);
  const queues = await get('/admin/queues/api/queues?activeQueue=siem&status=prioritized', { authorization: 'Bearer the-secret-of-boss' });
  expect(await queues.json()).toMatchObject({
    queues: [{ name: 'siem', readOnlyMode: true, jobs: [{ id: 'al_0123456789abcdefghijkl' }] }],
  });

  for (const path of ['/admin/queues', '/admin/queues/', '/admin/queues/api/queues', `/admin/queues/${scripts[0]}`]) {
    const without = await get(path);
    expect([without.status, without.headers.get('www-authenticate')]).toEqual([401, expect.stringMatching(/^Basic /)]);
    expect(await without.json()).toMatchObject({ code: 'unauthorized' });
    const other = await get(path, basic('soc'));
    expect([other.status, await other.json()]).toMatchObject([403, { code: 'missing-scope', required_scope: 'admin' }]);
  }
  // Other routes do not accept Basic authentication: a browser would send the password by itself.
  expect((await get('/v1/keys', basic('boss'))).status).toBe(401);
});

it('refuses every change', async () => {
  await using intake = openIntake(redis);
  const id = 'al_0123456789abcdefghijkl';
  await intake.add([{ id, level: 'high', createdMs: 1000 }]);
  await using api = await start({ board: 'on' });
  const before = await redis.dbsize();
  const size = await intake.size();
  const statuses: number[] = [];
  for (const method of ['PUT', 'POST', 'PATCH', 'DELETE']) {
    for (const path of ['pause', 'empty', 'obliterate', 'add', `${id}/clean`, `${id}/promote`, `${id}/update-data`, 'concurrency']) {
      const url = `${api.url}/admin/queues/api/queues/siem/${path}`;
      statuses.push((await fetch(url, { method, headers: { authorization: 'Bearer the-secret-of-boss' } })).status);
    }
  }
  // The board does not know most of them.
  expect(statuses.filter((status) => status !== 404 && status !== 405)).toEqual([]);
  expect(statuses.filter((status) => status === 405).length).toBeGreaterThan(5);
  expect([await redis.dbsize(), await intake.size(), await intake.queue.isPaused()]).toEqual([before, size, false]);
});
