import { describe, expect, it } from 'vitest';
import { readiness, type Vitals } from '../../engine/app/readiness.ts';
import { compile } from '../../engine/compile/index.ts';
import { limits } from '../../engine/core/limits.ts';

const rulesOf = (...texts: string[]): Vitals['rules'] => compile(texts.map((text, i) => ({ path: `rules/${i}.yaml`, text })));
const good = 'id: good\nconditions: { all: [{ fact: a, operator: equal, value: 1 }] }\n';
const bad = 'id: bad\nconditions: { all: [{ fact: a, operator: equl, value: 1 }, { fact: b, operator: equl, value: 1 }] }\n';
const well: Vitals = { redis: 'ready', rules: rulesOf(good), silentMs: [10, 20] };

describe('readiness', () => {
  it('of an engine that is well has no more to say; without workers of its own it has no such part', () => {
    expect(readiness(well)).toEqual({ redis: { ok: true }, rules: { ok: true }, workers: { ok: true } });
    expect(Object.keys(readiness({ ...well, silentMs: undefined }))).toEqual(['redis', 'rules']);
  });

  it('is not there while Redis is away', () => {
    expect(readiness({ ...well, redis: 'reconnecting' })['redis']).toEqual({
      ok: false,
      reason: 'the connection to Redis is reconnecting',
    });
  });

  it('says how many rule documents are bad, and stays: the others run', () => {
    expect(readiness({ ...well, rules: rulesOf(good, bad) })['rules']).toMatchObject({
      ok: true,
      reason: expect.stringMatching(/^1 document is bad/),
    });
    const two = readiness({ ...well, rules: rulesOf(good, bad, bad.replace('id: bad', 'id: worse')) })['rules'];
    expect(two).toMatchObject({ ok: true, reason: expect.stringMatching(/^2 documents are bad/) });
  });

  it('is not there when every document is bad: nothing would ever be found', () => {
    expect(readiness({ ...well, rules: rulesOf(bad) })['rules']).toMatchObject({
      ok: false,
      reason: expect.stringMatching(/^1 document is bad/),
    });
    expect(readiness({ ...well, rules: rulesOf() })['rules']).toEqual({ ok: true });
  });

  it('ends when a worker has not gone round for too long', () => {
    const silentMs = [10, limits.workerSilenceMsMax + 5000, limits.workerSilenceMsMax];
    expect(readiness({ ...well, silentMs })['workers']).toEqual({
      ok: false,
      reason: '1 of 3 workers have not gone round, the longest for 35 s',
    });
  });
});
