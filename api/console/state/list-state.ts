/**
 * The state of the alert list, as a value. The list never moves by itself: new alerts are kept aside until the user shows
 * them, and a changed alert keeps its place even if it no longer matches the filter.
 */
import type { AlertBrief } from '../../../engine/core/alert/alert.ts';
import { compare, fits, type Filter } from './filter.ts';

export type ListState = {
  readonly filter: Filter;
  readonly phase: 'loading' | 'ready' | 'failed';
  /** Why loading failed, for display. */
  readonly fault: string;
  readonly items: readonly AlertBrief[];
  /** New alerts, not shown yet. */
  readonly fresh: readonly AlertBrief[];
  /** Whether there is a next page. */
  readonly more: boolean;
};

export type ListAction =
  | { readonly type: 'begin'; readonly filter: Filter }
  | { readonly type: 'page'; readonly alerts: readonly AlertBrief[]; readonly more: boolean }
  | { readonly type: 'failed'; readonly fault: string }
  /** The first page again, after a gap in the stream. */
  | { readonly type: 'again'; readonly alerts: readonly AlertBrief[] }
  | { readonly type: 'created' | 'triaged' | 'counted'; readonly alert: AlertBrief }
  | { readonly type: 'show-fresh' };

/** The most new alerts kept aside. A user with more to read reloads the list. */
export const freshMax = 500;

export const emptyList = (filter: Filter): ListState => ({ filter, phase: 'loading', fault: '', items: [], fresh: [], more: false });

export function reduce(state: ListState, action: ListAction): ListState {
  switch (action.type) {
    case 'begin':
      return emptyList(action.filter);
    case 'page': {
      const known = new Set(state.items.map(({ id }) => id));
      const items = [...state.items, ...action.alerts.filter(({ id }) => !known.has(id))];
      return { ...state, phase: 'ready', items, more: action.more, fresh: without(state.fresh, items) };
    }
    case 'failed':
      return { ...state, phase: 'failed', fault: action.fault };
    case 'again':
      return action.alerts.reduce((now, alert) => (has(now, alert) ? replace(now, alert) : keepAside(now, alert)), state);
    case 'created':
    case 'triaged':
      return has(state, action.alert) ? replace(state, action.alert) : keepAside(state, action.alert);
    case 'counted':
      return replace(state, action.alert);
    case 'show-fresh': {
      const items = [...state.fresh, ...state.items].toSorted(compare(state.filter.order));
      return { ...state, items, fresh: [] };
    }
  }
}

const has = ({ items, fresh }: ListState, { id }: AlertBrief): boolean =>
  items.some((one) => one.id === id) || fresh.some((one) => one.id === id);

/** Replaces an alert. One that no longer matches stays in the list if it is shown, and leaves the new alerts if it is not. */
function replace(state: ListState, alert: AlertBrief): ListState {
  // Answers may arrive out of order.
  const isOlder = (one: AlertBrief): boolean => one.id === alert.id && (one.revision ?? 0) <= (alert.revision ?? 0);
  const swap = (list: readonly AlertBrief[]): readonly AlertBrief[] =>
    list.some(isOlder) ? list.map((one) => (isOlder(one) ? alert : one)) : list;
  const fresh = swap(state.fresh);
  return { ...state, items: swap(state.items), fresh: fresh === state.fresh ? fresh : fresh.filter((one) => fits(state.filter, one)) };
}

function keepAside(state: ListState, alert: AlertBrief): ListState {
  if (!fits(state.filter, alert)) return state;
  return { ...state, fresh: [alert, ...state.fresh].slice(0, freshMax) };
}

const without = (list: readonly AlertBrief[], shown: readonly AlertBrief[]): readonly AlertBrief[] => {
  const ids = new Set(shown.map(({ id }) => id));
  return list.filter(({ id }) => !ids.has(id));
};

/** The id that the keyboard moves to; stays at the ends. Undefined if the list is empty. */
export function neighbour(items: readonly AlertBrief[], id: string | undefined, by: 1 | -1): string | undefined {
  const at = items.findIndex((one) => one.id === id);
  const to = at < 0 ? 0 : Math.min(items.length - 1, Math.max(0, at + by));
  return items[to]?.id;
}
