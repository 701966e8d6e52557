/** The SIEM queue over HTTP: lease, ack, nack. */
import { describe, expect, test } from 'vitest';
import { leaseAnswer, settleAnswer, siemDepth } from '../../../api/schemas/siem.ts';
import { alertOf } from '../../support/alerts.ts';
import { idleParts } from '../../support/api.ts';
import { get, open, post } from '../app.support.ts';

describe('the SIEM queue', () => {
  const lease = { lease: 'l1', expires: '2026-01-01T00:01:00.000Z', alert: alertOf('1') };

  test('serves depth, lease with defaults, ack and nack', async () => {
    const asked: unknown[] = [];
    const idle = idleParts().siem;
    await open({
      siem: { ...idle, lease: async (request) => (asked.push(request), [lease]), nack: async (leases) => ({ done: [], expired: leases }) },
    });
    siemDepth.parse((await get('/v1/siem')).json());
    expect(leaseAnswer.parse((await post('/v1/siem/lease')).json()).leases).toHaveLength(1);
    await post('/v1/siem/lease', {});
    await post('/v1/siem/lease', { max: 500, seconds: 3600 });
    expect(asked).toEqual([
      { max: 10, seconds: 60 },
      { max: 10, seconds: 60 },
      { max: 500, seconds: 3600 },
    ]);
    expect(settleAnswer.parse((await post('/v1/siem/ack', { leases: ['a', 'b'] })).json())).toEqual({ done: ['a', 'b'], expired: [] });
    expect((await post('/v1/siem/nack', { leases: ['a'] })).json()).toEqual({ done: [], expired: ['a'] });
  });

  test.each<[string, object | string, string]>([
    ['/v1/siem/lease', { max: 0 }, '/body/max'],
    ['/v1/siem/lease', { max: 501 }, '/body/max'],
    ['/v1/siem/lease', { seconds: 3601 }, '/body/seconds'],
    ['/v1/siem/lease', { seconds: 1.5 }, '/body/seconds'],
    ['/v1/siem/lease', { count: 5 }, '/body/count'],
    ['/v1/siem/ack', {}, '/body/leases'],
    ['/v1/siem/ack', { leases: 'a' }, '/body/leases'],
    ['/v1/siem/ack', { leases: [5] }, '/body/leases/0'],
  ])('%s %j is a problem that points to the error', async (url, body, pointer) => {
    await open();
    const response = await post(url, body);
    expect(response.statusCode).toBe(400);
    expect(response.json()).toMatchObject({ code: 'invalid-request', errors: [{ pointer }] });
  });

  test('refuses bodies that are not JSON', async () => {
    await open();
    expect((await post('/v1/siem/ack', '{"leases":')).json()).toMatchObject({ status: 400, code: 'invalid-json' });
    expect((await post('/v1/siem/ack', 'x', 'text/csv')).json()).toMatchObject({ status: 415, code: 'unsupported-media-type' });
  });
});
