/** The OpenAPI document describes the whole API. */
import { expect, test } from 'vitest';
import { get, open } from './app.support.ts';

type Operation = {
  operationId: string;
  summary: string;
  tags: string[];
  requestBody?: { content: object };
  responses: Record<string, { content?: object }>;
};

test('openapi.json lists each route, its answers, its problems, and a description of each tag', async () => {
  await open();
  const document = (await get('/openapi.json')).json<{
    openapi: string;
    tags: { name: string; description: string }[];
    paths: Record<string, Record<string, Operation>>;
    components: { schemas: object };
  }>();
  expect(document.openapi).toBe('3.1.0');
  const operations = Object.entries(document.paths).flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method} ${path}`));
  expect(operations.toSorted()).toEqual(
    [
      'delete /v1/keys/{name}',
      'get /healthz',
      'get /metrics',
      'get /readyz',
      'get /v1/alerts',
      'get /v1/alerts/stream',
      'get /v1/alerts/{id}',
      'get /v1/alerts/{id}/evidence',
      'get /v1/audit',
      'get /v1/dead-letters',
      'get /v1/dead-letters/{id}',
      'delete /v1/dead-letters/{id}',
      'post /v1/dead-letters/{id}/retry',
      'post /v1/dead-letters/retry',
      'post /v1/dead-letters/discard',
      'get /v1/keys',
      'get /v1/overview',
      'get /v1/rules',
      'get /v1/rules/{id}',
      'get /v1/siem',
      'get /v1/webhooks',
      'post /v1/webhooks',
      'get /v1/webhooks/{id}',
      'patch /v1/webhooks/{id}',
      'delete /v1/webhooks/{id}',
      'get /v1/webhooks/{id}/deliveries',
      'post /v1/webhooks/{id}/deliveries/{delivery}/replay',
      'post /v1/webhooks/{id}/rotate',
      'post /v1/webhooks/{id}/test',
      'patch /v1/alerts/{id}',
      'post /v1/alerts/triage',
      'post /v1/events',
      'post /v1/keys',
      'post /v1/rules/check',
      'post /v1/rules/test',
      'post /v1/siem/ack',
      'post /v1/siem/lease',
      'post /v1/siem/nack',
    ].toSorted(),
  );
  const all = Object.values(document.paths).flatMap((methods) => Object.values(methods));
  expect(document.tags.map(({ name }) => name).toSorted()).toEqual([...new Set(all.flatMap(({ tags }) => tags))].toSorted());
  for (const text of [...document.tags.map(({ description }) => description), ...all.map(({ summary }) => summary)])
    expect(text).toMatch(/^[A-Z][^.]{8,79}$/);
  const events = document.paths['/v1/events']!['post']!;
  expect(Object.keys(events.requestBody!.content)).toContain('application/x-ndjson');
  expect(Object.keys(events.responses['503']!.content!)).toEqual(['application/problem+json']);
  expect(Object.keys(events.responses['202']!.content!)).toEqual(['application/json']);
  expect(Object.keys(document.components.schemas)).toEqual(expect.arrayContaining(['Alert', 'Problem', 'Accepted', 'Rule']));
});
