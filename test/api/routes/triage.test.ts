/** Triage of one alert over HTTP: requests, answers, and the audit log. */
import { describe, expect, test } from 'vitest';
import { alertPage, alertWithHistory } from '../../../api/schemas/alert.ts';
import { problem } from '../../../api/schemas/problem.ts';
import { alertOf, iso } from '../../support/alerts.ts';
import { receivedMs } from '../../support/api.ts';
import { audited, failAudit, get, patch, store } from './triage.support.ts';

describe('PATCH /v1/alerts/:id', () => {
  test('changes the alert, returns the new ETag, and adds a history and an audit entry', async () => {
    const before = await get('/v1/alerts/al_a');
    expect(before.headers['etag']).toBe('"0"');
    expect(before.json()).toMatchObject({ status: 'open', history: [], history_dropped: 0 });
    const changed = await patch('al_a', { status: 'acknowledged', assignee: 'ann', note: 'looking' }, '"0"');
    expect([changed.statusCode, changed.headers['etag']]).toEqual([200, '"1"']);
    const history = [{ at: iso(receivedMs), who: 'ann', status: ['open', 'acknowledged'], assignee: [null, 'ann'], note: 'looking' }];
    expect(alertWithHistory.parse(changed.json())).toMatchObject({ status: 'acknowledged', assignee: 'ann', revision: 1, history });
    expect((await get('/v1/alerts/al_a')).json()).toEqual(changed.json());
    expect(audited).toEqual([
      { who: 'ann', action: 'alert.triage', subject: 'al_a', detail: { status: 'acknowledged', assignee: 'ann', note: 'looking' } },
    ]);
  });

  test('refuses to overwrite a change that the analyst has not seen', async () => {
    expect((await patch('al_a', { assignee: 'ann' }, '"0"')).statusCode).toBe(200);
    const late = await patch('al_a', { assignee: 'bob' }, '"0"');
    expect([late.statusCode, late.headers['etag']]).toEqual([412, '"1"']);
    expect(problem.parse(late.json())).toMatchObject({
      code: 'alert-changed',
      now: { revision: 1, status: 'open', assignee: 'ann', verdict: null },
    });
    expect((await patch('al_a', { assignee: 'bob' })).json()).toMatchObject({ status: 428, code: 'revision-required' });
    expect(audited).toHaveLength(1);
    expect((await patch('al_a', { assignee: 'bob' }, '*')).json()).toMatchObject({ assignee: 'bob', revision: 2 });
    expect((await patch('al_a', { note: 'a note needs no revision' })).statusCode).toBe(200);
  });

  test('answers a repeated change as before, adds nothing to the history, and audits it again', async () => {
    const change = { status: 'closed', verdict: 'true_positive', note: 'sure' };
    failAudit(true);
    expect((await patch('al_a', change, '"0"')).statusCode).toBe(500);
    failAudit(false);
    const again = await patch('al_a', change, '"0"');
    expect([again.statusCode, again.headers['etag']]).toEqual([200, '"1"']);
    expect(again.json<{ history: unknown[] }>().history).toHaveLength(1);
    expect(audited).toMatchObject([{ subject: 'al_a', detail: { ...change, repeated: true } }]);
  });

  test.each<[object | string, string]>([
    [{ id: 'al_x' }, '/body/id'],
    [{ rule: {} }, '/body/rule'],
    [{ created: iso(0) }, '/body/created'],
    [{ status: 'closed', revision: 7 }, '/body/revision'],
    [{ stauts: 'open' }, '/body/stauts'],
    ['{"__proto__":{"status":"open"}}', '/body/__proto__'],
    ['{"status":"open","constructor":{}}', '/body/constructor'],
    [{ status: 'new' }, '/body/status'],
    [{ status: null }, '/body/status'],
    [{ verdict: 'maybe' }, '/body/verdict'],
    [{ assignee: '' }, '/body/assignee'],
    [{ assignee: 'x'.repeat(129) }, '/body/assignee'],
    [{ assignee: 'ann\r\nset-cookie: x' }, '/body/assignee'],
    [{ note: '  ' }, '/body/note'],
    [{ note: 'x'.repeat(4001) }, '/body/note'],
    [{ note: ['x'] }, '/body/note'],
    [{}, '/body'],
    ['[]', '/body'],
    ['null', '/body'],
  ])('%j is a problem that points to %s, and changes nothing', async (body, pointer) => {
    const response = await patch('al_a', body, '"0"');
    expect(response.statusCode).toBe(400);
    expect(problem.parse(response.json()).errors).toMatchObject([{ pointer }]);
    expect(await store.get('al_a')).toEqual(alertOf('a'));
    expect(audited).toEqual([]);
  });

  test.each(['3', '"x"', '"0", "1"', '', '"-1"', `"${'9'.repeat(40)}"`])('If-Match: %s is a problem', async (seen) => {
    const response = await patch('al_a', { assignee: 'ann' }, seen);
    expect(response.json()).toMatchObject({ status: 400, code: 'invalid-request', errors: [{ pointer: '/headers/if-match' }] });
  });

  test('requires a verdict to close, and answers 404 for an unknown alert', async () => {
    expect((await patch('al_a', { status: 'closed' }, '"0"')).json()).toMatchObject({
      status: 400,
      code: 'verdict-required',
      errors: [{ pointer: '/body/verdict' }],
    });
    expect((await patch('al_x', { note: 'x' })).json()).toMatchObject({ status: 404, code: 'no-such-alert' });
    expect((await patch('..%2f..', { note: 'x' })).json()).toMatchObject({ status: 404 });
  });
});

test('search finds by assignee and verdict', async () => {
  await patch('al_a', { assignee: 'ann', verdict: 'benign' }, '"0"');
  const ids = async (query: string) => alertPage.parse((await get(`/v1/alerts?${query}`)).json()).alerts.map(({ id }) => id);
  expect(await ids('assignee=ann')).toEqual(['al_a']);
  expect(await ids('verdict=benign&assignee=ann')).toEqual(['al_a']);
  expect(await ids('assignee=bob')).toEqual([]);
  expect((await get('/v1/alerts?verdict=good')).json()).toMatchObject({ errors: [{ pointer: '/query/verdict' }] });
  expect((await get('/v1/alerts?assignee=')).json()).toMatchObject({ errors: [{ pointer: '/query/assignee' }] });
});
