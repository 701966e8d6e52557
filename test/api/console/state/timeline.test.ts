import { expect, test } from 'vitest';
import { timelineOf } from '../../../../api/console/state/timeline.ts';
import type { EvidenceSteps } from '../../../../api/console/state/types.ts';

const stepsOf = (...evidence: Partial<EvidenceSteps['evidence'][number]>[]): EvidenceSteps => ({
  rule: 'unchanged',
  evidence: evidence.map((one) => ({ time: null, id: null, dataset: null, steps: [], counted: {}, ...one })),
});
const time = (s: number): string => new Date(Date.UTC(2026, 0, 1, 0, 0, s)).toISOString();

test('orders events by time, each with the time since the first, in lanes by step', () => {
  const timeline = timelineOf(
    { count: 5, events: [{ n: 1 }, { n: 2 }, { n: 3 }] },
    stepsOf(
      { time: time(60), dataset: 'b', steps: ['last'] },
      { time: time(0), dataset: 'a', id: 'e', steps: ['first'], counted: { ip: ['1', '2'] } },
      { time: time(30), dataset: 'a', steps: ['first'] },
    ),
  );
  expect(timeline.moments.map(({ raw, since }) => [raw['n'], since])).toEqual([
    [2, 0],
    [3, 30_000],
    [1, 60_000],
  ]);
  expect(timeline.moments[0]).toMatchObject({ dataset: 'a', id: 'e', counted: [['ip', '1, 2']] });
  expect(timeline.lanes).toEqual([
    { name: 'first', at: [0, 0.5] },
    { name: 'last', at: [1] },
  ]);
  expect([timeline.from, timeline.to, timeline.unseen]).toEqual([Date.parse(time(0)), Date.parse(time(60)), 2]);
});

test('a rule with one step has a lane for each dataset', () => {
  const { lanes } = timelineOf(
    { count: 2, events: [{}, {}] },
    stepsOf({ time: time(0), dataset: 'a', steps: ['x'] }, { time: time(9), dataset: 'b', steps: ['x'] }),
  );
  expect(lanes.map(({ name }) => name)).toEqual(['a', 'b']);
});

test('a single event is in the middle', () => {
  expect(timelineOf({ count: 1, events: [{}] }, stepsOf({ time: time(5), dataset: 'a' })).lanes).toEqual([{ name: 'a', at: [0.5] }]);
});

test('keeps expired events, and puts events without a time at the end', () => {
  const { moments, lanes } = timelineOf(
    { count: 3, events: [{ n: 1 }, { 'weir.expired': true, '@timestamp': time(7) }, { '@timestamp': time(3) }] },
    stepsOf({ dataset: 'a' }, { time: time(7) }, { time: time(3), dataset: 'a' }),
  );
  expect(moments.map(({ at, expired }) => [at === undefined ? undefined : at % 60_000, expired])).toEqual([
    [3000, false],
    [7000, true],
    [undefined, false],
  ]);
  expect(lanes.flatMap(({ at }) => at)).toEqual([0, 1]);
});

test('uses the fields of the events themselves if the server sent no steps', () => {
  const event = { '@timestamp': time(1), 'event.dataset': 'a', 'event.id': 7, ['__proto__']: { 'event.dataset': 'x' } };
  expect(
    timelineOf({ count: 1, events: [event, JSON.parse('{"__proto__":{"@timestamp":"2026-01-01"}}')] }, undefined).moments,
  ).toMatchObject([
    { dataset: 'a', id: '7' },
    { at: undefined, dataset: '' },
  ]);
});
