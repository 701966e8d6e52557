/**
 * A connection to Redis that breaks inside an answer: some commands of a pipeline were answered, the others were not, and
 * all of them were executed. No event is given up for that, and each alert comes once.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openCleanup } from '../../engine/cleanup.ts';
import { compile } from '../../engine/compile/index.ts';
import { profiler } from '../../engine/core/correlate/log-profile.ts';
import { packTexts } from '../../engine/redis/alert/pack-texts.ts';
import { connect } from '../../engine/redis/connection.ts';
import { isOutage } from '../../engine/redis/errors.ts';
import { keys } from '../../engine/redis/keys.ts';
import { silent } from '../../engine/runtime/metering/meter.ts';
import { pipeline } from '../../engine/runtime/pipeline/pipeline.ts';
import { worker } from '../../engine/runtime/pipeline/worker.ts';
import { storesOn } from '../../engine/stores.ts';
import { startEngine } from '../support/engine.ts';
import { addPack } from '../support/packs.ts';
import { until } from '../support/processes.ts';
import { startProxy } from '../support/proxy.ts';
import { startRedis } from '../support/redis.ts';
import { expectSame } from '../support/verdict.ts';
import { rules, workload } from '../support/workload.ts';

const threeRules = ['one', 'two', 'three'].map((id) => ({
  path: `${id}.yaml`,
  text: `
id: ${id}
conditions: { all: [{ fact: kind, operator: equal, value: login }] }
correlation: { type: event_count, group-by: [user], timespan: 10s, condition: { gte: 1 } }
`,
}));
const time = Date.UTC(2026, 5, 1);
const partitions = 4;

/** A worker in this process, all of whose commands but the waiting reads go over the connection to `url`. */
function startWorker(url: string, directUrl: string) {
  const cleanup = openCleanup();
  const open = (to: string) => {
    const redis = connect(to, 'test', { retryStrategy: () => 1 });
    redis.on('error', () => undefined);
    cleanup.defer(() => redis.disconnect());
    return redis;
  };
  const stores = storesOn(open(url), { shards: 1, partitions }, cleanup);
  const { ruleset } = compile(threeRules);
  const datasets = () => ruleset.datasets;
  const none = () => undefined;
  const streams = stores.streams({ blocking: open(directUrl), consumer: 'w', datasets, onStateLost: none, onVanished: none });
  const profile = profiler({ latenessMs: 2000, lagMs: 3_600_000 });
  const faults: unknown[] = [];
  const onFault = (what: string, fault: unknown): void => void faults.push([what, fault]);
  const run = pipeline(ruleset, {
    windows: stores.windows({ profile, onOutbox: none }),
    evidence: stores.evidence(datasets, packTexts(none)),
    outbox: stores.outbox(none),
    profile,
    latenessMs: 2000,
    meter: silent,
    onRuleFault: onFault,
  });
  const loop = worker({ streams, pipeline: () => run, meter: silent, now: Date.now, isOutage, onFault, blockMs: 20, retryMs: 1 });
  const running = loop.run();
  return {
    faults,
    async [Symbol.asyncDispose]() {
      loop.stop();
      await running;
      await cleanup.close();
    },
  };
}

describe('a connection that breaks at one byte of its answers', () => {
  it('costs no event and doubles no alert, whichever byte it is', { timeout: 240_000 }, async () => {
    const server = await startRedis();
    onTestFinished(() => server.stop());
    await using proxy = await startProxy(server.url);
    const direct = connect(server.url, 'test');
    onTestFinished(() => direct.disconnect());
    await using running = startWorker(proxy.url, server.url);
    const processed = async (): Promise<number> => Number(await direct.hget(keys.stats(0), 'processed'));
    let sent = 0;
    const send = async (): Promise<void> => {
      await addPack(direct, 0, `{"v":1,"e":[[${time + sent},"e${sent}","d",0,{"kind":"login","user":"u${sent}"}]]}`, 1);
      sent += 1;
      while ((await processed()) < sent) await sleep(1);
    };
    await send();
    let bytes = 0;
    for (let broke = true; broke; bytes++) {
      proxy.answerBytesLeft = bytes;
      await send();
      broke = proxy.answerBytesLeft === Infinity;
    }
    expect(bytes).toBeGreaterThan(200);
    proxy.answerBytesLeft = Infinity;
    expect(running.faults).toEqual([]);
    expect(await direct.xlen(keys.dead(0))).toBe(0);
    const fired: string[] = [];
    for (let p = 0; p < partitions; p++) {
      for (const [field, text] of Object.entries(await direct.hgetall(keys.outbox(p)))) {
        if (field.endsWith('+')) continue;
        const { rule, group } = JSON.parse(text) as { rule: { id: string }; group: { user: string } };
        fired.push(`${group.user} ${rule.id}`);
      }
    }
    const expected = Array.from({ length: sent }, (_, i) => ['one', 'two', 'three'].map((id) => `u${i} ${id}`)).flat();
    expect(fired.toSorted()).toEqual(expected.toSorted());
  });
});

describe('connections that break inside answers again and again', () => {
  it('leave the alerts of replay, no dead letter, and no answer of the API but 202, 200 and 503', async () => {
    await using engine = await startEngine({ rules });
    await using proxy = await startProxy(engine.server.url);
    await engine.start('api', { REDIS_URL: proxy.url });
    const child = await engine.start('worker', { REDIS_URL: proxy.url });
    const load = workload(57, 1200);
    const statuses = new Set<number | undefined>();
    let over = false;
    const asking = (async () => {
      for (const paths = ['alerts', 'overview', 'siem', 'dead-letters', 'audit', 'webhooks', 'keys']; !over;) {
        for (const path of paths) statuses.add((await fetch(`${engine.url()}/v1/${path}`)).status);
      }
    })();
    const breaking = (async () => {
      for (let n = 0; !over; n++) {
        proxy.answerBytesLeft = (n * 397) % 3001;
        await until(() => over || proxy.answerBytesLeft === Infinity);
        await sleep(20 + ((n * 37) % 60));
      }
    })();
    for (const request of load.requests) {
      for (;;) {
        const status = (await engine.post(request))?.status;
        statuses.add(status);
        if (status === 202) break;
        await sleep(20);
      }
    }
    await engine.quiet();
    over = true;
    await Promise.all([asking, breaking]);
    proxy.answerBytesLeft = Infinity;
    expect([...statuses].filter((status) => ![200, 202, 503].includes(status!))).toEqual([]);
    await expectSame(engine, load);
    expect((await engine.ledger()).dead).toBe(0);
    expect(child.stderr()).not.toMatch(/handled alone|forwarding /);
  });
});
