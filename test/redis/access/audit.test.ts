import { beforeEach, describe, expect, it } from 'vitest';
import { limits } from '../../../engine/core/limits.ts';
import { openAudit, openAuditLog } from '../../../engine/redis/access/audit.ts';
import { keys } from '../../../engine/redis/keys.ts';
import { countingMeter } from '../../support/counting.ts';
import { ownRedis } from '../../support/own-redis.ts';

const { redis } = await ownRedis();
beforeEach(() => redis.flushall());
const { meter, counted } = countingMeter();
const audit = openAudit(redis, meter);
const log = openAuditLog(redis);
const write = async (count: number): Promise<void> => {
  for (let i = 0; i < count; i++) await audit({ who: i % 3 === 0 ? 'boss' : 'soc', action: `a.${i % 2}`, subject: `s${i}`, detail: { i } });
};

describe('the audit log', () => {
  it('returns what was written, newest first', async () => {
    await audit({ who: 'boss', action: 'key.create', subject: 'x', detail: { scopes: ['read'], 'a b': null } });
    await audit({ who: 'soc', action: 'alert.triage', subject: 'al_1' });
    const { entries, next } = await log.list({ limit: 10, after: undefined });
    expect(next).toBeUndefined();
    expect(entries).toMatchObject([
      { who: 'soc', action: 'alert.triage', subject: 'al_1', detail: {} },
      { who: 'boss', action: 'key.create', subject: 'x', detail: { scopes: ['read'], 'a b': null } },
    ]);
    expect(Math.abs(Date.parse(entries[0]!.at) - Date.now())).toBeLessThan(60_000);
  });

  it('returns each entry once over all pages, with any filter, while more are written', async () => {
    await write(50);
    for (const filter of [{}, { who: 'boss' }, { action: 'a.1' }, { who: 'soc', action: 'a.0' }, { subject: 's7' }, { who: 'nobody' }]) {
      const before = (await log.list({ limit: 1000, after: undefined, ...filter })).entries;
      const seen: string[] = [];
      for (let after: string | undefined; ;) {
        const page = await log.list({ limit: 4, after, ...filter });
        expect(page.entries.length).toBeLessThanOrEqual(4);
        seen.push(...page.entries.map(({ subject }) => subject));
        if (page.next === undefined) break;
        after = page.next;
        await audit({ who: 'boss', action: 'later', subject: 'later' });
      }
      expect(seen).toEqual(before.map(({ subject }) => subject));
    }
  });

  it('scans a bounded number of entries per request, and returns a cursor', async () => {
    await write(30);
    const bounded = openAuditLog(redis, 10);
    const pages: (readonly string[])[] = [];
    for (let after: string | undefined; ;) {
      const page = await bounded.list({ limit: 10, after, subject: 's3' });
      pages.push(page.entries.map(({ subject }) => subject));
      if (page.next === undefined) break;
      after = page.next;
    }
    expect(pages).toEqual([[], [], ['s3'], []]);
  });

  it('is bounded, and so is the detail of an entry', async () => {
    await audit({ who: 'a', action: 'b', subject: 'c', detail: { note: 'ü'.repeat(limits.auditDetailBytesMax) } });
    expect((await log.list({ limit: 1, after: undefined })).entries[0]?.detail).toEqual({
      left_out_bytes: 2 * limits.auditDetailBytesMax + '{"note":""}'.length,
    });
    const chain = redis.pipeline();
    for (let i = 0; i < limits.auditEntriesMax + 500; i++) chain.xadd(keys.audit, '*', 'who', 'x');
    await chain.exec();
    await write(1);
    const kept = await redis.xlen(keys.audit);
    expect(kept).toBeLessThan(limits.auditEntriesMax + 200);
    expect(counted).toEqual({ 'evicted audit': limits.auditEntriesMax + 502 - kept });
  });

  it('fails when Redis refuses the entry', async () => {
    await redis.set(keys.audit, 'no stream');
    await expect(audit({ who: 'a', action: 'b', subject: 'c' })).rejects.toThrow('WRONGTYPE');
  });
});
