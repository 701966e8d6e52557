/** `/v1/webhooks` on a real Redis, with a real receiver. */
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { FastifyInstance } from 'fastify';
import { buildApp } from '../../../api/app.ts';
import { problem as problemSchema } from '../../../api/schemas/problem.ts';
import * as schema from '../../../api/schemas/webhooks.ts';
import { readAllowed } from '../../../engine/compile/deliver/egress.ts';
import { openAudit } from '../../../engine/redis/access/audit.ts';
import { keys } from '../../../engine/redis/keys.ts';
import type { RuleStatus } from '../../../engine/core/deliver/rule-warnings.ts';
import { sealWith } from '../../../engine/redis/access/seal.ts';
import { openWebhookTargets } from '../../../engine/redis/deliver/webhooks.ts';
import { openWebhookService } from '../../../engine/deliver/webhooks/service.ts';
import { openWebhookQueues } from '../../../engine/deliver/webhooks/queues.ts';
import { sender } from '../../../engine/deliver/webhooks/send.ts';
import { targetOf } from '../../deliver/webhooks/deliverer.support.ts';
import { idleParts } from '../../support/api.ts';
import { answer, startReceiver, verifies } from '../../support/receiver.ts';
import { ownRedis } from '../../support/own-redis.ts';

const { redis } = await ownRedis();
const allow = readAllowed(['127.0.0.1'])!;
const secret = `whsec_${Buffer.alloc(32, 5).toString('base64')}`;
const queues = openWebhookQueues(redis);
const ofFile = [targetOf('from-file', 'https://file.example/hook')];
let running: readonly RuleStatus[] = [];
const service = openWebhookService({
  targets: openWebhookTargets(redis, { ofFile }),
  queues,
  send: sender({ allow }),
  allow,
  rules: async () => running,
  now: Date.now,
});
const app: FastifyInstance = await buildApp({ ...idleParts(), webhooks: service, audit: openAudit(redis) }, { version: '0' });

beforeEach(() => redis.flushall());
afterAll(async () => {
  await app.close();
  await queues[Symbol.asyncDispose]();
});

/** Throws if an answer does not match its OpenAPI schema. */
function expectDocumented(method: string, url: string, status: number, text: string): void {
  if (status === 204) return expect(text).toBe('');
  const of = (): { parse(value: unknown): unknown } => {
    if (status >= 400) return problemSchema;
    if (url.endsWith('/test')) return schema.trial;
    if (url.endsWith('/deliveries')) return schema.deliveryList;
    if (method === 'POST') return schema.madeWebhook;
    return url === '/v1/webhooks' ? schema.webhookList : schema.webhook;
  };
  of().parse(JSON.parse(text));
}

const ask = async (method: 'GET' | 'POST' | 'PATCH' | 'DELETE', url: string, body?: object) => {
  const { statusCode, body: text, headers } = await app.inject({ method, url, ...(body === undefined ? {} : { payload: body }) });
  if (url.startsWith('/v1/webhooks')) expectDocumented(method, url, statusCode, text);
  return {
    status: statusCode,
    headers,
    text,
    body: (text === '' ? undefined : JSON.parse(text)) as Record<string, never> & { secret: string },
  };
};
const soar = { id: 'soar', url: 'https://soar.example.com/hook', secret, min_level: 'high', tags: ['fraud'] };

