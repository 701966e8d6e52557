/** The window store over two Redis servers: append (including its encoded calls), commit and reviews, and everything that scans all keys. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { Alert, AlertUpdate } from '../../../engine/core/alert/alert.ts';
import { eventHash } from '../../../engine/core/util/hash.ts';
import { logTarget } from '../../../engine/core/correlate/target.ts';
import { commandsOn } from '../../../engine/redis/commands.ts';
import { command } from '../../../engine/redis/commands/call.ts';
import { openCensus } from '../../../engine/redis/correlate/census.ts';
import { openCompactor, type CompactStep } from '../../../engine/redis/correlate/compactor.ts';
import { redisWindowStore } from '../../../engine/redis/correlate/window-store.ts';
import { keys } from '../../../engine/redis/keys.ts';
import { testProfile, windowStoreContract } from '../../contract/window-store.ts';
import { appendAll } from '../../support/appends.ts';
import { twoNodes } from '../../support/redis-nodes.ts';
import { countRule, rulesOf } from '../../support/rules.ts';

const partitions = 8;
const { router, nodes } = await twoNodes();
const redis = commandsOn(router);
const open = () => redisWindowStore({ redis: router, profile: testProfile, partitions, onOutbox: () => undefined });

async function outbox(): Promise<{ alerts: Alert[]; updates: AlertUpdate[] }> {
  const calls = Array.from({ length: partitions }, (_, partition) => command('hgetall', keys.outbox(partition)));
  const fields = (await redis.send<Record<string, string>>(calls)).flatMap((box) => Object.entries(box));
  return {
    alerts: fields.filter(([field]) => !field.endsWith('+')).map(([, json]) => JSON.parse(json) as Alert),
    updates: fields.filter(([field]) => field.endsWith('+')).map(([, json]) => JSON.parse(json) as AlertUpdate),
  };
}

describe('window store on two nodes', () => {
  windowStoreContract(async () => ({ store: open(), outbox }));
});

describe('many logs', () => {
  const rule = rulesOf(countRule('many', 'gte: 3')).byId.get('many')!;
  const begin = Date.UTC(2026, 0, 1);
  const targets = Array.from({ length: 200 }, (_, n) => logTarget(rule, [`user-${n}`]));

  async function append(rounds: number): Promise<string[]> {
    const appends = Array.from({ length: rounds }, (_, round) =>
      targets.map((target, n) => {
        const ref = { shard: 0, ms: begin + round, seq: n, index: 0 };
        return {
          target,
          entry: { time: begin + round, id: eventHash('d', `${n}-${round}`), step: 0, index: 0, value: 0, ref, counted: false },
        };
      }),
    );
    const { snapshots, refused } = await appendAll(open(), appends.flat());
    expect(refused).toBe(0);
    return snapshots.map(({ target, journal }) => `${target.group[0]} ${journal.length}`).toSorted();
  }

  beforeEach(() => Promise.all(nodes.map((node) => node.flushall())));

  it('of one batch are written to both nodes, and read from both', async () => {
    expect(await append(2)).toEqual([]);
    expect(await append(2)).toEqual(targets.map(({ group }) => `${group[0]} 4`).toSorted());
    const sizes = await Promise.all(nodes.map((node) => node.dbsize()));
    expect(Math.min(...sizes)).toBeGreaterThan(50);
    expect((await open().read(targets)).map(({ journal }) => journal.length)).toEqual(targets.map(() => 4));
  });

  it('are counted on both nodes', async () => {
    await append(1);
    const used = await Promise.all(targets.map(({ key }) => redis.ask<number>(command('memory usage', key))));
    expect(await openCensus(router)()).toEqual({ count: targets.length, bytes: used.reduce((sum, bytes) => sum + bytes, 0) });
  });

  it('are compacted on both nodes, one after the other', async () => {
    // Redis doubles the memory of a string that is appended to.
    await append(20);
    await append(1);
    const texts = async () => redis.send(targets.map(({ key }) => command('get', key)));
    const before = await texts();
    const step = openCompactor(router, { idleSeconds: 0, everyMs: 0 });
    const steps: CompactStep[] = [];
    do steps.push((await step())!);
    while (!steps.at(-1)!.round);
    expect(steps).toHaveLength(2);
    for (const { rewritten } of steps) expect(rewritten).toBeGreaterThan(0);
    expect(await texts()).toEqual(before);
    expect(await redis.ask(command('get', keys.compactCursor))).toBe('0');
  });
});
