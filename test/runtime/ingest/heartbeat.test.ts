/** The heartbeat on a whole engine: it proves each step of the way, and nobody sees it. */
import { describe, expect, it } from 'vitest';
import { noDatasets } from '../../support/datasets.ts';
import { unpack } from '../../../engine/core/decode/unpack.ts';
import { keys, partitionOf } from '../../../engine/redis/keys.ts';
import { groupHashOf } from '../../../engine/core/correlate/target.ts';
import { heartbeatPack, heartbeatRules, startHeartbeat } from '../../../engine/runtime/ingest/heartbeat.ts';
import { partitions, shards, startEngine, type TestEngine } from '../../support/engine.ts';
import { until } from '../../support/processes.ts';
import { scrape, valueOf } from '../../support/samples.ts';

/** True of every event, single or counted. */
const wide = {
  'all.yaml': `
id: everything
conditions: { not: { fact: no.such.field, operator: equal, value: 1 } }
`,
  'counted.yaml': `
id: everything-counted
conditions: { not: { fact: no.such.field, operator: equal, value: 1 } }
correlation: { type: event_count, group-by: [event.dataset], timespan: 1h, condition: { gte: 1 } }
`,
};

const env = { WEIR_HEARTBEAT: '50ms' };

/** When the last heartbeat that came through had been sent, by shard, epoch s. */
async function beats(engine: TestEngine): Promise<number[]> {
  const samples = await scrape(engine.url());
  return Array.from(
    { length: shards },
    (_, shard) => valueOf(samples, 'weir_heartbeat_timestamp_seconds', { shard: String(shard) }) ?? NaN,
  );
}

describe('a heartbeat', () => {
  it('comes through every shard again and again, and is neither event nor alert', async () => {
    await using engine = await startEngine({ rules: wide, env });
    await engine.start('up');
    await until(async () => (await beats(engine)).every((at) => at > 0));
    const before = await beats(engine);
    await until(async () => (await beats(engine)).every((at, shard) => at > before[shard]!));
    const samples = await scrape(engine.url());
    expect(valueOf(samples, 'weir_heartbeat_delay_seconds', { shard: '0' })).toBeGreaterThanOrEqual(0);
    expect(valueOf(samples, 'weir_heartbeat_interval_seconds')).toBe(0.05);
    expect(await engine.ledger()).toEqual({ accepted: 0, processed: 0, dead: 0, pending: 0 });
    expect(await engine.alerts()).toEqual([]);
    for (const name of ['weir_ingest_accepted_events_total', 'weir_dead_letters_stored', 'weir_ledger_pending_events'])
      expect(valueOf(samples, name)).toBe(0);
    for (const rule of ['everything', 'everything-counted']) expect(valueOf(samples, 'weir_rule_matches_total', { rule })).toBe(0);
    expect(valueOf(samples, 'weir_stage_events_total', { stage: 'match' })).toBe(0);
  });

  it('an event that says it is one is an event like others', async () => {
    await using engine = await startEngine({ rules: wide });
    await engine.start('up');
    await engine.send([{ id: 'a', 'event.dataset': 'weir.heartbeat', shard: '0' }]);
    expect(await engine.quiet()).toMatchObject({ accepted: 1, processed: 1 });
    expect((await engine.alerts()).map(({ rule }) => rule.id).toSorted()).toEqual(['everything', 'everything-counted']);
    expect(await beats(engine)).toEqual([0, 0, 0, 0]);
  });

  const groupHash = (shard: number): string => groupHashOf([String(shard)]);
  const partition = (shard: number): number => partitionOf(groupHash(shard), partitions);
  const log = (shard: number): string => keys.log(partition(shard), heartbeatRules().rules[0]!.shape, groupHash(shard));

  it.each([
    // A key of another type in the place where the step writes makes it fail.
    ['append', (shard: number) => log(shard)],
    ['commit', (shard: number) => keys.reviews(partition(shard))],
  ])('does not come through when the %s fails, and says why', async (_step, key) => {
    // One heartbeat alone: a commit that another one overtakes leaves the reviews to it.
    await using engine = await startEngine({ rules: wide, env: { WEIR_HEARTBEAT: '1h' } });
    await engine.redis.hset(key(1), 'in', 'the way');
    await engine.start('up');
    const stored = async () => valueOf(await scrape(engine.url()), 'weir_dead_letters_stored');
    await until(async () => (await stored()) === 1 && (await beats(engine)).filter((at) => at > 0).length === shards - 1);
    expect((await beats(engine))[1]).toBe(0);
    const { dead_letters: letters } = (await (await fetch(`${engine.url()}/v1/dead-letters`)).json()) as { dead_letters: object[] };
    expect(letters).toMatchObject([{ cause: expect.stringContaining('WRONGTYPE'), body: '{"shard":"1","beats":1}' }]);
    expect(await engine.ledger()).toEqual({ accepted: 0, processed: 0, dead: 0, pending: 0 });
  });

  it('does not come through when nobody works', async () => {
    await using engine = await startEngine({ rules: wide, env });
    await engine.start('api');
    await until(async () => (await engine.redis.xlen(keys.events(0))) > 3);
    expect(await beats(engine)).toEqual([0, 0, 0, 0]);
    const worker = await engine.start('worker');
    await until(async () => (await beats(engine)).every((at) => at > 0));
    await engine.kill(worker);
  });
});

describe('sending', () => {
  it('is one pack for each shard, of one event that counts as none', () => {
    const pack = heartbeatPack(3, 5000);
    expect(pack.events).toBe(0);
    const { located, undecodable } = unpack(pack.text, { shard: 3, ms: 5001, seq: 0 }, noDatasets);
    expect(undecodable).toEqual([]);
    expect(located.map(({ event }) => event)).toMatchObject([
      { id: '5000-3', time: 5000, dataset: 'weir.heartbeat', raw: { shard: '3', beats: 1 } },
    ]);
  });

  it('never, where it is turned off', async () => {
    let puts = 0;
    const put = async () => ({ kind: 'accepted', events: ++puts }) as const;
    const deps = { sink: { put }, shards: 2, now: () => 1 };
    await startHeartbeat({ ...deps, everyMs: 0 })[Symbol.asyncDispose]();
    expect(puts).toBe(0);
    await startHeartbeat({ ...deps, everyMs: 3_600_000 })[Symbol.asyncDispose]();
    expect(puts).toBe(1);
  });
});