it('a target can be created, read, listed, changed and deleted, with an audit entry for each change', async () => {
  const made = await ask('POST', '/v1/webhooks', soar);
  const shown = {
    id: 'soar',
    url: 'https://soar.example.com/hook',
    form: 'standard',
    source: 'api',
    enabled: true,
    secrets: [{ secret: `****${secret.slice(-4)}` }],
    headers: {},
    min_level: 'high',
    rules: [],
    tags: ['fraud'],
    events: ['alert.created'],
    evidence: true,
    waiting: 0,
    warnings: [],
  };
  expect(made).toMatchObject({ status: 201, headers: { location: '/v1/webhooks/soar' } });
  expect(made.body).toEqual(shown);
  expect((await ask('GET', '/v1/webhooks/soar')).body).toEqual(shown);
  expect((await ask('GET', '/v1/webhooks')).body).toMatchObject({ webhooks: [{ id: 'from-file', source: 'file' }, shown] });
  const changed = await ask('PATCH', '/v1/webhooks/soar', { url: 'https://new.example/', min_level: 'low' });
  expect(changed).toMatchObject({ status: 200, body: { ...shown, url: 'https://new.example/', min_level: 'low' } });
  expect(await ask('DELETE', '/v1/webhooks/soar')).toMatchObject({ status: 204, text: '' });
  expect(await ask('GET', '/v1/webhooks/soar')).toMatchObject({ status: 404, body: { code: 'no-such-webhook' } });
  const log = (await redis.xrange(keys.audit, '-', '+')).map(([, fields]) => fields.join(' '));
  expect(log).toEqual([
    expect.stringContaining('who local action webhook.create subject soar'),
    expect.stringContaining('who local action webhook.change subject soar'),
    expect.stringContaining('who local action webhook.delete subject soar'),
  ]);
  expect(log.join()).not.toContain(secret);
});

it('a filter with unknown rules is accepted, with a warning as long as they are unknown', async () => {
  running = [
    { id: 'card-testing', status: 'live' },
    { id: 'impossible-travel', status: 'shadow' },
  ];
  const warnings = [
    'rules: unknown rule "card-testng"; did you mean card-testing?',
    'rules: impossible-travel is shadow; its alerts are not sent until it is live',
  ];
  const made = await ask('POST', '/v1/webhooks', { ...soar, rules: ['card-testing', 'card-testng', 'impossible-travel'] });
  expect(made).toMatchObject({ status: 201, body: { rules: ['card-testing', 'card-testng', 'impossible-travel'], warnings } });
  expect((await ask('GET', '/v1/webhooks')).body).toMatchObject({
    webhooks: [
      { id: 'from-file', warnings: [] },
      { id: 'soar', warnings },
    ],
  });
  expect((await ask('PATCH', '/v1/webhooks/soar', { rules: ['card-testng'] })).body).toMatchObject({ warnings: [warnings[0]] });
  running = [{ id: 'card-testng', status: 'live' }];
  expect((await ask('GET', '/v1/webhooks/soar')).body).toMatchObject({ warnings: [] });
});

describe('secrets', () => {
  it('are generated if none is given, and shown only once', async () => {
    const { body } = await ask('POST', '/v1/webhooks', { url: soar.url });
    expect(body.secret).toMatch(/^whsec_[A-Za-z0-9+/=]{44}$/);
    const id = String(body['id']);
    expect(id).toMatch(/^wh-[0-9a-f]{16}$/);
    for (const url of ['/v1/webhooks', `/v1/webhooks/${id}`]) expect((await ask('GET', url)).text).not.toContain(body.secret);
    const rotated = await ask('POST', `/v1/webhooks/${id}/rotate`, { keep_seconds: 60 });
    expect(rotated).toMatchObject({ status: 200, body: { secrets: [{}, { until: expect.any(String) as string }] } });
    expect(rotated.body.secret).not.toBe(body.secret);
    expect((await ask('POST', `/v1/webhooks/${id}/rotate`)).status).toBe(200);
    const last = await ask('POST', `/v1/webhooks/${id}/rotate`, { secret, keep_seconds: 0 });
    expect(last.body).toMatchObject({ secrets: [{ secret: `****${secret.slice(-4)}` }] });
    expect(last.text).not.toContain(secret);
    expect(await ask('POST', `/v1/webhooks/${id}/rotate`, { secret: 'whsec_short' })).toMatchObject({
      status: 400,
      body: { code: 'invalid-webhook', errors: [{ pointer: '/body/secret' }] },
    });
  });

  it('are masked wherever they appear', async () => {
    const key = 'R0UT1NGK3YR0UT1NGK3Y';
    const answers = [
      await ask('POST', '/v1/webhooks', { id: 'pager', form: 'pagerduty', routing_key: key }),
      await ask('POST', '/v1/webhooks', { id: 'chat', form: 'slack', url: 'https://hooks.slack.com/services/T0/B0/verysecretpath' }),
      await ask('POST', '/v1/webhooks', { ...soar, headers: { Authorization: 'Bearer verysecrettoken' } }),
      await ask('GET', '/v1/webhooks'),
    ];
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 200]);
    const text = answers.map((one) => one.text).join();
    for (const hidden of [key, 'verysecretpath', 'verysecrettoken', secret.slice(6, 40)]) expect(text).not.toContain(hidden);
    expect(answers[3]!.body).toMatchObject({
      webhooks: [{ url: 'https://hooks.slack.com/****path' }, {}, { routing_key: '****GK3Y' }, {}],
    });
  });
});

