/** The current state of the list, the requests that fill it, and its listeners. */
import { openPages, type Pages } from './pages.ts';
import { type Filter, startFilter, writeFilter } from './filter.ts';
import { emptyList, reduce, type ListAction, type ListState } from './list-state.ts';

let state: ListState = emptyList(startFilter);
let pages: Pages | undefined;
let asking = new AbortController();
let follows: Promise<void> = Promise.resolve();
const listeners = new Set<(state: ListState) => void>();

export const list = (): ListState => state;

export function whenListChanges(then: (state: ListState) => void): void {
  listeners.add(then);
}

export function dispatch(action: ListAction): void {
  state = reduce(state, action);
  for (const then of listeners) then(state);
}

/** Loading waits for this promise: the stream must be connected first, so that no alert falls between list and stream. */
export const loadAfter = (begun: Promise<void>): void => void (follows = begun);

/** Loads the first page, unless this filter is already shown. */
export function showFilter(filter: Filter): void {
  if (pages !== undefined && state.phase !== 'failed' && writeFilter(filter) === writeFilter(state.filter)) return;
  asking.abort();
  asking = new AbortController();
  pages = openPages(filter, asking.signal);
  dispatch({ type: 'begin', filter });
  void loadMore();
}

export async function loadMore(): Promise<void> {
  const [mine, signal] = [pages, asking.signal];
  await follows;
  if (signal.aborted) return;
  const answer = await mine?.next();
  if (answer === undefined || signal.aborted) return;
  dispatch(answer.ok ? { type: 'page', ...answer.value } : { type: 'failed', fault: answer.detail });
}

/** Loads the list again from the first page. */
export function reload(): void {
  pages = undefined;
  showFilter(state.filter);
}

/** Reads the first page again, without moving the list: for when the stream may have missed something. */
export async function catchUp(): Promise<void> {
  if (state.phase !== 'ready') return reload();
  const { signal } = asking;
  const answer = await openPages(state.filter, signal).next();
  if (answer.ok && !signal.aborted) dispatch({ type: 'again', alerts: answer.value.alerts });
}
