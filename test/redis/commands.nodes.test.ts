/** The command port over two real Redis servers that share the slots. */
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { commandsOn } from '../../engine/redis/commands.ts';
import { command, keyless, script, type Call } from '../../engine/redis/commands/call.ts';
import { slotCount, slotOf } from '../../engine/redis/commands/slot.ts';
import { refusalOfError } from '../../engine/redis/errors.ts';
import { keys } from '../../engine/redis/keys.ts';
import { twoNodes } from '../support/redis-nodes.ts';

const { router, nodes, servers } = await twoNodes();
const redis = commandsOn(router);
beforeEach(() => Promise.all(nodes.flatMap((node) => [node.flushall(), node.script('FLUSH')])));

/** 0 or 1: the node that owns the key. */
const nodeOf = (key: string): number => (slotOf(key) < slotCount / 2 ? 0 : 1);
/** A shard on that node. */
const shardOn = (node: number): number =>
  Array.from({ length: 16 }, (_, shard) => shard).find((shard) => nodeOf(keys.events(shard)) === node)!;
const ingest = (shard: number, events: number): Call => script('ingest', [keys.events(shard), keys.stats(shard)], ['pack', events]);
const [here, there] = [shardOn(0), shardOn(1)];

it('each command goes to the node of its key, and the answers come in the order of the calls', async () => {
  const key = fc.oneof(fc.string({ minLength: 1 }), fc.nat(63).map(keys.outbox), fc.nat(15).map(keys.events));
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(key, fc.string())), async (pairs) => {
      await Promise.all(nodes.map((node) => node.flushall()));
      const expected = new Map<string, string>();
      const before = pairs.map(([name, value]) => {
        const old = expected.get(name) ?? null;
        expected.set(name, value);
        return old;
      });
      expect(await redis.send(pairs.map(([name, value]) => command('set', name, value, 'GET')))).toEqual(before);
      for (const [at, node] of nodes.entries()) {
        const own = [...expected.keys()].filter((name) => nodeOf(name) === at);
        expect((await node.keys('*')).toSorted()).toEqual(own.toSorted());
        for (const name of own) expect(await node.get(name)).toBe(expected.get(name));
      }
    }),
    { numRuns: 50 },
  );
});

it('a script is loaded on each node that does not know it', async () => {
  const ids = await redis.send<string>([ingest(there, 1), ingest(here, 2), ingest(there, 3)]);
  expect(ids.map((id) => /^\d+-\d+$/.test(id))).toEqual([true, true, true]);
  expect(await nodes[0]!.hget(keys.stats(here), 'accepted')).toBe('2');
  expect(await nodes[1]!.hget(keys.stats(there), 'accepted')).toBe('4');
});

it('a transaction is one step on the node of its slot', async () => {
  for (const partition of [0, 1, 2, 3]) {
    const key = keys.outbox(partition);
    expect(await redis.transact([command('hset', key, 'a', 1), command('hlen', key)])).toEqual([1, 1]);
    expect(await nodes[nodeOf(key)]!.hlen(key)).toBe(1);
  }
});

it('a command without a key is sent to each node', async () => {
  await redis.send(Array.from({ length: 100 }, (_, i) => command('set', `key:${i}`, 1)));
  const sizes = await Promise.all(redis.nodes().map((node) => node.dbsize()));
  expect(sizes[0]! + sizes[1]!).toBe(100);
  for (const [at, node] of redis.nodes().entries()) {
    const [name] = await redis.sendTo<string>(node, [keyless('randomkey')]);
    expect(nodeOf(name!)).toBe(at);
  }
});

describe('when a node fails', () => {
  it('only its own calls have errors; send() throws the first one', async () => {
    await redis.ask(ingest(here, 1));
    await servers[1]!.kill();
    const batch = [ingest(there, 1), ingest(here, 2), command('get', keys.events(there)), command('hget', keys.stats(here), 'accepted')];
    const answers = await redis.trySend<string>(batch);
    expect(answers.map((answer) => refusalOfError(answer)?.because)).toEqual(['away', undefined, 'away', undefined]);
    expect([answers[1], answers[3]]).toEqual([expect.stringMatching(/^\d+-\d+$/), '3']);
    await expect(redis.send(batch)).rejects.toSatisfy((error) => refusalOfError(error)?.because === 'away');
    expect(await redis.ask(command('hget', keys.stats(here), 'accepted'))).toBe('5');
    await expect(redis.ask(command('hget', keys.stats(there), 'accepted'))).rejects.toSatisfy(
      (error) => refusalOfError(error) !== undefined,
    );
    expect(redis.ready()).toBe(false);
  });
});
