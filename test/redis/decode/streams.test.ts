import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { noDatasets } from '../../support/datasets.ts';
import { limits } from '../../../engine/core/limits.ts';
import { packer } from '../../../engine/core/ingest/pack.ts';
import { connect } from '../../../engine/redis/connection.ts';
import { keys } from '../../../engine/redis/keys.ts';
import { command } from '../../../engine/redis/commands/call.ts';
import { commandsOn } from '../../../engine/redis/commands.ts';
import { redisStreams } from '../../../engine/redis/decode/streams.ts';
import type { DeadLetter, Decoded, Delivery } from '../../../engine/runtime/decode/ports.ts';
import { countingMeter } from '../../support/counting.ts';
import { ownRedis } from '../../support/own-redis.ts';
import { addPack } from '../../support/packs.ts';

const { server, redis } = await ownRedis();
const blocking = connect(server.url, 'blocking');
const shards = 2;
const lost = { groups: 0, entries: 0 };
const { meter, counted } = countingMeter();
const decoded: { events: number; seconds: number }[] = [];

beforeEach(async () => {
  await redis.flushall();
  Object.assign(lost, { groups: 0, entries: 0 });
  for (const counter of Object.keys(counted)) delete counted[counter];
  decoded.length = 0;
});
afterAll(() => blocking.disconnect());

const streams = (consumer: string) =>
  redisStreams({
    redis,
    blocking,
    shards,
    consumer,
    datasets: () => noDatasets,
    onStateLost: () => (lost.groups += 1),
    onVanished: (entries) => (lost.entries += entries),
    meter: { ...meter, stage: (stage, events, seconds) => void (stage === 'decode' && decoded.push({ events, seconds })) },
  });

/** Adds one entry of events with these ids, and returns its id. */
async function add(shard: number, ...ids: string[]): Promise<string> {
  const pack = packer();
  for (const id of ids) {
    const text = JSON.stringify({ id });
    pack.add({ kind: 'taken', time: 1, id, dataset: 'd', tags: 0 }, text, text.length);
  }
  return addPack(redis, shard, pack.finish()[0]!.text, ids.length);
}

/** Reads all parts of an entry. */
const wholeOf = (delivery: Delivery): Decoded => {
  const parts = [...delivery.decode()];
  return { located: parts.flatMap(({ located }) => located), undecodable: parts.flatMap(({ undecodable }) => undecodable) };
};
const idsOf = (deliveries: readonly Delivery[]): string[] =>
  deliveries.flatMap((delivery) => wholeOf(delivery).located.map(({ event }) => event.id)).sort();
const letterOf = ({ shard, ms, seq }: Delivery, index: number): DeadLetter => ({
  ref: { shard, ms, seq, index },
  stage: 'correlate',
  cause: 'why',
  body: '{}',
});
const clean = (deliveries: readonly Delivery[]) => deliveries.map((delivery) => ({ delivery, deadLetters: [] }));
const stats = async (shard: number) => ({ ...(await redis.hgetall(keys.stats(shard))) });

