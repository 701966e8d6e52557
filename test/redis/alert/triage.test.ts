import { afterAll, describe, expect, it } from 'vitest';
import { limits } from '../../../engine/core/limits.ts';
import { openAlertChanges, waitForChanges } from '../../../engine/redis/alert/changes.ts';
import { openAlertStore } from '../../../engine/redis/alert/store.ts';
import { openTriage } from '../../../engine/redis/alert/triage.ts';
import { connect } from '../../../engine/redis/connection.ts';
import { keys } from '../../../engine/redis/keys.ts';
import { alertTriageContract } from '../../contract/alert-triage.ts';
import { alertOf, iso, noon } from '../../support/alerts.ts';
import { ownRedis } from '../../support/own-redis.ts';

const { server, redis } = await ownRedis();
/** Another process's connection. */
const other = connect(server.url, 'other');
afterAll(() => other.disconnect());

describe('triage on Redis', () => {
  alertTriageContract(async (options) => {
    await redis.flushall();
    return { store: openAlertStore(other, options), triage: openTriage(redis), changes: openAlertChanges(redis) };
  });

  it('leaves nothing of a deleted alert except its entries in the bounded stream', async () => {
    await redis.flushall();
    const [store, triage] = [openAlertStore(redis, { alertsMsMax: 1000 }), openTriage(redis)];
    await store.put([alertOf('a', { shadow: true })]);
    await triage.triage([{ id: 'al_a', change: { status: 'closed', verdict: 'benign' }, by: { who: 'ann', at: iso(noon) } }]);
    expect(await store.trim(noon + 2000)).toEqual({ closed: 1 });
    expect(await redis.keys('*')).toEqual([keys.alertChanges]);
  });

  it('bounds the stream, and a busy alert does not push the others out of it', async () => {
    await redis.flushall();
    const [store, changes] = [openAlertStore(redis), openAlertChanges(redis)];
    await store.put([alertOf('first'), alertOf('busy')]);
    const [mine] = await changes.after('0-0', 1);
    for (let from = 1; from <= 12_000; from += 500) {
      const updates = Array.from({ length: 500 }, (_, i) => from + i);
      await store.update(updates.map((v) => ({ id: 'al_busy', version: v, count: v, first_seen: iso(noon), last_seen: iso(noon + v) })));
    }
    expect((await changes.after('0-0', 100)).map(({ kind, alertId }) => [kind, alertId])).toEqual([
      ['created', 'al_first'],
      ['created', 'al_busy'],
      ['counted', 'al_busy'],
    ]);
    for (let from = 0; from < limits.alertChangesMax + 1000; from += 500)
      await store.put(Array.from({ length: 500 }, (_, i) => alertOf(`n${from + i}`, { created: iso(noon + from + i) })));
    const length = await redis.xlen(keys.alertChanges);
    expect(length).toBeGreaterThanOrEqual(limits.alertChangesMax);
    expect(length).toBeLessThan(limits.alertChangesMax + 200);
    expect((await changes.ends()).first).not.toBe(mine!.id);
  });

  it('waits for new entries', async () => {
    await redis.flushall();
    const blocking = connect(server.url, 'blocking');
    expect(await waitForChanges(blocking, '0-0', 10, 10)).toEqual([]);
    const waiting = waitForChanges(blocking, '0-0', 10, 60_000);
    await openAlertStore(redis).put([alertOf('a')]);
    expect(await waiting).toMatchObject([{ kind: 'created', alertId: 'al_a' }]);
    blocking.disconnect();
  });
});
