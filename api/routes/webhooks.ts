/** `/v1/webhooks`: targets, their secrets, test deliveries, deliveries. */
import type { FastifyPluginAsyncZod } from '@fastify/type-provider-zod';
import { z } from 'zod';
import type { Audit } from '../../engine/runtime/access/audit.ts';
import type { JsonObject } from '../../engine/core/event.ts';
import type { Done, NotDone, WebhookService } from '../../engine/runtime/deliver/service.ts';
import { HttpProblem } from '../http/problem.ts';
import { problems } from '../schemas/problem.ts';
import * as schema from '../schemas/webhooks.ts';

type Parts = { readonly webhooks: WebhookService; readonly audit: Audit };

const tags = ['webhooks'];
const params = z.strictObject({ id: z.string().max(64) });
const read = { scope: 'read' } as const;
const admin = { scope: 'admin' } as const;

export const webhookRoutes =
  ({ webhooks, audit }: Parts): FastifyPluginAsyncZod =>
  async (app) => {
    app.get(
      '/v1/webhooks',
      {
        config: read,
        schema: {
          operationId: 'listWebhooks',
          summary: 'List all webhook targets',
          tags,
          response: { 200: schema.webhookList, ...problems(503) },
        },
      },
      async () => ({ webhooks: await webhooks.list() }) as z.output<typeof schema.webhookList>,
    );

    app.post(
      '/v1/webhooks',
      {
        config: admin,
        schema: {
          operationId: 'createWebhook',
          summary: 'Create a webhook target',
          description: 'A secret that Weir generates is returned only in this answer.',
          tags,
          body: schema.createWebhook,
          response: { 201: schema.madeWebhook, ...problems(400, 409, 415, 503) },
        },
      },
      async (request, reply) => {
        const made = value(await webhooks.create(request.body as JsonObject), request.body.id ?? '');
        await audit({ who: request.who, action: 'webhook.create', subject: made.id, detail: { url: made.url, form: made.form } });
        return reply
          .code(201)
          .header('location', `/v1/webhooks/${made.id}`)
          .send(made as z.output<typeof schema.madeWebhook>);
      },
    );

    app.get(
      '/v1/webhooks/:id',
      {
        config: read,
        schema: {
          operationId: 'getWebhook',
          summary: 'Get a webhook target',
          tags,
          params,
          response: { 200: schema.webhook, ...problems(404, 503) },
        },
      },
      async (request) => {
        const { id } = request.params;
        return ((await webhooks.get(id)) ?? none(id)) as z.output<typeof schema.webhook>;
      },
    );

    app.patch(
      '/v1/webhooks/:id',
      {
        config: admin,
        schema: {
          operationId: 'changeWebhook',
          summary: 'Change, enable or disable a webhook target',
          tags,
          params,
          body: schema.changeWebhook,
          response: { 200: schema.webhook, ...problems(400, 404, 409, 415, 503) },
        },
      },
      async (request) => {
        const { id } = request.params;
        const changed = value(await webhooks.change(id, request.body as JsonObject), id);
        // Values may be secrets.
        await audit({ who: request.who, action: 'webhook.change', subject: id, detail: { keys: Object.keys(request.body) } });
        return changed as z.output<typeof schema.webhook>;
      },
    );

    app.delete(
      '/v1/webhooks/:id',
      {
        config: admin,
        schema: {
          operationId: 'deleteWebhook',
          summary: 'Delete a webhook target and its deliveries',
          tags,
          params,
          response: { 204: z.undefined(), ...problems(404, 409, 503) },
        },
      },
      async (request, reply) => {
        const { id } = request.params;
        value(await webhooks.remove(id), id);
        await audit({ who: request.who, action: 'webhook.delete', subject: id });
        return reply.code(204).send();
      },
    );

    app.post(
      '/v1/webhooks/:id/rotate',
      {
        config: admin,
        schema: {
          operationId: 'rotateWebhookSecret',
          summary: 'Rotate the secret of a webhook target',
          description: 'The old secret keeps signing along with the new one for `keep_seconds`.',
          tags,
          params,
          body: schema.rotateSecret,
          response: { 200: schema.madeWebhook, ...problems(400, 404, 409, 415, 503) },
        },
      },
      async (request) => {
        const { id } = request.params;
        const { secret, keep_seconds = 86_400 } = request.body ?? {};
        const rotated = value(await webhooks.rotate(id, secret, keep_seconds * 1000), id);
        await audit({ who: request.who, action: 'webhook.rotate', subject: id, detail: { keep_seconds } });
        return rotated as z.output<typeof schema.madeWebhook>;
      },
    );

    await app.register(deliveryRoutes({ webhooks, audit }));
  };

