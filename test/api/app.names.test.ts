/** Names that every object inherits, as ids, parameters and fields of all routes: they are unknown, or data, and never an error of ours. */
import { afterEach, expect, test } from 'vitest';
import type { FastifyInstance } from 'fastify';
import { buildApp } from '../../api/app.ts';
import { idleParts } from '../support/api.ts';

let app: FastifyInstance | undefined;
afterEach(() => app?.close());

const inherited = ['toString', 'constructor', 'valueOf', 'hasOwnProperty', '__proto__'];
type Paths = Record<string, Record<string, unknown>>;

test.each(inherited)('%s', async (name) => {
  const faults: string[] = [];
  const parts = idleParts();
  app = await buildApp(parts, { version: 'test' });
  const { paths } = (await app.inject('/openapi.json')).json<{ paths: Paths }>();
  for (const [path, operations] of Object.entries(paths)) {
    if (path === '/v1/alerts/stream') continue;
    const url = path.replace(/\{\w+\}/g, name);
    for (const method of Object.keys(operations)) {
      const verb = method.toUpperCase() as 'GET' | 'POST';
      const body = `{"${name}":"x"}`;
      const withBody = ['POST', 'PUT', 'PATCH'].includes(verb) ? { payload: body, headers: { 'content-type': 'application/json' } } : {};
      for (const query of ['', `?${name}=x`, `?${name}=x&${name}=y`]) {
        const { statusCode } = await app.inject({ method: verb, url: url + query, ...withBody });
        if (statusCode >= 500) faults.push(`${verb} ${url}${query}: ${statusCode}`);
        if (query !== '' && statusCode < 300 && !query.includes('x&') && path.startsWith('/v1/alerts'))
          faults.push(`${verb} ${url}${query}: ignored`);
      }
    }
  }
  expect(faults).toEqual([]);
  const event = {
    'event.id': name,
    'event.dataset': name.toLowerCase(),
    [`a.${name}`]: 1,
    labels: JSON.parse(`{"${name}":"x"}`) as object,
  };
  const sent = await app.inject({
    method: 'POST',
    url: '/v1/events',
    payload: JSON.stringify(event),
    headers: { 'content-type': 'application/json' },
  });
  expect(sent.statusCode).toBe(202);
});
