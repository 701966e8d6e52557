/** `weir explain`: events against rules, and alerts from a file or an API. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Alert } from '../../../engine/core/alert/alert.ts';
import { jsonLines, lines, testFolder, weir } from '../explain/explain.support.ts';

const folder = testFolder();
const ruleText = `
id: card-testing
title: Card testing
level: high
risk: 40
conditions:
  all:
    - { fact: event.dataset, operator: equal, value: payments }
    - { fact: transaction.status, operator: equal, value: declined }
correlation: { type: value_count, group-by: [source.ip], timespan: 10m, condition: { field: card, gte: 3 } }
message: "{{source.ip}} tried {{value}} cards"
---
id: takeover
steps:
  - { name: guess, conditions: { all: [ { fact: event.dataset, operator: equal, value: logins }, { fact: ok, operator: equal, value: false } ] } }
  - { name: enter, conditions: { all: [ { fact: event.dataset, operator: equal, value: logins }, { fact: ok, operator: equal, value: true } ] } }
  - { name: reset, not: true, conditions: { all: [ { fact: event.dataset, operator: equal, value: resets } ] } }
correlation: { type: temporal_ordered, group-by: [user], timespan: 10m }
`;
const rules = folder.put('rules.yaml', ruleText);
const payment = (n: number): string =>
  JSON.stringify({
    id: `e${n}`,
    '@timestamp': `2026-01-01T00:0${n}:00Z`,
    'event.dataset': 'payments',
    'transaction.status': 'declined',
    'source.ip': '203.0.113.9',
    card: `c${n}`,
  });
const login = (n: number, ok: boolean): string =>
  JSON.stringify({ id: `l${n}`, '@timestamp': `2026-01-01T00:0${n}:00Z`, 'event.dataset': 'logins', ok, user: 'ann' });

describe('events', () => {
  test('explains one object over many lines against every rule, and only lists rules of which no condition holds', async () => {
    const event = folder.put('event.json', JSON.stringify(JSON.parse(payment(1)), undefined, 2).replace('declined', 'approved'));
    const { code, stdout } = await weir(['explain', '--event', event, '--rules', rules]);
    expect(code).toBe(0);
    expect(stdout.split('\n')).toEqual([
      'event e1 of payments at 2026-01-01T00:01:00.000Z',
      '',
      'card-testing  Card testing  (live, high)',
      'does not match: no condition held',
      '  ✗ all',
      '    ✓ event.dataset equal "payments"',
      '    ✗ transaction.status equal "declined"   is "approved"',
      '  group source.ip = 203.0.113.9',
      '  then value_count of card gte 3 in 10m',
      '',
      'no condition holds: takeover',
      '',
      '',
    ]);
  });

  test('reads NDJSON and arrays, shows matches first, and can explain one rule only', async () => {
    for (const input of [`${login(1, true)}\n${payment(2)}\n`, `[\n${login(1, true)},\n${payment(2)}\n]`]) {
      const { stdout } = await weir(['explain', '--event', '-', '--rules', rules], input);
      expect(lines(stdout).filter((line) => /^(event|matches|does)/.test(line))).toEqual([
        'event l1 of logins at 2026-01-01T00:01:00.000Z',
        'matches',
        'event e2 of payments at 2026-01-01T00:02:00.000Z',
        'matches',
      ]);
    }
    const alone = await weir(['explain', '--event', '-', '--rule', 'takeover', '--rules', rules], payment(1));
    expect(alone.stdout).toContain('does not match: no condition held');
    expect(alone.stdout).not.toContain('card-testing');
  });

  test('prints every rule and condition with --json, one line per event', async () => {
    const [first, ...more] = jsonLines<{ rules: { rule: string; because: string; steps: object[] }[] }>(
      (await weir(['explain', '--event', '-', '--rules', rules, '--json'], payment(1))).stdout,
    );
    expect(more).toEqual([]);
    expect(first).toMatchObject({ index: 0, id: 'e1', dataset: 'payments', time: '2026-01-01T00:01:00.000Z', tags: [] });
    expect(first!.rules.map(({ rule, because }) => [rule, because])).toEqual([
      ['card-testing', 'matched'],
      ['takeover', 'no-condition-held'],
    ]);
    expect(first!.rules[0]!.steps).toMatchObject([
      {
        held: true,
        condition: { kind: 'all', of: [{ fact: 'event.dataset', expected: 'payments', actual: 'payments' }, {}] },
        group: [{ values: ['203.0.113.9'] }],
      },
    ]);
  });

  test('reports unreadable events, unknown rules and wrong usage', async () => {
    expect(await weir(['explain', '--event', '-', '--rules', rules], 'nothing')).toMatchObject({ code: 1, stdout: '' });
    expect(await weir(['explain', '--event', '-', '--rules', rules], '')).toMatchObject({ code: 1, stdout: '' });
    expect(await weir(['explain', '--event', '-', '--rule', 'card-testin', '--rules', rules], payment(1))).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('did you mean card-testing?'),
    });
    for (const args of [
      [],
      ['al_x', '--event', 'f'],
      ['al_x', '--rule', 'r'],
      ['--event', 'f', '--from', 'g'],
      ['al_x', '--from', 'f', '--url', 'u'],
    ]) {
      expect((await weir(['explain', ...args])).code).toBe(2);
    }
    expect((await weir(['explain', '--event', '-', '--rules', folder.put('bad.yaml', 'id: x\n')], payment(1))).code).toBe(78);
  });
});

describe('alerts', () => {
  let replayed = '';
  let alerts: Alert[] = [];
  let api: Server;
  let url = '';
  beforeAll(async () => {
    const input = [1, 2, 3, 4].map(payment).concat(login(1, false), login(2, true)).join('\n');
    const { stdout } = await weir(['replay', '-', '--rules', rules, '--drain'], input);
    replayed = folder.put('alerts.ndjson', stdout);
    alerts = jsonLines<Alert>(stdout);
    api = createServer((request, response) => {
      const alert = alerts.find(({ id }) => request.url === `/v1/alerts/${id}`);
      const problem = { status: request.url?.includes('al_ill') === true ? 503 : 404, detail: 'Redis is unreachable' };
      response.statusCode = alert === undefined ? problem.status : 200;
      response.end(JSON.stringify(alert ?? problem));
    });
    await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(api.address() as AddressInfo).port}`;
  });
  afterAll(() => api.close());

  test('shows reason, group, and the evidence in order with the steps it matches', async () => {
    const alert = alerts.find(({ rule }) => rule.id === 'card-testing')!;
    const { code, stdout } = await weir(['explain', alert.id, '--from', replayed, '--rules', rules]);
    expect(code).toBe(0);
    expect(lines(stdout)).toEqual([
      `${alert.id}  card-testing  Card testing  (high, open)`,
      '3 distinct card for source.ip=203.0.113.9 in 10m (needs 3)',
      '  message   203.0.113.9 tried 3 cards',
      '  group     source.ip = 203.0.113.9',
      '  entities  source.ip 203.0.113.9 (risk 40)',
      '  count     4 events from 2026-01-01T00:01:00.000Z to 2026-01-01T00:04:00.000Z',
      '  2026-01-01T00:01:00.000Z          payments e1  card-testing  card = c1',
      '  2026-01-01T00:02:00.000Z  +1m     payments e2  card-testing  card = c2',
      '  2026-01-01T00:03:00.000Z  +2m     payments e3  card-testing  card = c3',
      '  and 1 more, not kept as evidence',
      '  ✓ all',
      '    ✓ event.dataset equal "payments"',
      '    ✓ transaction.status equal "declined"',
      '  then value_count of card gte 3 in 10m',
    ]);
  });

  test('shows each event of a sequence with its step, and the step that did not happen', async () => {
    const alert = alerts.find(({ rule }) => rule.id === 'takeover')!;
    const { stdout } = await weir(['explain', alert.id, '--from', replayed, '--rules', rules]);
    expect(lines(stdout)).toEqual(
      expect.arrayContaining([
        '  2026-01-01T00:01:00.000Z          logins l1  guess',
        '  2026-01-01T00:02:00.000Z  +1m     logins l2  enter',
        '  step guess',
        '  step reset (must not happen)',
        '    no event in the evidence matches',
      ]),
    );
  });

  test('explains an alert from the API like one from a file', async () => {
    const alert = alerts[0]!;
    const [fromFile, fromApi] = await Promise.all(
      [
        ['--from', replayed],
        ['--url', url],
        ['--url', `${url}/`],
      ].map((source) => weir(['explain', alert.id, ...source, '--rules', rules, '--json'])),
    );
    expect(fromApi).toEqual(fromFile);
    expect(jsonLines(fromApi!.stdout)).toMatchObject([
      { alert: { id: alert.id }, rule: 'unchanged', evidence: alert.events.map(() => ({ steps: [expect.any(String)] })) },
    ]);
  });

  test('reports a changed rule, a missing rule, broken rules and expired evidence', async () => {
    const alert = alerts.find(({ rule }) => rule.id === 'card-testing')!;
    const changed = folder.put('changed.yaml', ruleText.replace('gte: 3', 'gte: 4'));
    const gone = folder.put('gone.yaml', ruleText.replace('id: card-testing', 'id: other'));
    const bad = folder.put('bad.yaml', 'id: x\n');
    const explained = (file: string, from = replayed): Promise<{ code: number; stdout: string; stderr: string }> =>
      weir(['explain', alert.id, '--from', from, '--rules', file]);
    expect((await explained(changed)).stdout).toContain('card-testing has changed since');
    expect((await explained(gone)).stdout).toContain('card-testing is not among these rules');
    expect(await explained(bad)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('3 distinct card'),
      stderr: expect.stringContaining('no-conditions'),
    });
    const [first, ...rest] = alert.events;
    const expired = { ...alert, events: [{ 'weir.expired': true, '@timestamp': first!['@timestamp'] }, ...rest] };
    const { stdout } = await explained(rules, folder.put('expired.ndjson', JSON.stringify(expired)));
    expect(stdout).toMatch(/2026-01-01T00:01:00Z +expired/);
  });

  test('shows the triage: assignee, verdict and each change', async () => {
    const alert = alerts.find(({ rule }) => rule.id === 'card-testing')!;
    const history = [
      { at: '2026-01-01T01:00:00.000Z', who: 'ann', status: ['open', 'acknowledged'], assignee: [null, 'ann'] },
      {
        at: '2026-01-01T02:00:00.000Z',
        who: 'ann',
        status: ['acknowledged', 'closed'],
        verdict: [null, 'benign'],
        note: 'a \u001b[31mtest',
      },
    ];
    const triaged = { ...alert, status: 'closed', assignee: 'ann', verdict: 'benign', revision: 5, history, history_dropped: 3 };
    const { stdout } = await weir(['explain', alert.id, '--from', folder.put('triaged.ndjson', JSON.stringify(triaged)), '--rules', rules]);
    expect(stdout).not.toContain('\u001b[31m');
    expect(lines(stdout)).toEqual(
      expect.arrayContaining([
        '  assignee  ann',
        '  verdict   benign',
        '  3 older changes are in the audit log',
        '  2026-01-01T01:00:00.000Z  ann  status open to acknowledged, assignee none to ann',
        expect.stringMatching(/^  2026-01-01T02:00:00.000Z  ann  status acknowledged to closed, verdict none to benign, "a .*test"$/),
      ]),
    );
  });

  test('reports an unknown alert, and an engine that does not answer or answers with a problem', async () => {
    expect(await weir(['explain', 'al_no', '--from', replayed, '--rules', rules])).toMatchObject({ code: 1, stdout: '' });
    expect(await weir(['explain', 'al_no', '--url', url, '--rules', rules])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('has no alert al_no'),
    });
    expect(await weir(['explain', 'al_ill', '--url', url, '--rules', rules])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('503: Redis is unreachable'),
    });
    expect(await weir(['explain', 'al_no', '--url', 'http://127.0.0.1:1', '--rules', rules])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('does not answer'),
    });
    expect((await weir(['explain', 'al_no', '--url', 'nonsense', '--rules', rules])).code).toBe(2);
  });
});