describe('invalid requests', () => {
  it.each([
    [{ ...soar, url: 'http://169.254.169.254/' }, ['/body/url']],
    [{ ...soar, url: 'http://2130706433/' }, []],
    [{ ...soar, url: 'http://[64:ff9b::7f00:1]/' }, ['/body/url']],
    [{ ...soar, url: 'ftp://x', headers: { host: 'x' }, secret: 'whsec_x' }, ['/body/url', '/body/secret', '/body/headers/host']],
    [{ id: 'x' }, ['/body/url']],
    [{ id: 'x', form: 'pagerduty' }, ['/body/routing_key']],
    [{ ...soar, id: 'Not An Id' }, ['/body/id']],
    [{ ...soar, colour: 'red' }, ['/body/colour']],
    [{ ...soar, min_level: 'urgent' }, ['/body/min_level']],
    [[], ['/body']],
  ])('%# are answered with all errors and their pointers', async (body, pointers) => {
    const { status, body: problem } = await ask('POST', '/v1/webhooks', body);
    if (pointers.length === 0) {
      // 127.0.0.1 is allowed in this test.
      expect(status).toBe(201);
      return;
    }
    expect(status).toBe(400);
    expect((problem as unknown as { errors: { pointer: string }[] }).errors.map(({ pointer }) => pointer)).toEqual(pointers);
  });

  it('leave the target unchanged', async () => {
    await ask('POST', '/v1/webhooks', soar);
    expect(await ask('PATCH', '/v1/webhooks/soar', { url: 'http://10.0.0.1/' })).toMatchObject({
      status: 400,
      body: { code: 'invalid-webhook' },
    });
    expect(await ask('PATCH', '/v1/webhooks/soar', { secret })).toMatchObject({ status: 400 });
    expect((await ask('GET', '/v1/webhooks/soar')).body).toMatchObject({ url: soar.url });
  });

  it('are refused for duplicates, too many targets, targets of the file, and unknown targets', async () => {
    await ask('POST', '/v1/webhooks', soar);
    expect(await ask('POST', '/v1/webhooks', soar)).toMatchObject({ status: 409, body: { code: 'webhook-exists' } });
    expect(await ask('POST', '/v1/webhooks', { ...soar, id: 'from-file' })).toMatchObject({
      status: 409,
      body: { code: 'webhook-exists' },
    });
    for (let n = 2; n < 50; n++) expect((await ask('POST', '/v1/webhooks', { ...soar, id: `t${n}` })).status).toBe(201);
    expect(await ask('POST', '/v1/webhooks', { ...soar, id: 'more' })).toMatchObject({ status: 409, body: { code: 'too-many-webhooks' } });
    for (const [method, url, body] of [
      ['PATCH', '/v1/webhooks/from-file', { min_level: 'low' }],
      ['DELETE', '/v1/webhooks/from-file', undefined],
      ['POST', '/v1/webhooks/from-file/rotate', undefined],
    ] as const)
      expect(await ask(method, url, body)).toMatchObject({ status: 409, body: { code: 'webhook-in-file' } });
    for (const [method, url, body] of [
      ['PATCH', '/v1/webhooks/none', {}],
      ['DELETE', '/v1/webhooks/none', undefined],
      ['POST', '/v1/webhooks/none/rotate', undefined],
      ['POST', '/v1/webhooks/none/test', undefined],
      ['GET', '/v1/webhooks/none/deliveries', undefined],
    ] as const)
      expect(await ask(method, url, body)).toMatchObject({ status: 404, body: { code: 'no-such-webhook' } });
    expect(await ask('POST', '/v1/webhooks/soar/deliveries/al_x/replay')).toMatchObject({
      status: 404,
      body: { code: 'no-such-delivery' },
    });
  });
});

