/** A rule for single events that suppresses by a field: an event without that field is never suppressed. */
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { compile } from '../../../engine/compile/index.ts';
import { replayFile } from '../../../engine/cli/commands/replay.ts';

const files = [
  {
    path: 'rules.yaml',
    text: [
      'id: root-login',
      'conditions: { all: [{ fact: user, operator: equal, value: root }] }',
      'suppress: { for: 1h, by: [source.ip] }',
    ].join('\n'),
  },
];
const { ruleset, problems } = compile(files);

const lines = [
  ...['1.1.1.1', '1.1.1.1', undefined, '', null, {}, [], '2.2.2.2'].map((ip, i) => ({ at: i, source: { ip } })),
  { at: 8 },
].map(({ at, ...more }) => JSON.stringify({ 'event.id': `e${at}`, '@timestamp': `2026-01-01T00:00:0${at}Z`, user: 'root', ...more }));

/** Ids of the events that alerted, matched in a thread or, if a line needs the clock, in the main loop. */
async function alerted(text: string): Promise<unknown[]> {
  const io = { stdin: Readable.from([Buffer.from(text)]), say: () => undefined };
  const [alerts] = await replayFile('-', [{ ruleset, files }], { latenessMs: 10_000, drain: false, dataset: undefined }, io);
  return alerts!.map(({ events, group, count }) => [(events[0] as { 'event.id'?: unknown })['event.id'], group, count]);
}

describe('events without the field by which a rule suppresses', () => {
  it('each raise an alert, among others that suppress each other', async () => {
    expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(await alerted(lines.join('\n'))).toEqual([
      ['e0', { 'source.ip': '1.1.1.1' }, 2],
      ...['e2', 'e3', 'e4', 'e5', 'e6'].map((id) => [id, {}, 1]),
      ['e7', { 'source.ip': '2.2.2.2' }, 1],
      ['e8', {}, 1],
    ]);
  });

  it('also raise alerts if their time comes from the clock', async () => {
    const untimed = JSON.stringify({ 'event.id': 'late', user: 'root' });
    const found = await alerted([...lines.slice(0, 1), untimed, untimed].join('\n'));
    expect(found).toHaveLength(2);
    expect(found).toContainEqual(['late', {}, 1]);
  });
});
