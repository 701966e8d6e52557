/** The errors of invalid requests: every query parameter of the API, paths, headers and bodies. */
import { afterAll, describe, expect, it } from 'vitest';
import { buildApp } from '../../../api/app.ts';
import { idleParts } from '../../support/api.ts';

const app = await buildApp(idleParts(), { version: 'test' });
await app.ready();
afterAll(() => app.close());

type Answer = { status: number; code: string; detail: string; errors: { pointer: string; detail: string }[] };
const ask = async (method: 'GET' | 'POST' | 'PATCH' | 'DELETE', url: string, payload?: object | string): Promise<Answer> => {
  const headers = { 'content-type': 'application/json', 'if-match': '"0"' };
  const answer = await app.inject(payload === undefined ? { method, url } : { method, url, headers, payload });
  return answer.json();
};

const levels = 'informational, low, medium, high, critical';
const long = 'x'.repeat(3000);
const x40 = 'x'.repeat(40);
const time = 'is neither RFC 3339 (2026-01-01T00:00:00Z) nor epoch s, ms, µs or ns';
const filters: [name: string, value: string, detail: string][] = [
  ['status', 'foo', 'must be one of open, acknowledged, closed, not "foo"'],
  ['status', '', 'must be one of open, acknowledged, closed, not ""'],
  ['verdict', 'maybe', 'must be one of true_positive, false_positive, benign, duplicate, not "maybe"'],
  ['level', 'urgent', `must be one of ${levels}, not "urgent"`],
  ['min_level', 'HIGH', `must be one of ${levels}, not "HIGH"`],
  ['assignee', '', 'must be a string of 1 to 128 characters, not ""'],
  ['assignee', '%07', 'must not contain control characters, not "\\u0007"'],
  ['rule', '', 'must be a string of 1 to 256 characters, not ""'],
  ['rule', long, `must be a string of 1 to 256 characters, not "${x40}…" (3000 characters)`],
  ['entity', '203.0.113.9', 'must be field:value, such as source.ip:203.0.113.9, not "203.0.113.9"'],
  ['since', 'yesterday', `time "yesterday" ${time}`],
  ['since', long, `must be a string of at most 64 characters, not "${x40}…" (3000 characters)`],
  ['until', '2026-13-01T00:00:00Z', `time "2026-13-01T00:00:00Z" ${time}`],
  ['shadow', 'yes', 'must be one of true, false, not "yes"'],
];
const limit: typeof filters = ['abc', '0', '501', '1.5', '', '-1', '1e9'].map((value) => [
  'limit',
  value,
  `must be an integer from 1 to 500, not "${value}"`,
]);
const cursor: typeof filters = [['cursor', long, `must be a string of at most 2048 characters, not "${x40}…" (3000 characters)`]];
const audit = ['who', 'action', 'subject'].map((name): (typeof filters)[number] => [
  name,
  '',
  'must be a string of 1 to 512 characters, not ""',
]);

/** By route: each parameter with invalid values. */
const table: Readonly<Record<string, typeof filters>> = {
  'GET /v1/alerts': [...filters, ...limit, ...cursor],
  'GET /v1/alerts/stream': filters,
  'GET /v1/audit': [...audit, ...limit, ...cursor],
  'GET /v1/dead-letters': [...limit, ...cursor],
  'GET /v1/webhooks/{id}/deliveries': [...limit, ['state', 'gone', 'must be one of waiting, delivered, failed, not "gone"']],
  'POST /v1/rules/check': [['file', long, `must be a string of at most 256 characters, not "${x40}…" (3000 characters)`]],
  // Any string: one that cannot name a dataset has a code of its own.
  'POST /v1/events': [],
};

const cases = Object.entries(table).flatMap(([route, rows]) => rows.map(([name, value, detail]) => ({ route, name, value, detail })));
const [get, post] = ['GET', 'POST'] as const;
const urlOf = (route: string): ['GET' | 'POST', string] => [route.startsWith(get) ? get : post, route.split(' ')[1]!.replace('{id}', 'a')];

describe('query parameters', () => {
  it.each(cases)('$route?$name=$value', async ({ route, name, value, detail }) => {
    const [method, url] = urlOf(route);
    const answer = await ask(method, `${url}?${name}=${value}`, method === post ? 'id: x' : undefined);
    expect(answer).toMatchObject({ status: 400, code: 'invalid-request', detail: `/query/${name}: ${detail}` });
    expect(answer.errors).toEqual([{ pointer: `/query/${name}`, detail }]);
  });

  type Described = { paths: Record<string, Record<string, { parameters?: { in: string; name: string }[] }>> };
  const described = (app.swagger() as unknown as Described).paths;
  const all = Object.entries(described).flatMap(([path, operations]) =>
    Object.entries(operations).flatMap(([method, { parameters = [] }]) =>
      parameters.filter((one) => one.in === 'query').map(({ name }) => ({ route: `${method.toUpperCase()} ${path}`, name })),
    ),
  );

  it('are all in the table', () => {
    const covered = cases.map(({ route, name }) => `${route} ${name}`);
    const missing = all.map(({ route, name }) => `${route} ${name}`).filter((one) => !covered.includes(one));
    expect(missing).toEqual(['POST /v1/events dataset']);
  });

  it.each(all)('$route?$name, twice', async ({ route, name }) => {
    const [method, url] = urlOf(route);
    const answer = await ask(method, `${url}?${name}=open&${name}=open`, method === post ? 'id: x' : undefined);
    expect(answer.errors).toEqual([{ pointer: `/query/${name}`, detail: 'must be given once, not 2 times' }]);
  });

  it.each([
    ['/v1/alerts?stauts=open', '/query/stauts', 'unknown parameter; did you mean status?'],
    ['/v1/dead-letters?colour=red', '/query/colour', 'unknown parameter; known: limit, cursor'],
    ['/v1/dead-letters?a%2Fb~c=1', '/query/a~1b~0c', 'unknown parameter; known: limit, cursor'],
    [`/v1/dead-letters?${long}=1`, `/query/${'x'.repeat(64)}…`, 'unknown parameter; known: limit, cursor'],
    ['/v1/dead-letters?__proto__=1', '/query/__proto__', 'unknown parameter; known: limit, cursor'],
  ])('%s', async (url, pointer, detail) => {
    expect((await ask('GET', url)).errors).toEqual([{ pointer, detail }]);
  });

  it('reports all errors, up to a bound', async () => {
    const both = await ask('GET', '/v1/alerts?limit=0&status=x');
    expect(both.errors.map(({ pointer }) => pointer)).toEqual(['/query/status', '/query/limit']);
    const many = await ask('GET', `/v1/alerts?${Array.from({ length: 150 }, (_, i) => `p${i}=1`).join('&')}`);
    expect(many.errors).toHaveLength(100);
    expect(many.detail).toMatch(/^\/query\/p0: unknown parameter.* \(the first of 150 errors; 100 are listed\)$/);
  });
});

