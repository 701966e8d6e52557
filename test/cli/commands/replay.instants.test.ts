/** Events of one instant are evaluated together, wherever a block ends; rules that a further event contradicts show it. */
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { compile } from '../../../engine/compile/index.ts';
import { replayFile } from '../../../engine/cli/commands/replay.ts';
import { blockBytesUsual } from '../../../engine/replay/blocks.ts';

const any = 'conditions: { all: [{ fact: n, operator: exists, value: true }] }';
const step = (name: string, n: number, more = ''): string =>
  `  - { name: ${name}, ${more}conditions: { all: [{ fact: n, operator: equal, value: ${n} }] } }\n`;
const files = [
  {
    path: 'rules.yaml',
    text: [
      `id: low\n${any}\ncorrelation: { type: value_avg, group-by: [user], timespan: 10s, condition: { field: n, lt: 3 } }\nsuppress: 0s`,
      `id: alone\n${any}\ncorrelation: { type: event_count, group-by: [user], timespan: 10s, condition: { eq: 1 } }\nsuppress: 0s`,
      `id: between\nsteps:\n${step('a', 1)}${step('no', 2, 'not: true, ')}${step('b', 3)}correlation: { type: temporal, group-by: [user], timespan: 10s }`,
    ].join('\n---\n'),
  },
];
const { ruleset, problems } = compile(files);

/** Ids of the alerts on that text, in blocks of so many bytes. */
async function alertIds(text: string, blockBytes: number): Promise<string[]> {
  const io = { stdin: Readable.from([Buffer.from(text)]), say: () => undefined };
  const options = { latenessMs: 10_000, drain: false, dataset: undefined, threads: 1, blockBytes };
  const [alerts] = await replayFile('-', [{ ruleset, files }], options, io);
  return alerts!.map(({ id }) => id);
}

// Six events of two users each second.
const lines = Array.from({ length: 300 }, (_, i) => {
  const time = new Date(Date.UTC(2026, 0, 1) + 1000 * Math.floor(i / 6)).toISOString();
  return JSON.stringify({ 'event.id': `e${i}`, '@timestamp': time, user: `u${i % 2}`, n: (i * 7) % 5 });
});

describe('events of one instant', () => {
  it('are tested with rules that compile', () => {
    expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
  });

  it('give the same alerts wherever a block ends', async () => {
    const whole = await alertIds(`${lines.join('\n')}\n`, blockBytesUsual);
    expect(whole.length).toBeGreaterThan(10);
    for (const blockBytes of [100, 700, 5000]) expect(await alertIds(`${lines.join('\n')}\n`, blockBytes)).toEqual(whole);
  });

  it('give the same alerts with and without a final line end', async () => {
    const few = ['1', '9'].map((n, i) => `{"event.id":"${i}","@timestamp":"2026-01-01T00:00:00Z","user":"u","n":${n}}`).join('\n');
    expect(await alertIds(few, blockBytesUsual)).toEqual(await alertIds(`${few}\n`, blockBytesUsual));
    expect(await alertIds(few, blockBytesUsual)).toEqual([]);
  });
});
