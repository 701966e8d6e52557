/** An event that cannot be handled affects only itself, and its dead letter says why. */
import { describe, expect, it } from 'vitest';
import { keys } from '../../engine/redis/keys.ts';
import { shards, startEngine, type TestEngine } from '../support/engine.ts';
import { until } from '../support/processes.ts';
import { addPack } from '../support/packs.ts';

const rules = {
  'jackpot.yaml': `
id: jackpot
conditions: { all: [{ fact: kind, operator: equal, value: jackpot }] }
---
id: two
conditions: { all: [{ fact: kind, operator: equal, value: jackpot }] }
correlation: { type: event_count, group-by: [user], timespan: 10s, condition: { gte: 2 } }
`,
};
const time = Date.UTC(2026, 5, 1);
const jackpot = (id: string, more: object = {}) => ({ id, time, kind: 'jackpot', user: 'u', ...more });

async function letters(engine: TestEngine): Promise<{ stage: string; cause: string; body: string }[]> {
  const found: { stage: string; cause: string; body: string }[] = [];
  for (let shard = 0; shard < shards; shard++)
    for (const [, fields] of await engine.redis.xrange(keys.dead(shard), '-', '+'))
      found.push(JSON.parse(fields[1]!) as (typeof found)[number]);
  return found;
}

const firedBy = async (engine: TestEngine, rule: string): Promise<string[]> =>
  (await engine.alerts())
    .filter((alert) => alert.rule.id === rule)
    .flatMap(({ events }) => events.map(({ id }) => id as string))
    .sort();

describe('an event that makes its handling throw', () => {
  it('becomes a dead letter with its cause, and the rest of its pack and batch is handled', async () => {
    await using engine = await startEngine({ rules });
    await engine.start('api');
    await engine.send([jackpot('a'), jackpot('bad', { fault: 'throw' }), jackpot('b')]);
    await engine.send([jackpot('c')]);
    await engine.start('worker');
    expect(await engine.quiet()).toEqual({ accepted: 4, processed: 3, dead: 1, pending: 0 });
    const bad = JSON.stringify(jackpot('bad', { fault: 'throw' }));
    expect(await letters(engine)).toMatchObject([{ stage: 'correlate', cause: 'this event cannot be matched', body: bad }]);
    expect(await firedBy(engine, 'jackpot')).toEqual(['a', 'b', 'c']);
  });
});

describe('events that kill their worker', () => {
  it('are given up after a bounded number of tries, and the other events of their pack are handled', async () => {
    await using engine = await startEngine({ rules });
    await engine.start('api');
    await engine.send([jackpot('a'), jackpot('x', { fault: 'exit' }), jackpot('b'), jackpot('y', { fault: 'exit' }), jackpot('c')]);
    await engine.send([jackpot('d')]);
    let deaths = 0;
    let over = false;
    const supervisor = (async () => {
      while (!over) {
        const worker = await engine.start('worker').catch(() => undefined);
        await until(() => over || worker === undefined || worker.process.signalCode !== null);
        if (!over) deaths += 1;
      }
    })();
    const ledger = await engine.quiet();
    over = true;
    await supervisor;
    expect(ledger).toEqual({ accepted: 6, processed: 4, dead: 2, pending: 0 });
    const causes = (await letters(engine)).map(({ cause }) => cause);
    expect(causes).toEqual(Array(2).fill('its workers died each time it was handled alone'));
    expect(await firedBy(engine, 'jackpot')).toEqual(['a', 'b', 'c', 'd']);
    expect(deaths).toBeLessThan(20);
  });
});

describe('an event that cannot be decoded', () => {
  it('becomes a dead letter, and the rest of its pack is handled', async () => {
    await using engine = await startEngine({ rules });
    await engine.start('api');
    const pack = `{"v":1,"e":[[${time},"a","d",0,{"kind":"jackpot"}],[${time},"",1],[${time},"b","d",0,{"kind":"jackpot"}]]}`;
    await Promise.all([pack, 'not a pack'].map((text, i) => addPack(engine.redis, i, text, i === 0 ? 3 : 1)));
    await engine.start('worker');
    expect(await engine.quiet()).toEqual({ accepted: 4, processed: 2, dead: 2, pending: 0 });
    expect((await letters(engine)).map(({ stage }) => stage)).toEqual(['decode', 'decode']);
    expect((await engine.alerts()).filter(({ rule }) => rule.id === 'jackpot')).toHaveLength(2);
  });
});