describe('read and settle', () => {
  it('delivers each entry once, and counts its events when it is settled', async () => {
    const [one, other] = [streams('one'), streams('other')];
    await add(0, 'a', 'b');
    await add(1, 'c');
    const read = await one.read(1e9, 10);
    expect(idsOf(read)).toEqual(['a', 'b', 'c']);
    expect(await other.read(1e9, 10)).toEqual([]);
    await one.settle(clean(read));
    expect([await stats(0), await stats(1)]).toEqual([
      { accepted: '2', processed: '2' },
      { accepted: '1', processed: '1' },
    ]);
  });

  it('reads no more bytes at once than requested, as soon as it knows how large entries are', async () => {
    const one = streams('one');
    const text = (size: number) => `{"v":1,"e":[[1,"a","d",0,{"pad":"${'x'.repeat(size)}"}]]}`;
    const fill = async (size: number, entries: number): Promise<void> => {
      for (let i = 0; i < entries; i++) await redis.xadd(keys.events(i % shards), '*', 'p', text(size), 'n', '1');
    };
    await fill(1000, 200);
    for (let read = await one.read(1e6, 10); read.length > 0; read = await one.read(1e6, 10)) await one.settle(clean(read));
    await fill(1000, 400);
    expect((await one.read(100_000, 10)).length).toBeLessThan(120);
  });

  it('settles an entry once, however often and from however many consumers it is requested', async () => {
    const [one, other] = [streams('one'), streams('other')];
    await add(0, 'a', 'b', 'c');
    const [delivery] = await one.read(1e9, 10);
    await one.settle([{ delivery: delivery!, deadLetters: [letterOf(delivery!, 1)] }]);
    await other.settle([{ delivery: delivery!, deadLetters: [letterOf(delivery!, 0), letterOf(delivery!, 1)] }]);
    await one.settle([{ delivery: delivery!, deadLetters: [letterOf(delivery!, 1)] }]);
    expect(await stats(0)).toEqual({ accepted: '3', processed: '2', dead: '1' });
    expect(await redis.xlen(keys.dead(0))).toBe(1);
  });

  it('returns what cannot be decoded as dead letters, and the rest of the pack as events', async () => {
    const one = streams('one');
    await redis.xadd(keys.events(0), '*', 'p', 'no pack at all', 'n', '1');
    await redis.xadd(keys.events(0), '*', 'other', 'thing');
    await redis.xadd(keys.events(1), '*', 'p', '{"v":1,"e":[[1,"good","d",0,{}],[1,"",2],[1,"too","d",0,{}]]}', 'n', '3');
    const read = await one.read(1e9, 10);
    expect(idsOf(read)).toEqual(['good', 'too']);
    const found = read.map(wholeOf);
    expect(found.map(({ undecodable }) => undecodable.length).sort()).toEqual([1, 1, 1]);
    for (const { undecodable } of found)
      for (const letter of undecodable) expect(letter).toMatchObject({ stage: 'decode', cause: expect.stringMatching(/./) as string });
  });
});

describe('dead letters', () => {
  it('are kept up to a bound, the newest ones; all are counted', async () => {
    const one = streams('one');
    const older = limits.deadLettersMax + 500;
    await commandsOn(redis).send(Array.from({ length: older }, (_, i) => command('xadd', keys.dead(0), '*', 'letter', i)));
    await add(0, 'a');
    const [delivery] = await one.read(1e9, 10);
    await one.settle([{ delivery: delivery!, deadLetters: [letterOf(delivery!, 0)] }]);
    const kept = await redis.xlen(keys.dead(0));
    // Redis cuts whole nodes of the stream, each of a hundred entries.
    expect(kept).toBeLessThan(limits.deadLettersMax + 100);
    expect(kept).toBeGreaterThanOrEqual(limits.deadLettersMax);
    expect(counted).toEqual({ 'evicted dead_letters': older + 1 - kept });
    const [[, newest]] = (await redis.xrevrange(keys.dead(0), '+', '-', 'COUNT', 1)) as [[string, string[]]];
    expect(JSON.parse(newest[1]!)).toMatchObject({ cause: 'why' });
    expect(await stats(0)).toEqual({ accepted: '1', dead: '1' });
  });
});

describe('the ledger of what cannot be read', () => {
  it('counts every event of an unreadable entry as dead', async () => {
    const one = streams('one');
    await redis.xadd(keys.events(0), '*', 'p', 'no pack at all', 'n', '7');
    const [delivery] = await one.read(1e9, 10);
    await one.settle([{ delivery: delivery!, deadLetters: wholeOf(delivery!).undecodable }]);
    expect(await stats(0)).toEqual({ dead: '7' });
    expect(await redis.xlen(keys.dead(0))).toBe(1);
  });

  it('counts the readable events of a torn pack as processed, unless they are given up later', async () => {
    const one = streams('one');
    const torn = '{"v":1,"e":[[1,"a","d",0,{}],[1,"b","d",0,{}],[1,"c","d",0,{"x":';
    await redis.xadd(keys.events(0), '*', 'p', torn, 'n', '5');
    const [delivery] = await one.read(1e9, 10);
    expect(wholeOf(delivery!).located.map(({ event }) => event.id)).toEqual(['a', 'b']);
    await one.settle([{ delivery: delivery!, deadLetters: [...wholeOf(delivery!).undecodable, letterOf(delivery!, 1)] }]);
    expect(await stats(0)).toEqual({ processed: '1', dead: '4' });
  });
});

