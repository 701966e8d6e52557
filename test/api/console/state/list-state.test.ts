import { describe, expect, test } from 'vitest';
import { compare, startFilter } from '../../../../api/console/state/filter.ts';
import { emptyList, freshMax, neighbour, reduce, type ListAction, type ListState } from '../../../../api/console/state/list-state.ts';
import { alertOf, iso, noon } from '../../../support/alerts.ts';

const at = (id: string, minutes: number, level: 'critical' | 'high' | 'low' = 'high') =>
  alertOf(id, { level, created: iso(noon + minutes * 60_000) });
const after = (...actions: readonly ListAction[]): ListState => actions.reduce(reduce, emptyList(startFilter));
const ids = (list: ListState['items']): string => list.map(({ id }) => id.slice(3)).join('');
const page = (...alerts: ReturnType<typeof at>[]): ListAction => ({ type: 'page', alerts, more: false });

test('pages are appended without duplicates', () => {
  const state = after(page(at('a', 2)), { type: 'page', alerts: [at('a', 2), at('b', 1)], more: true });
  expect([ids(state.items), state.more, state.phase]).toEqual(['ab', true, 'ready']);
});

describe('a new alert', () => {
  test('does not move the list until it is shown, and then is in order', () => {
    const state = after(
      page(at('a', 2), at('b', 1)),
      { type: 'created', alert: at('c', 3) },
      { type: 'created', alert: at('d', 0, 'critical') },
    );
    expect([ids(state.items), ids(state.fresh)]).toEqual(['ab', 'dc']);
    const shown = reduce(state, { type: 'show-fresh' });
    expect([ids(shown.items), ids(shown.fresh)]).toEqual(['dcab', '']);
  });

  test('is ignored if it does not match, or is already listed', () => {
    const state = after(
      page(at('a', 2)),
      { type: 'created', alert: { ...at('c', 3), shadow: true } },
      { type: 'created', alert: at('a', 2) },
    );
    expect(state.fresh).toEqual([]);
  });

  test('is kept aside up to a bound', () => {
    const many = Array.from({ length: freshMax + 5 }, (_, i): ListAction => ({ type: 'created', alert: at(`n${i}`, i) }));
    expect(after(page(at('a', 2)), ...many).fresh.length).toBe(freshMax);
  });

  test('is no longer new once a loaded page contains it', () => {
    const state = after({ type: 'created', alert: at('c', 3) }, page(at('c', 3), at('a', 2)));
    expect([ids(state.items), ids(state.fresh)]).toEqual(['ca', '']);
  });
});

describe('a changed alert', () => {
  const closed = { ...at('a', 2), status: 'closed' as const, revision: 2 };

  test('keeps its place even if it no longer matches', () => {
    const state = after(page(at('b', 3), at('a', 2)), { type: 'triaged', alert: closed });
    expect([ids(state.items), state.items[1]?.status]).toEqual(['ba', 'closed']);
  });

  test('is no longer announced as new if it no longer matches', () => {
    expect(after(page(), { type: 'created', alert: at('a', 2) }, { type: 'triaged', alert: closed }).fresh).toEqual([]);
  });

  test('is announced as new if it matches now: somebody reopened it', () => {
    expect(ids(after(page(), { type: 'triaged', alert: at('a', 2) }).fresh)).toBe('a');
    expect(after(page(), { type: 'counted', alert: at('a', 2) }).fresh).toEqual([]);
  });

  test('is not reverted by an older revision that arrives later', () => {
    const state = after(page(at('a', 2)), { type: 'triaged', alert: closed }, { type: 'triaged', alert: { ...at('a', 2), revision: 1 } });
    expect(state.items[0]).toBe(closed);
  });

  test('leaves the other alerts the same objects, so that their rows are kept', () => {
    const before = after(page(at('b', 3), at('a', 2)));
    expect(reduce(before, { type: 'triaged', alert: closed }).items[0]).toBe(before.items[0]);
  });
});

test('after a gap, missed alerts are new, and changed ones are updated', () => {
  const state = after(page(at('b', 3), at('a', 2)), { type: 'again', alerts: [at('c', 4), { ...at('b', 3), count: 9 }] });
  expect([ids(state.items), state.items[0]?.count, ids(state.fresh)]).toEqual(['ba', 9, 'c']);
});

test('another filter starts with an empty list', () => {
  const filter = { ...startFilter, level: 'low' as const };
  expect(after(page(at('a', 2)), { type: 'begin', filter })).toEqual(emptyList(filter));
});

test('orders by level and then newest first, or newest first only', () => {
  const all = [at('a', 1, 'low'), at('b', 2, 'critical'), at('c', 3, 'critical'), at('d', 3, 'high')];
  expect(ids(all.toSorted(compare('priority')))).toBe('cbda');
  expect(ids(all.toSorted(compare('newest')))).toBe('dcba');
});

test('the neighbour of an alert at either end is the alert itself', () => {
  const all = [at('a', 3), at('b', 2)];
  const from = (id: string | undefined, by: 1 | -1): string | undefined => neighbour(all, id, by);
  expect([from('al_a', 1), from('al_b', 1), from('al_b', -1), from('al_a', -1), from(undefined, 1), from('al_gone', -1)]).toEqual([
    'al_b',
    'al_b',
    'al_a',
    'al_a',
    'al_a',
    'al_a',
  ]);
  expect(neighbour([], 'al_a', 1)).toBeUndefined();
});
