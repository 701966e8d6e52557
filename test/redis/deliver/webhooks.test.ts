/** Webhook targets in Redis: shared by all processes, and sealed when there is a key. */
import { beforeEach, describe, expect, it } from 'vitest';
import { keys } from '../../../engine/redis/keys.ts';
import { sealWith } from '../../../engine/redis/access/seal.ts';
import { openWebhookTargets } from '../../../engine/redis/deliver/webhooks.ts';
import { ownRedis } from '../../support/own-redis.ts';
import { targetOf } from '../../deliver/webhooks/deliverer.support.ts';

const { redis } = await ownRedis();
beforeEach(() => redis.flushall());

const one = targetOf('one', 'https://one.example/secret-path', {
  headers: { authorization: 'Bearer secret-token' },
  routingKey: 'secret-key',
});
const api = { source: 'api' } as const;

it('the others see a change by one process immediately', async () => {
  const [here, there] = [openWebhookTargets(redis), openWebhookTargets(redis)];
  expect(await there.current()).toEqual([]);
  expect(await here.create(one)).toBe('created');
  expect(await there.current()).toEqual([{ ...one, ...api }]);
  expect(await there.create(one)).toBe('exists');
  await here.replace({ ...one, minLevel: 'high' });
  expect(await there.current()).toEqual([{ ...one, ...api, minLevel: 'high' }]);
  await there.disable('one', { at: '2026-01-01T00:00:00.000Z', because: 'gone' });
  expect(await here.current()).toMatchObject([{ disabled: { because: 'gone' } }]);
  await here.enable('one');
  expect((await there.current())[0]).not.toHaveProperty('disabled');
  expect(await there.remove('one')).toBe(true);
  expect(await here.current()).toEqual([]);
  expect(await here.remove('one')).toBe(false);
  expect(await here.replace(one)).toBe(false);
});

it('an id that every object inherits is an id like others', async () => {
  const targets = openWebhookTargets(redis);
  const odd = targetOf('constructor', 'https://odd.example/');
  expect(await targets.create(odd)).toBe('created');
  expect(await openWebhookTargets(redis).current()).toEqual([{ ...odd, ...api }]);
  await redis.hset(keys.webhookFailures, 'constructor', 1);
  expect((await targets.failing()).get('constructor')).toEqual({ failures: 1, at: '', because: '' });
  await targets.disable('constructor', { because: 'gone' });
  expect(await targets.current()).toMatchObject([{ id: 'constructor', disabled: { because: 'gone' } }]);
});

it('consecutive failures are counted over all processes, and a success resets them', async () => {
  const [here, there] = [openWebhookTargets(redis), openWebhookTargets(redis)];
  expect(await here.failed('one', 'then', 'a')).toBe(1);
  expect(await there.failed('one', 'now', 'b')).toBe(2);
  expect(await here.failing()).toEqual(new Map([['one', { failures: 2, at: 'now', because: 'b' }]]));
  await there.delivered('one');
  expect(await here.failing()).toEqual(new Map());
});

it('when file and Redis have the same id, the file wins', async () => {
  await openWebhookTargets(redis).create(one);
  const ofFile = [targetOf('one', 'https://file.example/'), targetOf('two', 'https://two.example/')];
  const targets = openWebhookTargets(redis, { ofFile });
  expect((await targets.current()).map(({ id, url, source }) => [id, url, source])).toEqual([
    ['one', 'https://file.example/', 'file'],
    ['two', 'https://two.example/', 'file'],
  ]);
});

describe('with a key', () => {
  const sealed = { seal: sealWith('k'.repeat(40)) };

  it('no secret is stored in plain text, and a process with the key can read it', async () => {
    await openWebhookTargets(redis, sealed).create(one);
    const stored = (await redis.hget(keys.webhookTargets, 'one'))!;
    for (const hidden of ['secret', 'one.example', 'Bearer', one.secrets[0]!.secret])
      expect(stored.replace('"sealed"', '')).not.toContain(hidden);
    expect(await openWebhookTargets(redis, sealed).current()).toEqual([{ ...one, ...api }]);
  });

  it('a process with another key, or none, sees that the target is off, and why', async () => {
    await openWebhookTargets(redis, sealed).create(one);
    for (const seal of [sealWith('o'.repeat(40)), sealWith(undefined)]) {
      const [target] = await openWebhookTargets(redis, { seal }).current();
      expect(target).toMatchObject({
        id: 'one',
        url: '',
        secrets: [],
        disabled: { because: expect.stringContaining('another WEIR_WEBHOOKS_KEY') as string },
      });
    }
  });

  it('targets stored before there was a key can be read', async () => {
    await openWebhookTargets(redis).create(one);
    expect(await openWebhookTargets(redis, sealed).current()).toEqual([{ ...one, ...api }]);
  });

  it('a seal cannot be moved to another target, and no two seals are equal', () => {
    const { seal } = sealed;
    const text = seal.close('x', 'one');
    expect(seal.open(text, 'one')).toBe('x');
    expect(seal.open(text, 'two')).toBeUndefined();
    expect(seal.close('x', 'one')).not.toBe(text);
    for (const broken of ['sealed:', 'sealed:AAAA', `${text.slice(0, -6)}AAAAA=`]) expect(seal.open(broken, 'one')).toBeUndefined();
  });
});
