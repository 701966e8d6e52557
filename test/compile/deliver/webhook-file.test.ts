/** The file of webhook targets: what it may contain, and that all its problems are reported together, with positions. */
import { describe, expect, it } from 'vitest';
import { nothingAllowed } from '../../../engine/compile/deliver/egress.ts';
import { readWebhookFile } from '../../../engine/compile/deliver/webhook-file.ts';
import { readTarget } from '../../../engine/compile/deliver/webhook-target.ts';

const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const read = (text: string) => readWebhookFile(text, nothingAllowed);

it('reads targets of every form', () => {
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
      events: ['alert.created', 'alert.closed', 'alert.reopened'],
    }),
    expect.objectContaining({ id: 'am', secrets: [{ secret }, { secret }] }),
  ]);
});

it.each(['---\n', '...\n', '...\n---\n', '\uFEFF---\n'])('reads the targets of each document, separated by %j', (border) => {
  const target = (id: string): string => `- { id: ${id}, url: "https://${id}.example.com/", secret: ${secret} }\n`;
  const { targets, problems } = read(`\uFEFF${target('one')}${border}${target('two')}${border}${target('three')}`);
  expect(problems).toEqual([]);
  expect(targets.map(({ id }) => id)).toEqual(['one', 'two', 'three']);
  const broken = read(`${target('one')}${border}${target('two')}${border}{ id: three, url: [`);
  expect(broken.targets).toEqual([]);
  expect(broken.problems).toMatchObject([{ line: 3 + 2 * (border.split('\n').length - 1) }]);
});

it('reads an empty file, and JSON', () => {
  expect(read('')).toEqual({ targets: [], problems: [] });
  expect(read(JSON.stringify([{ id: 'a', url: 'https://a.example/', secret }])).targets).toHaveLength(1);
});

it('reports all problems together, with positions and without secrets', () => {
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
  const expected = [
    [1, 'A: id: must be 1 to 64 characters from a-z, 0-9 and -'],
    [2, 'A: url: 169.254.169.254 is a link-local or metadata address'],
    [3, 'A: secrt: unknown key "secrt"; did you mean secret?'],
    [4, 'A: secret: must be whsec_ followed by the base64 of 24 to 64 random bytes'],
    [5, 'A: min_level: must be one of informational, low, medium, high, critical'],
    [6, 'A: tags: must be a list of at most 200 texts'],
    [8, 'A: headers.Host: is not a header that can be set'],
    [9, 'A: headers.ok: must be 1 to 1024 printable ASCII characters'],
    [13, 'a: url: is required'],
    [15, 'a: routing_key: is only allowed with the form pagerduty'],
    [16, 'a: events.0: must be one of alert.created, alert.closed, alert.reopened'],
    [17, 'a: evidence: must be true or false'],
    [18, 'a target must be a map with id and url'],
  ] as const;
  expect(problems).toMatchObject(expected.map(([line, message]) => ({ line, message: expect.stringContaining(message) as string })));
  expect(JSON.stringify(problems)).not.toContain('short-and-secret');
});

it('refuses duplicate ids and too many targets', () => {
  const one = (id: string) => `- { id: ${id}, url: "https://a.example/", secret: ${secret} }\n`;
  expect(read(one('a') + one('a')).problems).toMatchObject([{ line: 2, message: 'id: duplicate id a' }]);
  const many = Array.from({ length: 51 }, (_, n) => one(`t${n}`)).join('');
  expect(read(many).problems).toMatchObject([{ message: 'more than 50 webhook targets' }]);
});

describe('text that is not a list of targets never throws', () => {
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

it('treats __proto__ as an unknown key', () => {
  const { problems } = readTarget(
    JSON.parse(`{"id":"a","url":"https://a.example/","secret":"${secret}","__proto__":{"x":1}}`),
    nothingAllowed,
  );
  expect(problems).toEqual([{ path: ['__proto__'], message: 'unknown key "__proto__"' }]);
});
