/**
 * `/openapi.json`: OpenAPI 3.1, made from the very schemas that check requests. Two things they cannot say are added
 * here: the body of `POST /v1/events` and `/v1/rules/check`, which no schema touches, and the media type of problems.
 */
import swagger from '@fastify/swagger';
import { jsonSchemaTransform, jsonSchemaTransformObject } from '@fastify/type-provider-zod';
import type { FastifyInstance } from 'fastify';
import { problemType } from './problem.ts';

type Content = { content?: Record<string, unknown> };
type Operation = { responses?: Record<string, Content>; requestBody?: unknown };
type Document = { paths?: Record<string, Record<string, Operation>> };

/** Before the routes are registered. */
export async function useOpenApi(app: FastifyInstance, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Weir', version, description: 'Real-time fraud and security correlation: events in, prioritised alerts out.' },
    },
    transform: jsonSchemaTransform,
    transformObject: (input) => {
      const document = jsonSchemaTransformObject(input) as Document;
      for (const path of Object.values(document.paths ?? {})) for (const operation of Object.values(path)) markProblems(operation);
      addBody(document, '/v1/events', eventBody);
      addBody(document, '/v1/rules/check', ruleBody);
      return document as ReturnType<typeof jsonSchemaTransformObject>;
    },
  });
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger());
}

function markProblems(operation: Operation): void {
  for (const [status, response] of Object.entries(operation.responses ?? {})) {
    const json = response.content?.['application/json'] as { schema?: { $ref?: string } } | undefined;
    if (Number(status) >= 400 && json?.schema?.$ref?.endsWith('/Problem') === true) response.content = { [problemType]: json };
  }
}

function addBody(document: Document, path: string, content: object): void {
  const operation = document.paths?.[path]?.['post'];
  if (operation !== undefined) operation.requestBody = { required: true, content };
}

const event = { type: 'object', description: 'An event; fields are named as in the Elastic Common Schema' };
const text = { schema: { type: 'string' } };
const eventBody = {
  'application/json': { schema: { oneOf: [event, { type: 'array', items: event }] } },
  'application/x-ndjson': { schema: { type: 'string', description: 'One event a line' } },
  'text/plain': text,
};
const ruleBody = { 'application/yaml': text, 'application/json': { schema: { type: ['object', 'array'] } }, 'text/plain': text };
