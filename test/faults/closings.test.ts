/** When the API dies after closing alerts and before notifying their webhooks, a worker notifies them. */
import { expect, it } from 'vitest';
import { openTriage } from '../../engine/redis/alert/triage.ts';
import { keys } from '../../engine/redis/keys.ts';
import { secret } from '../deliver/webhooks/deliverer.support.ts';
import { startEngine } from '../support/engine.ts';
import { until } from '../support/processes.ts';
import { startReceiver } from '../support/receiver.ts';

const rules = { 'rules.yaml': 'id: jackpot\nconditions: { all: [{ fact: kind, operator: equal, value: jackpot }] }\n' };

it('a webhook that was notified of an alert is notified of its closing, even if the API is killed in between', async () => {
  await using receiver = await startReceiver({ secret });
  await using engine = await startEngine({ rules, env: { WEIR_WEBHOOKS_ALLOW: '127.0.0.1' } });
  const api = await engine.start('api');
  await engine.start('worker');
  const made = await fetch(`${engine.url()}/v1/webhooks`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ url: receiver.url, secret, events: ['alert.created', 'alert.closed'] }),
  });
  expect(made.status).toBe(201);
  await engine.send(['a', 'b'].map((id) => ({ id, time: Date.UTC(2026, 5, 1), kind: 'jackpot' })));
  await until(() => receiver.taken.length === 2);
  const ids = (await engine.alerts()).map(({ id }) => id);
  await engine.kill(api);
  // What the API had done before it was killed.
  const at = new Date().toISOString();
  await openTriage(engine.redis).triage(ids.map((id) => ({ id, change: { status: 'closed', verdict: 'benign' }, by: { who: 'ann', at } })));
  await until(() => receiver.taken.length === 4);
  await until(async () => (await engine.redis.zcard(keys.alertClosings)) === 0);
  expect(receiver.received.slice(2)).toMatchObject(ids.map(() => ({ verified: true, body: { type: 'alert.closed' } })));
  expect(receiver.taken.slice(2).toSorted()).toEqual(ids.map((id) => `${id}_closed`).toSorted());
});
