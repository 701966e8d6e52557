import { describe, expect, it } from 'vitest';
import { readiness, type Vitals } from '../../engine/app/readiness.ts';
import { compile } from '../../engine/compile/index.ts';
import { limits } from '../../engine/core/limits.ts';

const rulesOf = (...texts: string[]): Vitals['rules'] => compile(texts.map((text, i) => ({ path: `rules/${i}.yaml`, text })));
const good = 'id: good\nconditions: { all: [{ fact: a, operator: equal, value: 1 }] }\n';
const bad = 'id: bad\nconditions: { all: [{ fact: a, operator: equl, value: 1 }, { fact: b, operator: equl, value: 1 }] }\n';
const well: Vitals = { redis: 'ready', refusing: undefined, rules: rulesOf(good), silentMs: [10, 20] };

describe('readiness', () => {
  it('gives no reasons for healthy parts, and leaves out workers if the process has none', () => {
    expect(readiness(well)).toEqual({ redis: { ok: true }, rules: { ok: true }, workers: { ok: true } });
    expect(Object.keys(readiness({ ...well, silentMs: undefined }))).toEqual(['redis', 'rules']);
  });

  it('fails while Redis is unreachable', () => {
    expect(readiness({ ...well, redis: 'reconnecting' })['redis']).toEqual({
      ok: false,
      reason: 'the Redis connection is reconnecting',
    });
  });

  it('fails while Redis answers but refuses to work', () => {
    expect(readiness({ ...well, refusing: 'NOREPLICAS Not enough good replicas to write.' })['redis']).toEqual({
      ok: false,
      reason: 'Redis refuses to work: NOREPLICAS Not enough good replicas to write.',
    });
  });

  it('reports rule documents with errors, but stays ok as long as others run', () => {
    expect(readiness({ ...well, rules: rulesOf(good, bad) })['rules']).toMatchObject({
      ok: true,
      reason: expect.stringMatching(/^1 document has errors/),
    });
    const two = readiness({ ...well, rules: rulesOf(good, bad, bad.replace('id: bad', 'id: worse')) })['rules'];
    expect(two).toMatchObject({ ok: true, reason: expect.stringMatching(/^2 documents have errors/) });
  });

  it('fails if every document has errors: nothing would ever be found', () => {
    expect(readiness({ ...well, rules: rulesOf(bad) })['rules']).toMatchObject({
      ok: false,
      reason: expect.stringMatching(/^1 document has errors/),
    });
  });

  it('fails if there is no rule at all, although nothing has errors', () => {
    const reason = 'the rules folder has no rules: events are not evaluated';
    expect(readiness({ ...well, rules: rulesOf() })['rules']).toEqual({ ok: false, reason });
  });

  it('fails when a worker is stuck for too long', () => {
    const silentMs = [10, limits.workerSilenceMsMax + 5000, limits.workerSilenceMsMax];
    expect(readiness({ ...well, silentMs })['workers']).toEqual({
      ok: false,
      reason: '1 of 3 workers is stuck, for up to 35 s',
    });
  });
});