describe('the decode stage', () => {
  it('is measured once for each decoding, in events, including unreadable ones', async () => {
    const one = streams('one');
    await add(0, 'a', 'b');
    await redis.xadd(keys.events(1), '*', 'p', 'no pack at all', 'n', '3');
    for (const delivery of await one.read(1e9, 10)) wholeOf(delivery);
    expect(decoded.reduce((sum, { events }) => sum + events, 0)).toBe(5);
    for (const delivery of await streams('other').claim(0, 10)) wholeOf(delivery);
    expect(decoded.reduce((sum, { events }) => sum + events, 0)).toBe(10);
  });
});

describe('claim', () => {
  it('takes over the entries of a silent consumer, counts deliveries, and leaves entries in use', async () => {
    const [one, other] = [streams('one'), streams('other')];
    await add(0, 'a');
    await add(0, 'b');
    const read = await one.read(1e9, 10);
    while ((await redis.xpending(keys.events(0), keys.group, 'IDLE', '40', '-', '+', '9')).length < 2);
    await one.touch(read.slice(0, 1));
    expect(idsOf(await other.claim(40, 10))).toEqual(['b']);
    expect((await other.claim(0, 10)).map(({ deliveries }) => deliveries).sort()).toEqual([2, 3]);
  });

  it('reports pending entries whose text is gone', async () => {
    const [one, other] = [streams('one'), streams('other')];
    const id = await add(0, 'a');
    await one.read(1e9, 10);
    await redis.xdel(keys.events(0), id);
    expect(await other.claim(0, 10)).toEqual([]);
    expect(lost.entries).toBe(1);
    expect(counted).toEqual({ vanished: 1 });
  });

  it('counts the attempts at single events until they succeed or are given up', async () => {
    const one = streams('one');
    await add(0, 'a', 'b');
    const [delivery] = await one.read(1e9, 10);
    expect([await one.tryAlone(delivery!, 0), await one.tryAlone(delivery!, 0), await one.tryAlone(delivery!, 1)]).toEqual([1, 2, 1]);
    await one.survived(delivery!, 1);
    await one.settle([{ delivery: delivery!, deadLetters: [letterOf(delivery!, 0)] }]);
    expect(await redis.exists(keys.alone(0))).toBe(0);
  });
});

describe('the arrival clock', () => {
  it('is the oldest unread or pending entry of all shards', async () => {
    const one = streams('one');
    await one.clock();
    const first = await add(1, 'a');
    await add(0, 'b');
    expect(`${(await one.clock()).ms}`).toBe(first.split('-')[0]);
    const read = await one.read(1e9, 10);
    expect(`${(await one.clock()).ms}`).toBe(first.split('-')[0]);
    await one.settle(clean(read.filter(({ shard }) => shard === 1)));
    expect((await one.clock()).ms).toBe(read.find(({ shard }) => shard === 0)!.ms);
  });

  it('is now when everything is processed, and never before a processed entry, even if the machine clock was set back', async () => {
    const one = streams('one');
    const [seconds] = await redis.time();
    expect((await one.clock()).ms).toBeGreaterThanOrEqual(Number(seconds) * 1000);
    const ahead = (Number(seconds) + 3600) * 1000;
    await redis.xadd(keys.events(0), `${ahead}-7`, 'p', '{"v":1,"e":[[1,"a","d",0,{}]]}', 'n', '1');
    await redis.xadd(keys.events(1), `${ahead}-3`, 'p', '{"v":1,"e":[[1,"b","d",0,{}]]}', 'n', '1');
    await one.settle(clean(await one.read(1e9, 10)));
    expect((await one.clock()).ms).toBe(ahead);
  });
});

