/** Dead letters of a running engine are listed, retried and discarded. The ledger adds up at every step, and no event counts twice. */
import { describe, expect, it } from 'vitest';
import { deadLetterPage, letterBulkAnswer } from '../../api/schemas/dead-letters.ts';
import { keys } from '../../engine/redis/keys.ts';
import { shards, shippedProgram, startEngine, type TestEngine } from '../support/engine.ts';
import { start, until, type Child } from '../support/processes.ts';
import { addPack } from '../support/packs.ts';

const rules = {
  'rules.yaml': `
id: jackpot
conditions: { all: [{ fact: kind, operator: equal, value: jackpot }] }
---
id: three
conditions: { all: [{ fact: kind, operator: equal, value: jackpot }] }
correlation: { type: event_count, group-by: [user], timespan: 1h, condition: { gte: 3 } }
`,
};
const time = Date.UTC(2026, 5, 1);
const jackpot = (id: string, more: object = {}) => ({ id, time, kind: 'jackpot', user: 'u', ...more });

async function call(engine: TestEngine, method: string, path: string, body?: object): Promise<{ status: number; body: unknown }> {
  const json = body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
  const answer = await fetch(engine.url() + path, { method, ...json });
  return { status: answer.status, body: await answer.json() };
}
const letters = async (engine: TestEngine) => deadLetterPage.parse((await call(engine, 'GET', '/v1/dead-letters')).body).dead_letters;
const retried = async (engine: TestEngine): Promise<number> => {
  const counts = await Promise.all(Array.from({ length: shards }, (_, shard) => engine.redis.hget(keys.stats(shard), 'retried')));
  return counts.reduce((sum, count) => sum + Number(count ?? 0), 0);
};
const audited = async (engine: TestEngine): Promise<string[]> =>
  (await engine.redis.xrange(keys.audit, '-', '+')).map(([, fields]) => fields[fields.indexOf('action') + 1]!);

/** A worker of the shipped program, without the faults of the test program. */
async function soundWorker(engine: TestEngine): Promise<Child> {
  const child = start(process.execPath, ['--disable-warning=ExperimentalWarning', shippedProgram, 'worker'], { env: engine.env });
  await until(() => child.stderr().includes('running'));
  return child;
}

describe('dead letters', () => {
  it('are retried as the same event, which counts once, and the ledger adds up', async () => {
    await using engine = await startEngine({ rules });
    await engine.start('api');
    const faulty = await engine.start('worker');
    await engine.send([jackpot('a'), jackpot('bad', { fault: 'throw' }), jackpot('b')]);
    expect(await engine.quiet()).toEqual({ accepted: 3, processed: 2, dead: 1, pending: 0 });
    const [letter] = await letters(engine);
    expect(letter).toMatchObject({
      retryable: true,
      event: { id: 'bad', time: new Date(time).toISOString(), dataset: 'default' },
      cause: 'this event cannot be matched',
    });
    expect((await call(engine, 'GET', `/v1/dead-letters/${letter!.id}`)).body).toEqual(letter);

    expect((await call(engine, 'POST', `/v1/dead-letters/${letter!.id}/retry`)).body).toEqual({ id: letter!.id, outcome: 'retried' });
    expect(await engine.quiet()).toEqual({ accepted: 4, processed: 2, dead: 2, pending: 0 });
    const [again, ...others] = await letters(engine);
    expect([others, again!.event]).toEqual([[], letter!.event]);
    expect(again!.id).not.toBe(letter!.id);

    await engine.kill(faulty);
    const answers = await Promise.all([1, 2, 3].map(() => call(engine, 'POST', `/v1/dead-letters/${again!.id}/retry`)));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 404, 404]);
    expect(await engine.ledger()).toEqual({ accepted: 5, processed: 2, dead: 2, pending: 1 });
    const sound = await soundWorker(engine);
    try {
      expect(await engine.quiet()).toEqual({ accepted: 5, processed: 3, dead: 2, pending: 0 });
      // The same event counts once when its producer sends it again.
      await engine.send([jackpot('bad', { fault: 'throw' })]);
      expect(await engine.quiet()).toMatchObject({ accepted: 6, processed: 4 });
    } finally {
      await engine.kill(sound);
    }
    expect(await letters(engine)).toEqual([]);
    expect(await retried(engine)).toBe(2);
    const alerts = await engine.alerts();
    expect(alerts.map(({ rule, count }) => [rule.id, count]).toSorted()).toEqual([
      ['jackpot', 1],
      ['jackpot', 1],
      ['jackpot', 1],
      ['three', 3],
    ]);
    expect((await audited(engine)).filter((action) => action === 'dead-letter.retry').length).toBeGreaterThanOrEqual(2);
  });

  it('can only be discarded when they could not be decoded; bulk requests select by stage and can be tried with dry_run', async () => {
    await using engine = await startEngine({ rules });
    await engine.start('api');
    await engine.start('worker');
    await Promise.all(['not a pack', 'nor this'].map((text, i) => addPack(engine.redis, i, text, 1)));
    const bad = Array.from({ length: 5 }, (_, i) => jackpot(`bad${i}`, { fault: 'throw' }));
    await engine.send(bad);
    await engine.quiet();
    const all = await letters(engine);
    const unread = all.filter(({ stage }) => stage === 'decode');
    expect([all.length, unread.length]).toEqual([7, 2]);
    expect(await call(engine, 'POST', `/v1/dead-letters/${unread[0]!.id}/retry`)).toMatchObject({
      status: 409,
      body: { code: 'not-retryable' },
    });
    const bulk = async (verb: string, body: object) =>
      letterBulkAnswer.parse((await call(engine, 'POST', `/v1/dead-letters/${verb}`, body)).body);
    expect(await bulk('discard', { stage: 'correlate', dry_run: true })).toMatchObject({ matched: 5, done: 0 });
    expect(await bulk('retry', { ids: all.map(({ id }) => id) })).toMatchObject({
      matched: 7,
      done: 5,
      not_retryable: expect.arrayContaining(unread.map(({ id }) => id)) as string[],
    });
    expect(await engine.quiet()).toEqual({ accepted: 12, processed: 0, dead: 12, pending: 0 });
    let cursor: string | null = null;
    let discarded = 0;
    do {
      const answer: { done: number; next_cursor: string | null } = await bulk('discard', {
        stage: 'correlate',
        limit: 2,
        ...(cursor === null ? {} : { cursor }),
      });
      discarded += answer.done;
      cursor = answer.next_cursor;
    } while (cursor !== null);
    expect(discarded).toBe(5);
    expect((await call(engine, 'DELETE', `/v1/dead-letters/${unread[0]!.id}`)).body).toEqual({ id: unread[0]!.id, outcome: 'discarded' });
    expect((await call(engine, 'DELETE', `/v1/dead-letters/${unread[0]!.id}`)).status).toBe(404);
    expect((await letters(engine)).map(({ id }) => id)).toEqual([unread[1]!.id]);
    expect(await engine.ledger()).toEqual({ accepted: 12, processed: 0, dead: 12, pending: 0 });
    for (const path of ['x', '0-0:99', '1-1:0', '*']) expect((await call(engine, 'GET', `/v1/dead-letters/${path}`)).status).toBe(404);
  });
});
