import { describe, expect, test } from 'vitest';
import { compare, startFilter } from '../../../../api/console/state/filter.ts';
import { emptyList, freshMax, neighbour, reduce, type ListAction, type ListState } from '../../../../api/console/state/list-state.ts';
import { alertOf, iso, noon } from '../../../support/alerts.ts';

const at = (id: string, minutes: number, level: 'critical' | 'high' | 'low' = 'high') =>
  alertOf(id, { level, created: iso(noon + minutes * 60_000) });
const after = (...actions: readonly ListAction[]): ListState => actions.reduce(reduce, emptyList(startFilter));
const ids = (list: ListState['items']): string => list.map(({ id }) => id.slice(3)).join('');
const page = (...alerts: ReturnType<typeof at>[]): ListAction => ({ type: 'page', alerts, more: false });

test('pages are put behind each other; nothing is there twice', () => {
  const state = after(page(at('a', 2)), { type: 'page', alerts: [at('a', 2), at('b', 1)], more: true });
  expect([ids(state.items), state.more, state.phase]).toEqual(['ab', true, 'ready']);
});

describe('what comes by itself', () => {
  test('moves nothing until it is asked for, and then stands in its order', () => {
    const state = after(
      page(at('a', 2), at('b', 1)),
      { type: 'created', alert: at('c', 3) },
      { type: 'created', alert: at('d', 0, 'critical') },
    );
    expect([ids(state.items), ids(state.fresh)]).toEqual(['ab', 'dc']);
    const shown = reduce(state, { type: 'show-fresh' });
    expect([ids(shown.items), ids(shown.fresh)]).toEqual(['dcab', '']);
  });

  test('is passed over when it does not fit, or is there already', () => {
    const state = after(
      page(at('a', 2)),
      { type: 'created', alert: { ...at('c', 3), shadow: true } },
      { type: 'created', alert: at('a', 2) },
    );
    expect(state.fresh).toEqual([]);
  });

  test('is not kept without bound', () => {
    const many = Array.from({ length: freshMax + 5 }, (_, i): ListAction => ({ type: 'created', alert: at(`n${i}`, i) }));
    expect(after(page(at('a', 2)), ...many).fresh.length).toBe(freshMax);
  });

  test('in a page that was loaded meanwhile, is not new any more', () => {
    const state = after({ type: 'created', alert: at('c', 3) }, page(at('c', 3), at('a', 2)));
    expect([ids(state.items), ids(state.fresh)]).toEqual(['ca', '']);
  });
});

describe('what changes', () => {
  const closed = { ...at('a', 2), status: 'closed' as const, revision: 2 };

  test('keeps its place, also when it does not fit any more', () => {
    const state = after(page(at('b', 3), at('a', 2)), { type: 'triaged', alert: closed });
    expect([ids(state.items), state.items[1]?.status]).toEqual(['ba', 'closed']);
  });

  test('is not announced any more when it does not fit', () => {
    expect(after(page(), { type: 'created', alert: at('a', 2) }, { type: 'triaged', alert: closed }).fresh).toEqual([]);
  });

  test('is announced when it fits since: somebody opened it again', () => {
    expect(ids(after(page(), { type: 'triaged', alert: at('a', 2) }).fresh)).toBe('a');
    expect(after(page(), { type: 'counted', alert: at('a', 2) }).fresh).toEqual([]);
  });

  test('an answer that was asked for earlier changes nothing back', () => {
    const state = after(page(at('a', 2)), { type: 'triaged', alert: closed }, { type: 'triaged', alert: { ...at('a', 2), revision: 1 } });
    expect(state.items[0]).toBe(closed);
  });

  test('the others stay the same values, so that their lines are not made anew', () => {
    const before = after(page(at('b', 3), at('a', 2)));
    expect(reduce(before, { type: 'triaged', alert: closed }).items[0]).toBe(before.items[0]);
  });
});

test('after a break what was missed is new, and what changed is brought up to date', () => {
  const state = after(page(at('b', 3), at('a', 2)), { type: 'again', alerts: [at('c', 4), { ...at('b', 3), count: 9 }] });
  expect([ids(state.items), state.items[0]?.count, ids(state.fresh)]).toEqual(['ba', 9, 'c']);
});

test('another filter begins anew', () => {
  const filter = { ...startFilter, level: 'low' as const };
  expect(after(page(at('a', 2)), { type: 'begin', filter })).toEqual(emptyList(filter));
});

test('the order is by level and then the newest, or the newest alone', () => {
  const all = [at('a', 1, 'low'), at('b', 2, 'critical'), at('c', 3, 'critical'), at('d', 3, 'high')];
  expect(ids(all.toSorted(compare('priority')))).toBe('cbda');
  expect(ids(all.toSorted(compare('newest')))).toBe('dcba');
});

test('the neighbour of an alert; at the ends there is none further', () => {
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