it('a target from the file can be disabled and enabled', async () => {
  expect((await ask('PATCH', '/v1/webhooks/from-file', { enabled: false })).body).toMatchObject({
    enabled: false,
    disabled: { because: 'disabled through the API' },
  });
  expect((await ask('PATCH', '/v1/webhooks/from-file', { enabled: true })).body).toMatchObject({ enabled: true });
});

it('a target sealed with another key is shown as disabled, and can only be deleted', async () => {
  const elsewhere = openWebhookTargets(redis, { seal: sealWith('k'.repeat(40)) });
  await elsewhere.create(targetOf('sealed', 'https://hooks.example/secret', { form: 'slack' }));
  expect((await ask('GET', '/v1/webhooks/sealed')).body).toMatchObject({
    url: '',
    enabled: false,
    disabled: { because: expect.stringContaining('another WEIR_WEBHOOKS_KEY') as string },
  });
  expect(await ask('PATCH', '/v1/webhooks/sealed', { url: 'https://x.example/' })).toMatchObject({
    status: 409,
    body: { code: 'webhook-sealed' },
  });
  expect(await ask('POST', '/v1/webhooks/sealed/rotate')).toMatchObject({ status: 409, body: { code: 'webhook-sealed' } });
  expect((await ask('POST', '/v1/webhooks/sealed/test')).body).toMatchObject({ delivered: false, result: 'refused' });
  expect((await ask('DELETE', '/v1/webhooks/sealed')).status).toBe(204);
});

it('a test delivery is sent at once and signed, and its result returned', async () => {
  await using receiver = await startReceiver({ secret });
  await ask('POST', '/v1/webhooks', { ...soar, url: receiver.url });
  expect((await ask('POST', '/v1/webhooks/soar/test')).body).toMatchObject({ delivered: true, result: 'delivered', status: 200 });
  receiver.next(answer(404));
  expect((await ask('POST', '/v1/webhooks/soar/test')).body).toMatchObject({ delivered: false, result: 'rejected', status: 404 });
  expect(receiver.received).toMatchObject([{ verified: true }, { verified: true }]);
  expect(new Set(receiver.received.map(({ id }) => id)).size).toBe(2);
  for (const { text, headers } of receiver.received)
    expect(verifies(`whsec_${Buffer.alloc(32).toString('base64')}`, text, headers)).toBe(false);
});

it('a test of PagerDuty closes the incident that it opened', async () => {
  await using receiver = await startReceiver();
  await ask('POST', '/v1/webhooks', { id: 'pager', form: 'pagerduty', routing_key: 'R', url: receiver.url });
  expect((await ask('POST', '/v1/webhooks/pager/test')).body).toMatchObject({ delivered: true });
  const [opened, closed] = receiver.received.map(({ body }) => body as unknown as { event_action: string; dedup_key: string });
  expect([opened!.event_action, closed!.event_action]).toEqual(['trigger', 'resolve']);
  expect(opened!.dedup_key).toBe(closed!.dedup_key);
});

it('is described in OpenAPI', async () => {
  const { body } = await ask('GET', '/openapi.json');
  const paths = (body as unknown as { paths: Record<string, object> }).paths;
  expect(Object.keys(paths).filter((path) => path.startsWith('/v1/webhooks'))).toHaveLength(6);
});
