/** `weir replay` as a script sees it: what is on stdout, in which order, and the exit codes. */
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { Alert } from '../../../engine/core/alert/alert.ts';
import { jsonLines, testFolder, weir } from '../explain/explain.support.ts';

const folder = testFolder();
const kind = (value: string): string => `conditions: { all: [{ fact: kind, operator: equal, value: ${value} }] }`;
const burst = (min: number): string => `
id: burst
${kind('a')}
correlation: { type: event_count, group-by: [user], timespan: 10s, condition: { gte: ${min} } }
suppress: 1m
`;
const rules = folder.put(
  'rules.yaml',
  `${burst(2)}
---
id: watched
status: shadow
${kind('b')}
---
id: unanswered
steps:
  - { name: ask, ${kind('ask')} }
  - { name: answer, not: true, ${kind('answer')}, within: 10s }
correlation: { type: temporal_ordered, group-by: [user], timespan: 1m }
`,
);

const begin = Date.UTC(2026, 0, 1);
const iso = (seconds: number): string => new Date(begin + seconds * 1000).toISOString();
const event = (seconds: number, what: string, user: string): object => ({ '@timestamp': iso(seconds), kind: what, user });
const events = [
  event(0, 'ask', 'zoe'),
  event(1, 'a', 'bob'),
  event(2, 'a', 'ann'),
  event(3, 'b', 'ann'),
  event(4, 'a', 'ann'),
  event(5, 'a', 'bob'),
  event(6, 'a', 'ann'),
  event(20, 'ask', 'yan'),
];
const text = events.map((one) => JSON.stringify(one)).join('\n');
const file = folder.put('events.ndjson', text);

const brief = ({ rule, group, created, count, shadow }: Alert) =>
  `${created} ${rule.id} ${group['user'] ?? '-'} ×${count}${shadow ? ' shadow' : ''}`;
const expected = [`${iso(3)} watched - ×1 shadow`, `${iso(4)} burst ann ×3`, `${iso(5)} burst bob ×2`, `${iso(10)} unanswered zoe ×1`];

describe('weir replay', () => {
  it('prints each alert once with its final count, in order of event time, including shadow alerts, and nothing else', async () => {
    const { code, stdout, stderr } = await weir(['replay', file, '--rules', rules]);
    expect(code).toBe(0);
    expect(jsonLines<Alert>(stdout).map(brief)).toEqual(expected);
    expect(stdout.endsWith('}\n')).toBe(true);
    expect(stderr).toContain('8 events, 4 alerts');
  });

  it('--drain also fires absences whose deadline is after the last event', async () => {
    const { stdout } = await weir(['replay', file, '--rules', rules, '--drain']);
    expect(jsonLines<Alert>(stdout).map(brief)).toEqual([...expected, `${iso(30)} unanswered yan ×1`]);
  });

  it('gives the same result from stdin and from gzip', async () => {
    const { stdout } = await weir(['replay', file, '--rules', rules]);
    expect((await weir(['replay', '-', '--rules', rules], text)).stdout).toBe(stdout);
    expect((await weir(['replay', folder.put('events.gz', gzipSync(text)), '--rules', rules])).stdout).toBe(stdout);
  });

  it('reports bad lines on stderr, and continues', async () => {
    const { code, stdout, stderr } = await weir(['replay', '-', '--rules', rules], `${text.replace('\n', '\nnonsense\n')}`);
    expect([code, jsonLines<Alert>(stdout).length]).toEqual([0, 4]);
    expect(stderr).toContain('-:2: invalid-json: ');
    expect(stderr).toContain('8 events, 1 bad line, 4 alerts');
  });

  it('exits 0 without alerts', async () => {
    expect(await weir(['replay', '-', '--rules', rules], '{"kind":"c"}')).toMatchObject({ code: 0, stdout: '' });
  });

  it('exits 78 on any error in the rules, with nothing on stdout', async () => {
    const broken = folder.put(
      'broken.yaml',
      `${burst(2)}\n---\nid: bad\nconditions: { all: [{ fact: kind, operator: eqal, value: a }] }\n`,
    );
    const { code, stdout, stderr } = await weir(['replay', file, '--rules', broken]);
    expect({ code, stdout }).toEqual({ code: 78, stdout: '' });
    expect(stderr).toMatch(/broken\.yaml:\d+:\d+/);
  });

  it('--against prints the alerts gained and lost', async () => {
    const other = folder.put('other.yaml', `${burst(3)}\n---\nid: only-there\n${kind('b')}\n`);
    const { code, stdout } = await weir(['replay', file, '--rules', rules, '--against', other]);
    expect(code).toBe(0);
    const changes = jsonLines<{ change: string; alert: Alert }>(stdout).map(({ change, alert }) => `${change} ${brief(alert)}`);
    expect(changes).toEqual([
      `gained ${iso(3)} watched - ×1 shadow`,
      `gained ${iso(4)} burst ann ×3`,
      `gained ${iso(5)} burst bob ×2`,
      `gained ${iso(10)} unanswered zoe ×1`,
      `lost ${iso(3)} only-there - ×1`,
      `lost ${iso(6)} burst ann ×3`,
    ]);
    expect(await weir(['replay', file, '--rules', rules, '--against', rules])).toMatchObject({ code: 0, stdout: '' });
  });
});
