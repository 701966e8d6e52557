/** The file of targets: what it may hold, and that everything wrong in it is told at once, with its place. */
import { describe, expect, it } from 'vitest';
import { nothingAllowed } from '../../../engine/compile/deliver/egress.ts';
import { readWebhookFile } from '../../../engine/compile/deliver/webhook-file.ts';
import { readTarget } from '../../../engine/compile/deliver/webhook-target.ts';

const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const read = (text: string) => readWebhookFile(text, nothingAllowed);

it('targets in every form', () => {
  const { targets, problems } = read(`
- id: soar
  url: https://soar.example.com/hooks/weir
  secret: ${secret}
  min_level: high
  rules: [card-testing]
  tags: [fraud.card-testing]
  headers: { Authorization: Bearer abcdefgh }
- { id: chat, form: slack, url: "https://hooks.slack.com/services/T/B/x" }
- { id: pager, form: pagerduty, routing_key: R0UT1NG, min_level: critical }
- { id: am, form: alertmanager, url: "https://am.example.com/", secret: [${secret}, ${secret}] }
`);
  expect(problems).toEqual([]);
  expect(targets).toEqual([
    {
      id: 'soar',
      url: 'https://soar.example.com/hooks/weir',
      form: 'standard',
      secrets: [{ secret }],
      headers: { authorization: 'Bearer abcdefgh' },
      minLevel: 'high',
      rules: ['card-testing'],
      tags: ['fraud.card-testing'],
      events: ['alert.created'],
      evidence: true,
    },
    expect.objectContaining({ id: 'chat', secrets: [], minLevel: 'informational', evidence: false }),
    expect.objectContaining({
      id: 'pager',
      url: 'https://events.pagerduty.com/v2/enqueue',
      routingKey: 'R0UT1NG',
      events: ['alert.created', 'alert.closed'],
    }),
    expect.objectContaining({ id: 'am', secrets: [{ secret }, { secret }] }),
  ]);
});

it('nothing, and JSON, are files too', () => {
  expect(read('')).toEqual({ targets: [], problems: [] });
  expect(read(JSON.stringify([{ id: 'a', url: 'https://a.example/', secret }])).targets).toHaveLength(1);
});

it('everything that is wrong is told at once, with its place and no secret', () => {
  const { targets, problems } = read(`- id: A
  url: http://169.254.169.254/
  secrt: ${secret}
  secret: whsec_short-and-secret
  min_level: urgent
  tags: fraud
  headers:
    Host: x
    ok: "a\\nb"
- id: a
  url: https://a.example/
  secret: ${secret}
- id: a
  form: slack
  routing_key: x
  events: [alert.opened]
  evidence: some
- just a text
`);
  expect(targets).toEqual([]);
  const told = [
    [1, 'A: id: is to be 1 to 64 of a-z, 0-9 and -'],
    [2, 'A: url: 169.254.169.254 is a link-local or metadata address'],
    [3, 'A: secrt: "secrt" is not known here; did you mean secret?'],
    [4, 'A: secret: is to be whsec_ and the base64 of 24 to 64 random bytes'],
    [5, 'A: min_level: is to be one of informational, low, medium, high, critical'],
    [6, 'A: tags: is to be a list of at most 200 texts'],
    [8, 'A: headers.Host: is no header that can be set here'],
    [9, 'A: headers.ok: is to be 1 to 1024 printable ASCII characters'],
    [13, 'a: url: is missing'],
    [15, 'a: routing_key: belongs to the form pagerduty'],
    [16, 'a: events.0: is to be one of alert.created, alert.closed'],
    [17, 'a: evidence: is to be true or false'],
    [18, 'a target is a map with id and url'],
  ] as const;
  expect(problems).toMatchObject(told.map(([line, message]) => ({ line, message: expect.stringContaining(message) as string })));
  expect(JSON.stringify(problems)).not.toContain('short-and-secret');
});

it('an id stands there once, and there is an end to targets', () => {
  const one = (id: string) => `- { id: ${id}, url: "https://a.example/", secret: ${secret} }\n`;
  expect(read(one('a') + one('a')).problems).toMatchObject([{ line: 2, message: 'id: a stands there twice' }]);
  const many = Array.from({ length: 51 }, (_, n) => one(`t${n}`)).join('');
  expect(read(many).problems).toMatchObject([{ message: 'there are more than 50 webhook targets' }]);
});

describe('text that is no list of targets never throws', () => {
  it.each([
    '{',
    '- [',
    'a: &a [*a]',
    '!!js/function x',
    '5',
    'null',
    '- null',
    '- []',
    '- { id: [1], url: {}, headers: [], secret: { a: 1 } }',
    '\t- a',
  ])('%s', (text) => {
    const { targets, problems } = read(text);
    expect(targets).toEqual([]);
    if (text !== 'null') expect(problems.length).toBeGreaterThan(0);
  });
});

it('keys such as __proto__ are keys that are not known', () => {
  const { problems } = readTarget(
    JSON.parse(`{"id":"a","url":"https://a.example/","secret":"${secret}","__proto__":{"x":1}}`),
    nothingAllowed,
  );
  expect(problems).toEqual([{ path: ['__proto__'], message: '"__proto__" is not known here' }]);
});
