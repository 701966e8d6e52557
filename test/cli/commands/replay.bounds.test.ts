/** What replay does with a bad file, clock or rules folder. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exitCodes } from '../../../engine/errors.ts';
import { jsonLines, weir } from '../explain/explain.support.ts';
import type { Alert } from '../../../engine/core/alert/alert.ts';

const folder = mkdtempSync(join(tmpdir(), 'weir-replay-'));
const rules = join(folder, 'rules');
const events = join(folder, 'events.ndjson');
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeAll(() => {
  mkdirSync(rules);
  writeFileSync(
    join(rules, 'r.yaml'),
    `
id: three
conditions: { all: [{ fact: kind, operator: equal, value: a }] }
correlation: { type: event_count, group-by: [u], timespan: 10s, condition: { gte: 3 } }
---
id: unanswered
steps:
  - { name: asked, conditions: { all: [{ fact: kind, operator: equal, value: asked }] } }
  - { name: answered, not: true, within: 10s, conditions: { all: [{ fact: kind, operator: equal, value: answered }] } }
correlation: { type: temporal_ordered, group-by: [u], timespan: 1m }
`,
  );
});

const at = (time: string, kind: string, u = 'x'): string => JSON.stringify({ '@timestamp': time, kind, u });
const replay = async (lines: readonly string[], from = rules) => {
  writeFileSync(events, lines.join('\n'));
  const { code, stdout, stderr } = await weir(['replay', events, '--rules', from]);
  return { code, stderr, alerts: jsonLines<Alert>(stdout) };
};

describe('a clock that runs ahead', () => {
  it('does not push other events out of their windows', async () => {
    const lines = ['00', '01', '02'].map((second) => at(`2026-01-01T00:00:${second}Z`, 'a'));
    const { alerts } = await replay([lines[0]!, at('2098-01-01T00:00:00Z', 'b'), at('2098-01-01T00:00:00Z', 'a'), ...lines.slice(1)]);
    expect(alerts.map(({ rule, last_seen }) => [rule.id, last_seen])).toEqual([['three', '2026-01-01T00:00:02.000Z']]);
  });

  it('does not fire an absence whose event is still to come', async () => {
    const lines = [at('2026-01-01T00:00:00Z', 'asked'), at('2098-01-01T00:00:00Z', 'b'), at('2026-01-01T00:00:05Z', 'answered')];
    expect((await replay(lines)).alerts).toEqual([]);
  });

  it('is believed if the whole file is in the future', async () => {
    const lines = ['00', '10', '20'].map((minute) => at(`2098-01-01T00:${minute}:00Z`, 'asked'));
    expect((await replay(lines)).alerts.map(({ created }) => created)).toEqual(['2098-01-01T00:00:10.000Z', '2098-01-01T00:10:10.000Z']);
  });
});

it('reports late observations on stderr', async () => {
  const kinds = ['2026-01-02T00:00:00Z', '2026-01-02T00:00:01Z', '2026-01-02T00:00:02Z', '2026-01-01T00:00:00Z', '2026-01-02T00:00:03Z'];
  const { alerts, stderr } = await replay(kinds.map((time) => at(time, 'a')));
  expect(alerts).toHaveLength(1);
  expect(stderr).toContain('1 observations arrived too late');
});

it('refuses an event that is too large in bytes, though not in characters, as ingest does', async () => {
  const { stderr } = await replay([JSON.stringify({ '@timestamp': '2026-01-01T00:00:00Z', text: 'é'.repeat(40_000) })]);
  expect(stderr).toContain('too-large');
});

describe('a rules folder', () => {
  it('with a pipe in it is refused, not waited for', async () => {
    execFileSync('mkfifo', [join(rules, 'pipe.yaml')]);
    const { code, stderr } = await replay([at('2026-01-01T00:00:00Z', 'a')]);
    rmSync(join(rules, 'pipe.yaml'));
    expect(code).toBe(exitCodes.configuration);
    expect(stderr).toContain('not-a-file');
  });

  it('with a link to itself is read once', async () => {
    symlinkSync('.', join(rules, 'self'));
    const { code } = await replay([at('2026-01-01T00:00:00Z', 'a')]);
    rmSync(join(rules, 'self'));
    expect(code).toBe(exitCodes.fine);
  });

  it('without rules is reported', async () => {
    const empty = join(folder, 'empty');
    mkdirSync(empty);
    const { code, stderr } = await replay([at('2026-01-01T00:00:00Z', 'a')], empty);
    expect([code, stderr.includes('there are no rules')]).toEqual([exitCodes.fine, true]);
  });
});
