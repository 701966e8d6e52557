/** Each store over two Redis servers that share the slots: every command goes to the server that owns its key. */
import { beforeEach, describe, expect, it } from 'vitest';
import { noDatasets } from './support/datasets.ts';
import { limits } from '../engine/core/limits.ts';
import { packer } from '../engine/core/ingest/pack.ts';
import { strongHash } from '../engine/core/util/hash.ts';
import { openKeySnapshot, openKeyStore } from '../engine/redis/access/api-keys.ts';
import { openAudit, openAuditLog } from '../engine/redis/access/audit.ts';
import { openRates } from '../engine/redis/access/rate.ts';
import { openAlertChanges } from '../engine/redis/alert/changes.ts';
import { redisEvidence } from '../engine/redis/alert/evidence.ts';
import { packTexts } from '../engine/redis/alert/pack-texts.ts';
import { openAlertStore } from '../engine/redis/alert/store.ts';
import { openTriage } from '../engine/redis/alert/triage.ts';
import { openDeadLetters } from '../engine/redis/decode/dead-letters.ts';
import { redisStreams } from '../engine/redis/decode/streams.ts';
import { openWebhookTargets } from '../engine/redis/deliver/webhooks.ts';
import { openAlertBudget } from '../engine/redis/forward/budget.ts';
import { openOutbox, openOutboxReader } from '../engine/redis/forward/outbox.ts';
import { openWaitingList } from '../engine/redis/forward/waiting.ts';
import { keys } from '../engine/redis/keys.ts';
import { openInstallationReader } from '../engine/redis/metering/installation.ts';
import { openRuleCosts } from '../engine/redis/metering/rule-costs.ts';
import { claimLayout } from '../engine/redis/start/layout-claim.ts';
import { slotOf } from '../engine/redis/commands/slot.ts';
import type { DeadLetter } from '../engine/runtime/decode/ports.ts';
import { alertBudgetContract } from './contract/alert-budget.ts';
import { alertStoreContract } from './contract/alert-store.ts';
import { alertTriageContract } from './contract/alert-triage.ts';
import { targetOf } from './deliver/webhooks/deliverer.support.ts';
import { alertOf } from './support/alerts.ts';
import { addPack } from './support/packs.ts';
import { twoNodes } from './support/redis-nodes.ts';

const { router, nodes } = await twoNodes();
const empty = () => Promise.all(nodes.map((node) => node.flushall()));
beforeEach(empty);

describe('alerts', () => {
  alertStoreContract(async (options) => {
    await empty();
    return openAlertStore(router, options);
  });
  alertTriageContract(async (options) => {
    await empty();
    return { store: openAlertStore(router, options), triage: openTriage(router), changes: openAlertChanges(router) };
  });
  alertBudgetContract(async (max) => {
    await empty();
    return openAlertBudget(router, max);
  });
});