const deliveryRoutes =
  ({ webhooks, audit }: Parts): FastifyPluginAsyncZod =>
  async (app) => {
    app.post(
      '/v1/webhooks/:id/test',
      {
        config: admin,
        schema: {
          operationId: 'testWebhook',
          summary: 'Send a sample alert to a webhook target',
          description: 'Sends it once, immediately, and returns the result.',
          tags,
          params,
          response: { 200: schema.trial, ...problems(404, 503) },
        },
      },
      async (request) => {
        const { id } = request.params;
        const trial = (await webhooks.test(id)) ?? none(id);
        await audit({ who: request.who, action: 'webhook.test', subject: id, detail: { result: trial.result } });
        return trial;
      },
    );

    app.get(
      '/v1/webhooks/:id/deliveries',
      {
        config: read,
        schema: {
          operationId: 'listDeliveries',
          summary: 'List the deliveries of a webhook target, newest first',
          tags,
          params,
          querystring: schema.deliveryQuery,
          response: { 200: schema.deliveryList, ...problems(400, 404, 503) },
        },
      },
      async (request) => {
        const { id } = request.params;
        const { state, limit } = request.query;
        return { deliveries: (await webhooks.deliveries(id, state, limit)) ?? none(id) };
      },
    );

    app.post(
      '/v1/webhooks/:id/deliveries/:delivery/replay',
      {
        config: admin,
        schema: {
          operationId: 'replayDelivery',
          summary: 'Send a delivery again with its old id',
          tags,
          params: z.strictObject({ id: z.string().max(64), delivery: z.string().max(128) }),
          response: { 202: z.strictObject({ replayed: z.literal(true) }), ...problems(404, 503) },
        },
      },
      async (request, reply) => {
        const { id, delivery } = request.params;
        if (!(await webhooks.replay(id, delivery)))
          throw new HttpProblem(404, 'no-such-delivery', `${id} has no delivery ${JSON.stringify(delivery)} that can be sent again now`);
        await audit({ who: request.who, action: 'webhook.replay', subject: id, detail: { delivery } });
        return reply.code(202).send({ replayed: true as const });
      },
    );
  };

function none(id: string): never {
  throw new HttpProblem(404, 'no-such-webhook', `no webhook with the id ${JSON.stringify(id)}`);
}

/** @throws HttpProblem if it was not done */
function value<T>(answer: Done<T> | NotDone, id: string): T {
  switch (answer.kind) {
    case 'done':
      return answer.value;
    case 'none':
      return none(id);
    case 'exists':
      throw new HttpProblem(409, 'webhook-exists', `a webhook with the id ${JSON.stringify(id)} already exists`);
    case 'full':
      throw new HttpProblem(409, 'too-many-webhooks', 'the maximum number of webhooks is reached; delete one first');
    case 'in-file':
      throw new HttpProblem(409, 'webhook-in-file', `${id} is defined in the file of WEIR_WEBHOOKS; change it there`);
    case 'sealed':
      throw new HttpProblem(
        409,
        'webhook-sealed',
        `the secrets of ${id} were sealed with another WEIR_WEBHOOKS_KEY; restore that key, or delete the webhook`,
      );
    case 'invalid': {
      const errors = answer.problems.map(({ path, message }) => ({ pointer: ['/body', ...path].join('/'), detail: message }));
      throw new HttpProblem(400, 'invalid-webhook', errors.map(({ pointer, detail }) => `${pointer} ${detail}`).join('; '), { errors });
    }
  }
}