describe('trim', () => {
  const fill = async (entries: number): Promise<void> => {
    for (let i = 0; i < entries; i++) await add(0, `e${i}`);
  };

  it('deletes processed entries, and never unread or pending ones', async () => {
    const [one, other] = [streams('one'), streams('other')];
    await fill(300);
    expect(await one.trim(-60_000)).toBe(0);
    const read = await one.read(1e9, 10);
    await one.settle(clean(read.slice(0, 250)));
    await fill(300);
    expect(await one.trim(-60_000)).toBeGreaterThan(0);
    const [oldest] = await redis.xrange(keys.events(0), '-', '+', 'COUNT', '1');
    const { ms, seq } = read[250]!;
    expect((await redis.xrange(keys.events(0), `${ms}-${seq}`, `${ms}-${seq}`)).length).toBe(1);
    expect(oldest).toBeDefined();
    const rest: string[] = idsOf(await other.claim(0, 1000));
    for (let more = await other.read(1e9, 10); more.length > 0; more = await other.read(1e9, 10)) rest.push(...idsOf(more));
    expect(rest).toHaveLength(read.length - 250 + (600 - read.length));
  });

  it('keeps everything when there is no group, and what another group has not read', async () => {
    const one = streams('one');
    await one.clock();
    await fill(300);
    await redis.xgroup('DESTROY', keys.events(0), keys.group);
    expect(await one.trim(-60_000)).toBe(0);
    expect(await redis.xlen(keys.events(0))).toBe(300);
    await redis.xgroup('CREATE', keys.events(0), 'audit', '0');
    for (let read = await one.read(1e9, 10); read.length > 0; read = await one.read(1e9, 10)) await one.settle(clean(read));
    expect(await one.trim(-60_000)).toBe(0);
  });

  it('keeps entries that are younger than the retention', async () => {
    const one = streams('one');
    await fill(300);
    for (let read = await one.read(1e9, 10); read.length > 0; read = await one.read(1e9, 10)) await one.settle(clean(read));
    expect(await one.trim(3_600_000)).toBe(0);
  });
});

describe('state that is lost', () => {
  it('creates the group again after FLUSHALL and after its deletion, and reports it', async () => {
    const one = streams('one');
    await add(0, 'a');
    await one.read(1e9, 10);
    await redis.flushall();
    expect(await one.read(1e9, 10)).toEqual([]);
    await add(0, 'b');
    await redis.xgroup('DESTROY', keys.events(0), keys.group);
    expect(idsOf(await one.read(1e9, 10))).toEqual(['b']);
    expect(lost.groups).toBe(2);
    expect(counted).toEqual({ lostGroups: 2 });
  });
});

const consumers = async () => ((await redis.xinfo('CONSUMERS', keys.events(0), keys.group)) as unknown[]).length;

describe('consumers of dead workers', () => {
  it('are removed once they are silent and hold nothing; entries that they hold can still be claimed', async () => {
    const [alive, dead, holding] = [streams('alive'), streams('dead'), streams('holding')];
    await add(0, 'a');
    const read = await dead.read(1e9, 10);
    await dead.settle(clean(read));
    await add(0, 'b');
    await holding.read(1e9, 10);
    await alive.read(1e9, 10);
    const before = await consumers();
    expect(await alive.sweepConsumers(3_600_000)).toBe(0);
    expect(await consumers()).toBe(before);
    expect(await alive.sweepConsumers(0)).toBeGreaterThan(0);
    const claimed = await alive.claim(0, 10);
    expect(idsOf(claimed)).toEqual(['b']);
    await alive.settle(clean(claimed));
    await alive.sweepConsumers(0);
    expect(await consumers()).toBe(1);
  });

  it('that are alive after all continue to read', async () => {
    const [one, other] = [streams('one'), streams('other')];
    await one.read(1e9, 10);
    await other.sweepConsumers(0);
    await add(0, 'a');
    expect(idsOf(await one.read(1e9, 10))).toEqual(['a']);
  });
});

describe('leave', () => {
  it('removes the consumer, unless it holds entries', async () => {
    const one = streams('one');
    await add(0, 'a');
    const read = await one.read(1e9, 10);
    await one.leave();
    expect(await consumers()).toBe(1);
    await one.settle(clean(read));
    await one.leave();
    expect(await consumers()).toBe(0);
  });
});
