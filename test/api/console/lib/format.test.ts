import { describe, expect, test } from 'vitest';
import { age, duration, levels, moment, plural, verdicts } from '../../../../api/console/lib/format.ts';
import { changeText, since } from '../../../../api/console/state/history.ts';
import { eventsPerSecond } from '../../../../api/console/state/rates.ts';
import type { Overview } from '../../../../api/console/state/types.ts';
import { verdictLabels } from '../../../../engine/core/alert/alert.ts';
import { levels as engineLevels } from '../../../../engine/core/rule.ts';
import type { HistoryEntry } from '../../../../engine/core/alert/triage.ts';

test('levels and verdicts are those of the engine', () => {
  expect([...levels].toReversed()).toEqual([...engineLevels]);
  expect(verdicts).toEqual([...verdictLabels]);
});

test.each([
  ['2026-01-01T12:00:05.000Z', '2026-01-01 12:00:05'],
  ['2026-01-01T12:00:05.250Z', '2026-01-01 12:00:05.250'],
  ['2026-01-01T12:00:05+02:00', '2026-01-01 10:00:05'],
  ['no time', 'no time'],
])('moment %s', (iso, text) => expect(moment(iso)).toBe(text));

test.each([
  [0, '0ms'],
  [40, '40ms'],
  [3200, '3.2s'],
  [12_000, '12s'],
  [60_000, '1m'],
  [80_000, '1m 20s'],
  [3_600_000, '1h'],
  [93_600_000, '1d 2h'],
])('duration %i', (ms, text) => expect(duration(ms)).toBe(text));

test.each([
  [-60_000, 'now'],
  [4999, 'now'],
  [59_999, '59s'],
  [60_000, '1m'],
  [7_199_999, '1h'],
  [400 * 86_400_000, '400d'],
])('age %i', (ms, text) => {
  const now = Date.UTC(2026, 0, 1);
  expect(age(new Date(now - ms).toISOString(), now)).toBe(text);
});

test('plural', () =>
  expect([plural(1, 'alert'), plural(1200, 'alert'), plural(0, 'entity', 'entities')]).toEqual(['1 alert', '1,200 alerts', '0 entities']));

describe('history', () => {
  const entry = (differences: Partial<HistoryEntry>): HistoryEntry => ({ at: '', who: 'ann', ...differences });

  test.each([
    [{ status: ['open', 'acknowledged'], assignee: [null, 'ann'] }, 'open → acknowledged, assigned to ann'],
    [{ status: ['open', 'closed'], verdict: [null, 'false_positive'] }, 'open → closed, false positive'],
    [
      { status: ['closed', 'open'], verdict: ['benign', null], assignee: ['ann', null] },
      'closed → open, verdict benign removed, unassigned from ann',
    ],
    [{ note: 'x' }, ''],
  ] as const)('%j', (differences, text) => expect(changeText(entry(differences))).toBe(text));

  test('since returns the entries after the revision last seen', () => {
    const all = ['a', 'b', 'c'].map((who) => entry({ who }));
    const who = (seen: number, revision: number): string =>
      since(all, seen, revision)
        .map((one) => one.who)
        .join('');
    expect([who(3, 3), who(2, 3), who(0, 3), who(0, 9), who(4, 3)]).toEqual(['', 'c', 'abc', 'abc', '']);
  });
});

test('a rate needs two readings at different times, of counters that did not fall', () => {
  const reading = (at: string, accepted: number): Overview => ({
    at: `2026-01-01T00:00:${at}Z`,
    lag_seconds: 0,
    events: { accepted, processed: 0, dead_lettered: 0, pending: 0 },
    siem: { depth: { informational: 0, low: 0, medium: 0, high: 0, critical: 0 } },
    unclosed: { informational: 0, low: 0, medium: 0, high: 0, critical: 0 },
  });
  expect(eventsPerSecond(reading('00', 100), reading('05', 600))).toBe(100);
  expect(eventsPerSecond(undefined, reading('05', 600))).toBeUndefined();
  expect(eventsPerSecond(reading('05', 600), reading('05', 600))).toBeUndefined();
  expect(eventsPerSecond(reading('00', 600), reading('05', 0))).toBeUndefined();
});
