/**
 * `/openapi.json`: OpenAPI 3.1, generated from the same schemas that check requests. Added here is what they cannot say:
 * the bodies of `POST /v1/events` and `/v1/rules/check`, which no schema checks, the media type of problems, the tags, and
 * the scope that a key needs, with the answers of the gate before the route.
 */
import swagger from '@fastify/swagger';
import { jsonSchemaTransform, jsonSchemaTransformObject } from '@fastify/type-provider-zod';
import type { FastifyInstance } from 'fastify';
import { scopes } from '../engine/core/access/api-key.ts';
import { problemType } from './http/problem.ts';
import { own } from '../engine/core/util/own.ts';

type Content = { content?: Record<string, unknown> };
type Operation = { responses?: Record<string, Content>; requestBody?: unknown; security?: readonly object[] };
type Document = { paths?: Record<string, Record<string, Operation>> };

/** Call before the routes are registered. */
export async function useOpenApi(app: FastifyInstance, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Weir', version, description: 'Real-time fraud and security correlation: events in, prioritised alerts out.' },
      tags: Object.entries(tags).map(([name, description]) => ({ name, description })),
      components: { securitySchemes: { key: { type: 'http', scheme: 'bearer', description: keyDescription } } },
    },
    transform: (input) => {
      const { schema, url } = jsonSchemaTransform(input);
      const { scope } = input.route.config ?? {};
      // For this type of scheme the list holds the required roles (OpenAPI 3.1, security requirement object).
      return { schema: { ...schema, security: scope === undefined ? [] : [{ key: [scope] }] }, url };
    },
    transformObject: (input) => {
      const document = jsonSchemaTransformObject(input) as Document;
      for (const path of Object.values(document.paths ?? {}))
        for (const operation of Object.values(path)) markProblems(withGate(operation));
      addBody(document, '/v1/events', eventBody);
      addBody(document, '/v1/rules/check', ruleBody);
      return document as ReturnType<typeof jsonSchemaTransformObject>;
    },
  });
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger());
}

const tags = {
  events: 'Send events',
  alerts: 'Search, follow and triage alerts',
  siem: 'Drain the SIEM queue',
  rules: 'Inspect, check and test rules',
  webhooks: 'Manage webhook targets and their deliveries',
  operations: 'Watch the installation and handle dead letters',
  access: 'Manage API keys and read the audit log',
};

const keyDescription =
  `The secret of an API key. Each operation lists the scope that the key needs (${scopes.join(', ')}; admin grants every scope). ` +
  'If no keys are configured, no key is needed, and only requests from the same machine are served.';

/** The answers of the gate, for every route that needs a key. */
const gateAnswers = { 401: 'Missing or invalid API key', 403: 'The API key lacks the scope', 429: 'The API key has exceeded its rate' };

function withGate(operation: Operation): Operation {
  if ((operation.security ?? []).length === 0) return operation;
  const content = { 'application/json': { schema: { $ref: '#/components/schemas/Problem' } } };
  const added = Object.entries(gateAnswers).map(([status, description]) => [status, { description, content }] as const);
  operation.responses = { ...Object.fromEntries(added), ...operation.responses };
  return operation;
}

function markProblems(operation: Operation): void {
  for (const [status, response] of Object.entries(operation.responses ?? {})) {
    const json = response.content?.['application/json'] as { schema?: { $ref?: string } } | undefined;
    if (Number(status) >= 400 && json?.schema?.$ref?.endsWith('/Problem') === true) response.content = { [problemType]: json };
  }
}

function addBody(document: Document, path: string, content: object): void {
  const operation = own(document.paths ?? {}, path)?.['post'];
  if (operation !== undefined) operation.requestBody = { required: true, content };
}

const event = { type: 'object', description: 'An event, with fields named as in the Elastic Common Schema' };
const text = { schema: { type: 'string' } };
const eventBody = {
  'application/json': { schema: { oneOf: [event, { type: 'array', items: event }] } },
  'application/x-ndjson': { schema: { type: 'string', description: 'One event per line' } },
  'text/plain': text,
};
const ruleBody = { 'application/yaml': text, 'application/json': { schema: { type: ['object', 'array'] } }, 'text/plain': text };