it.each([
  ['GET', `/v1/alerts/${'x'.repeat(300)}`, '/params/id', `must be a string of at most 256 characters, not "${x40}…" (300 characters)`],
  ['GET', `/v1/webhooks/${'x'.repeat(65)}`, '/params/id', `must be a string of at most 64 characters, not "${x40}…" (65 characters)`],
  ['DELETE', '/v1/keys/a%20b', '/params/name', 'must be 1 to 64 characters from A-Z a-z 0-9 . _ -, not "a b"'],
] as const)('in the path: %s %s', async (method, url, pointer, detail) => {
  expect((await ask(method, url)).errors).toEqual([{ pointer, detail }]);
});

describe('bodies', () => {
  it.each([
    ['PATCH', '/v1/alerts/a', { status: 'opn' }, '/body/status', 'must be one of open, acknowledged, closed'],
    [
      'PATCH',
      '/v1/alerts/a',
      { verdict: 7 },
      '/body/verdict',
      'must be one of true_positive, false_positive, benign, duplicate or null, not 7',
    ],
    ['PATCH', '/v1/alerts/a', { note: ' ' }, '/body/note', 'must not be blank'],
    ['PATCH', '/v1/alerts/a', { noet: 'x' }, '/body/noet', 'unknown field; did you mean note?'],
    ['PATCH', '/v1/alerts/a', {}, '/body', 'must change something: status, assignee, verdict or note'],
    ['PATCH', '/v1/alerts/a', [], '/body', 'must be an object, not an array'],
    ['POST', '/v1/siem/lease', { max: 501 }, '/body/max', 'must be an integer from 1 to 500, not 501'],
    ['POST', '/v1/siem/lease', { max: 'x' }, '/body/max', 'must be an integer from 1 to 500, not a string'],
    ['POST', '/v1/siem/lease', { secs: 5 }, '/body/secs', 'unknown field; known: max, seconds'],
    ['POST', '/v1/siem/ack', {}, '/body/leases', 'is missing; must be an array of at most 500 entries'],
    ['POST', '/v1/siem/ack', { leases: [{}] }, '/body/leases/0', 'must be a string of 1 to 512 characters, not an object'],
    ['POST', '/v1/keys', { name: 'a', scopes: ['x'] }, '/body/scopes/0', 'must be one of ingest, read, triage, siem, admin'],
    [
      'POST',
      '/v1/keys',
      { name: 'a', scopes: ['read'], expires: 'soon' },
      '/body/expires',
      'must be a time such as 2026-01-01T00:00:00Z or null',
    ],
    [
      'POST',
      '/v1/alerts/triage',
      { filter: { shadow: 1 }, change: { status: 'open' } },
      '/body/filter/shadow',
      'must be true or false, not 1',
    ],
    [
      'POST',
      '/v1/alerts/triage',
      { filter: {}, change: { status: 'x' } },
      '/body/change/status',
      'must be one of open, acknowledged, closed',
    ],
    ['POST', '/v1/webhooks', { headers: { a: 1 } }, '/body/headers/a', 'must be a string, not 1'],
    ['POST', '/v1/rules/test', { rules: 5, events: [] }, '/body/rules', 'must be a string, an object or an array of objects'],
  ] as const)('%s %s %j', async (method, url, body, pointer, detail) => {
    const answer = await ask(method, url, body);
    expect(answer).toMatchObject({ status: 400, code: 'invalid-request', detail: `${pointer}: ${detail}` });
    expect(answer.errors).toEqual([{ pointer, detail }]);
  });

  it('reports a missing body', async () => {
    expect((await ask('POST', '/v1/siem/ack')).errors).toEqual([{ pointer: '/body', detail: 'is missing; must be an object' }]);
  });

  it('never quotes text from a body, which may be a secret', async () => {
    const secret = 'not-for-anybody-else-'.repeat(10);
    const answer = await ask('POST', '/v1/webhooks', { secret, routing_key: [secret], headers: secret, form: secret, min_level: secret });
    expect(answer.errors).toHaveLength(5);
    expect(JSON.stringify(answer)).not.toContain('not-for-anybody');
  });
});