describe('events', () => {
  const shards = 4;

  async function add(shard: number, id: string): Promise<string> {
    const packs = packer();
    const text = JSON.stringify({ id });
    packs.add({ kind: 'taken', time: 1, id, dataset: 'd', tags: 0 }, text, text.length);
    return addPack(router, shard, packs.finish()[0]!.text, 1);
  }

  it('are stored and settled on both nodes, and their dead letters are listed and retried', async () => {
    const homes = new Set(Array.from({ length: shards }, (_, shard) => router.ownerOf(slotOf(keys.events(shard)))));
    expect(homes.size).toBe(2);
    const lost = { onStateLost: () => expect.unreachable(), onVanished: () => expect.unreachable() };
    for (let shard = 0; shard < shards; shard++) await add(shard, `event-${shard}`);
    const idle = redisStreams({ redis: router, blocking: nodes[0]!, shards, consumer: 'one', datasets: () => noDatasets, ...lost });
    // The first request creates the consumer groups.
    expect((await idle.clock()).ms).toBeGreaterThan(0);
    for (let shard = 0; shard < shards; shard++) {
      const owner = router.ownerOf(slotOf(keys.events(shard)));
      await owner.xreadgroup('GROUP', keys.group, 'dead', 'COUNT', 10, 'STREAMS', keys.events(shard), '>');
    }
    const claimed = await idle.claim(0, 10);
    expect(claimed).toHaveLength(shards);
    await idle.touch(claimed);
    const letter = ({ shard, ms, seq }: { shard: number; ms: number; seq: number }): DeadLetter => ({
      ref: { shard, ms, seq, index: 0 },
      stage: 'correlate',
      cause: 'why',
      body: `{"id":"event-${shard}"}`,
      envelope: { kind: 'taken', time: 1, id: `event-${shard}`, dataset: 'd', tags: 0 },
    });
    await idle.settle(claimed.map((delivery) => ({ delivery, deadLetters: [letter(delivery)] })));
    expect(await idle.trim(0)).toBeGreaterThanOrEqual(0);
    expect(await idle.sweepConsumers(0)).toBe(shards);
    await idle.leave();

    const deadLetters = openDeadLetters(router, shards);
    const { letters } = await deadLetters.list({ limit: 10, after: undefined });
    expect(letters.map(({ event }) => event?.id).toSorted()).toEqual(['event-0', 'event-1', 'event-2', 'event-3']);
    expect(await deadLetters.retry(letters.slice(0, 3).map(({ id }) => id))).toEqual(['retried', 'retried', 'retried']);
    expect(await deadLetters.discard([letters[3]!.id])).toEqual(['discarded']);

    const read = openInstallationReader(router, { shards, partitions: 8 });
    const state = await read();
    expect(state.shards.reduce((sum, { accepted }) => sum + accepted, 0)).toBe(shards + 3);
    expect(state.deadLetters).toBe(0);
    expect(state.redis.usedBytes).toBeGreaterThan(0);
  });

  it('are found as evidence, whichever node has their pack', async () => {
    const refs = await Promise.all(
      [0, 1, 2, 3].map(async (shard) => {
        const [ms, seq] = (await add(shard, `event-${shard}`)).split('-').map(Number);
        return { shard, ms: ms!, seq: seq!, index: 0 };
      }),
    );
    const found = await redisEvidence(
      router,
      () => noDatasets,
      packTexts(() => undefined),
    ).fetch(refs);
    expect(found.map((event) => (event === 'expired' ? event : event.id))).toEqual(['event-0', 'event-1', 'event-2', 'event-3']);
  });
});

it('outboxes and waiting lists work on both nodes', async () => {
  const partitions = 8;
  const alerts = Array.from({ length: 30 }, (_, n) => ({ alert: alertOf(`${n}`), groupHash: strongHash(`${n}`, 16) }));
  await openOutbox(router, partitions).add(alerts);
  const reader = openOutboxReader(router, partitions);
  const { items } = await reader.take(await reader.occupied(), 100);
  expect(items).toHaveLength(30);
  await reader.remove(items);
  expect(await reader.occupied()).toEqual([]);

  const waiting = openWaitingList(router);
  await waiting.push([
    { level: 'high', place: 'a' },
    { level: 'low', place: 'b' },
  ]);
  expect(await waiting.head('high', 10)).toEqual(['a']);
  await waiting.remove('high', ['a']);
  expect(await waiting.sizes()).toMatchObject({ high: 0, low: 1 });
});

it('keys, rates, the audit log, webhook targets, costs and the layout work on both nodes', async () => {
  const store = openKeyStore(router);
  const key = { name: 'ann', hash: 'h', scopes: ['admin' as const], created: 1, by: 'me' };
  expect(await store.create(key)).toBe('made');
  expect(await store.revoke('ann', 5)).toBe('revoked');
  using snapshot = openKeySnapshot(router);
  await snapshot.opened;
  expect(snapshot.current()).toMatchObject([{ name: 'ann', revoked: 5 }]);

  const policy = { quota: 100, windowMs: 86_400_000 };
  const spent = ['a', 'b', 'c', 'd'].map((name, n) => ({ bound: 'key' as const, name, policy, cost: n }));
  expect((await openRates(router)(spent)).map(Math.round)).toEqual([100, 99, 98, 97]);

  await openAudit(router)({ who: 'ann', action: 'key.create', subject: 'bob' });
  expect((await openAuditLog(router).list({ limit: 5, after: undefined })).entries).toMatchObject([{ who: 'ann', subject: 'bob' }]);

  const targets = openWebhookTargets(router);
  expect(await targets.create(targetOf('one', 'https://one.example/'))).toBe('created');
  expect(await targets.failed('one', 'then', 'why')).toBe(1);
  expect(await targets.remove('one')).toBe(true);

  const costs = openRuleCosts(router);
  await costs.report(new Map([['rule', { match_seconds: 1, judge_seconds: 2 }]]));
  expect(await costs.read(['rule'])).toMatchObject([{ match_seconds: 1, judge_seconds: 2 }]);

  await claimLayout(router, { partitions: limits.partitions, shards: limits.shards });
  await expect(claimLayout(router, { partitions: 8, shards: limits.shards })).rejects.toThrow('64 partitions and not 8');
});
