/** The log of refused requests, as pino really writes it. */
import { expect, it } from 'vitest';
import { buildApp, type ApiParts } from '../../../api/app.ts';
import { hashOf } from '../../../engine/core/access/api-key.ts';
import { limits } from '../../../engine/core/limits.ts';
import { openLog } from '../../../engine/log.ts';
import { rateLimiter } from '../../../engine/runtime/access/rate.ts';
import { idleParts, receivedMs } from '../../support/api.ts';

const secrets = { reader: 'reader-0123456789', old: 'old-0123456789abc', gone: 'gone-0123456789ab', busy: 'busy-0123456789ab' };
const keys = [
  { name: 'reader', scopes: ['read'] as const, hash: hashOf(secrets.reader) },
  { name: 'old', scopes: ['read'] as const, hash: hashOf(secrets.old), expires: receivedMs - 1 },
  { name: 'gone', scopes: ['read'] as const, hash: hashOf(secrets.gone), revoked: receivedMs - 1 },
];

async function refusedWith(headers: Record<string, string>, { parts = {}, keyed = true, url = '/v1/audit', times = 1 }: Options = {}) {
  let text = '';
  const logger = openLog('info', { write: (line) => void (text += line) });
  const app = await buildApp({ ...idleParts(), ...parts }, { version: 'test', logger, keys: keyed ? keys : [] });
  const answers = [];
  for (let i = 0; i < times; i++) answers.push(await app.inject({ method: 'GET', url, headers: { host: 'localhost', ...headers } }));
  await app.close();
  const lines = text.split('\n').filter((line) => line !== '');
  return { lines, answer: answers[0]!, parsed: lines.map((line) => JSON.parse(line) as Record<string, unknown>) };
}
type Options = { parts?: Partial<ApiParts>; keyed?: boolean; url?: string; times?: number };
const bearer = (secret: string) => ({ authorization: `Bearer ${secret}` });

it.each([
  ['no-key', {}, 401, undefined],
  ['malformed-key', { authorization: 'Basic x' }, 401, undefined],
  ['unknown-key', bearer('nobody-0123456789'), 401, undefined],
  ['expired-key', bearer(secrets.old), 401, 'old'],
  ['revoked-key', bearer(secrets.gone), 401, 'gone'],
  ['missing-scope', bearer(secrets.reader), 403, 'reader'],
])('%s: one line without duplicate keys, with the name of the API key if known', async (reason, headers, status, who) => {
  const { lines, parsed, answer } = await refusedWith(headers);
  expect(answer.statusCode).toBe(status);
  expect(parsed).toEqual([
    {
      level: 40,
      time: expect.any(String) as string,
      request_id: answer.headers['x-request-id'],
      status,
      reason,
      method: 'GET',
      route: '/v1/audit',
      ...(who === undefined ? {} : { who }),
      from: '127.0.0.1',
      msg: 'request refused',
    },
  ]);
  expect(lines[0]!.split(String(answer.headers['x-request-id']))).toHaveLength(2);
  const names = [...lines[0]!.matchAll(/[{,]"(\w+)":/g)].map(([, name]) => name);
  expect(names).toEqual([...new Set(names)]);
});

it('names the key that exceeded its rate', async () => {
  const limiter = rateLimiter(
    { key: { quota: 1, windowMs: 1000 }, events: undefined },
    () => receivedMs,
    async () => [],
  );
  const { parsed } = await refusedWith(bearer(secrets.reader), { parts: { limiter }, url: '/v1/alerts', times: 2 });
  expect(parsed).toMatchObject([{ reason: 'rate-limited', status: 429, who: 'reader' }]);
});

it('calls every client local while there are no keys, as the audit log does', async () => {
  const { parsed } = await refusedWith({ host: 'evil.example' }, { keyed: false });
  expect(parsed).toMatchObject([{ reason: 'foreign-host', who: 'local' }]);
});

it('a failed request is logged under the same request_id', async () => {
  const alerts = { search: () => Promise.reject(new Error('x')), get: async () => undefined };
  const { lines, parsed, answer } = await refusedWith({}, { keyed: false, url: '/v1/alerts', parts: { alerts } });
  expect(parsed).toMatchObject([{ msg: 'request failed', request_id: answer.headers['x-request-id'] }]);
  expect(lines[0]!.split(String(answer.headers['x-request-id']))).toHaveLength(2);
});

it('logs a bounded number of lines per minute', async () => {
  const { parsed } = await refusedWith({}, { times: limits.refusalsLoggedPerMinuteMax + 5 });
  expect(parsed).toHaveLength(limits.refusalsLoggedPerMinuteMax);
  expect(parsed.at(-1)).toMatchObject({ further: 'not logged until the next minute, only counted' });
});
