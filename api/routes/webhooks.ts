/** `/v1/webhooks`: targets, their secrets, trials, deliveries. */
import type { FastifyPluginAsyncZod } from '@fastify/type-provider-zod';
import { z } from 'zod';
import type { Audit } from '../../engine/runtime/access/audit.ts';
import type { JsonObject } from '../../engine/core/event.ts';
import type { Done, NotDone, WebhookDesk } from '../../engine/runtime/deliver/service.ts';
import { HttpProblem } from '../http/problem.ts';
import { problems } from '../schemas/problem.ts';
import * as schema from '../schemas/webhooks.ts';

type Parts = { readonly webhooks: WebhookDesk; readonly audit: Audit };

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
          summary: 'All webhook targets',
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
          summary: 'A new target; a secret that Weir makes is in this answer only',
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
          summary: 'One target',
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
          summary: 'Change a target, or switch it on or off',
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
          summary: 'Remove a target, with its deliveries',
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
          summary: 'A new secret; the old one signs beside it for a while',
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
          summary: 'Send a sample alert, now and once, and tell what came of it',
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
          summary: 'Deliveries of a target: waiting, delivered, failed; the newest first',
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
          summary: 'Send a message once more, now, under its old id',
          tags,
          params: z.strictObject({ id: z.string().max(64), delivery: z.string().max(128) }),
          response: { 202: z.strictObject({ replayed: z.literal(true) }), ...problems(404, 503) },
        },
      },
      async (request, reply) => {
        const { id, delivery } = request.params;
        if (!(await webhooks.replay(id, delivery)))
          throw new HttpProblem(404, 'no-such-delivery', `${id} has no delivery ${JSON.stringify(delivery)} that could be sent again now`);
        await audit({ who: request.who, action: 'webhook.replay', subject: id, detail: { delivery } });
        return reply.code(202).send({ replayed: true as const });
      },
    );
  };

function none(id: string): never {
  throw new HttpProblem(404, 'no-such-webhook', `there is no webhook ${JSON.stringify(id)}`);
}

/** @throws HttpProblem for what was not done */
function value<T>(answer: Done<T> | NotDone, id: string): T {
  switch (answer.kind) {
    case 'done':
      return answer.value;
    case 'none':
      return none(id);
    case 'exists':
      throw new HttpProblem(409, 'webhook-exists', `there is a webhook ${JSON.stringify(id)} already`);
    case 'full':
      throw new HttpProblem(409, 'too-many-webhooks', 'there are as many webhooks as there may be; remove one');
    case 'in-file':
      throw new HttpProblem(409, 'webhook-in-file', `${id} stands in the file of WEIR_WEBHOOKS; change it there`);
    case 'sealed':
      throw new HttpProblem(
        409,
        'webhook-sealed',
        `what is secret of ${id} was sealed with another key; remove it, or give that key again`,
      );
    case 'invalid': {
      const errors = answer.problems.map(({ path, message }) => ({ pointer: ['/body', ...path].join('/'), detail: message }));
      throw new HttpProblem(400, 'invalid-webhook', errors.map(({ pointer, detail }) => `${pointer} ${detail}`).join('; '), { errors });
    }
  }
}
