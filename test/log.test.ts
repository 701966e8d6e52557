/** The log as pino writes it: whatever is logged, each line is one JSON object that holds no control characters and no secrets. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { openLog } from '../engine/log.ts';
import { ownRedis } from './support/own-redis.ts';
import { newSecret } from '../engine/runtime/access/api-keys.ts';

const { redis } = await ownRedis();

function logged(write: (log: ReturnType<typeof openLog>) => void): string {
  let text = '';
  write(openLog('info', { write: (line) => void (text += line) }));
  return text;
}
const nasty = [
  'a\r\nb',
  '\u001b[2J\u001b]0;title\u0007',
  '\u009b31m\u0090q\u009c\u007f',
  '"}\n{"level":30,"msg":"all is well"}',
  '\u2028\u2029\u202eevil\u2066',
  '\ud800 alone',
];

it.each(nasty)('%j is written as one line of JSON that holds the same text', (text) => {
  const written = logged((log) => log.warn({ agent: text, nested: { [text]: text } }, text));
  expect(written.split('\n')).toHaveLength(2);
  expect(written.slice(0, -1)).not.toMatch(/[\p{Cc}\u2028\u2029\u202e\u2066]/u);
  const line = JSON.parse(written) as { agent: string; msg: string; level: number };
  expect([line.agent, line.msg, line.level]).toEqual([text, text, 40]);
});

it('errors are written as one line, with their stacks', () => {
  for (const text of nasty) {
    const written = logged((log) => log.error({ err: new Error(text) }, 'request failed'));
    expect(written.split('\n')).toHaveLength(2);
    expect((JSON.parse(written) as { err: { message: string } }).err.message).toBe(text);
  }
});

it('any text is written as one line of JSON that holds the same text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (key, text) => {
      const written = logged((log) => log.info({ of: { [key]: text } }, text));
      expect(written.endsWith('\n')).toBe(true);
      expect(written.slice(0, -1)).not.toMatch(/\p{Cc}/u);
      expect((JSON.parse(written) as { msg: string }).msg).toBe(text);
    }),
  );
});

it('removes secrets that Weir made, wherever they appear', () => {
  const secret = newSecret();
  const written = logged((log) =>
    log.error(
      {
        err: new Error(`Bearer ${secret} refused`),
        url: `/v1/alerts?key=${secret}&x=${secret.replace('_', '%5F')}`,
        [secret]: { deep: [secret] },
      },
      `who sent ${secret}?`,
    ),
  );
  expect(written).not.toContain(secret.slice(5));
  expect((JSON.parse(written) as { msg: string }).msg).toBe('who sent weir_…?');
  const metric = 'weir_correlate_refused_observations_total';
  expect(logged((log) => log.info(metric))).toContain(metric);
});

it('logs only the name of a failed Redis command: its arguments are events', async () => {
  await redis.set('text', 'x');
  const failed = await redis.xadd('text', '*', 'p', 'card 4111111111111111').catch((error: unknown) => error);
  const several = new AggregateError([failed], 'all failed');
  Object.assign(several, { previousErrors: [failed] });
  const written = logged((log) => {
    log.error({ err: failed }, 'one');
    log.error({ err: several }, 'several');
    log.error({ err: new Error('because', { cause: failed }) }, 'caused');
  });
  expect(written).not.toContain('4111');
  expect(JSON.parse(written.slice(0, written.indexOf('\n')))).toMatchObject({ err: { command: 'xadd' } });
});
