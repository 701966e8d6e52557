/** The list of alerts as it stands, the calls that fill it, and those who want to know. */
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

/** Lists wait for this: for the stream that tells what comes after them. */
export const loadAfter = (begun: Promise<void>): void => void (follows = begun);

/** Loads the first page, unless that list is there already. */
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

/** Begins anew. */
export function reload(): void {
  pages = undefined;
  showFilter(state.filter);
}

/** The first page once more, without moving what is read: the stream may have missed something. */
export async function catchUp(): Promise<void> {
  if (state.phase !== 'ready') return reload();
  const { signal } = asking;
  const answer = await openPages(state.filter, signal).next();
  if (answer.ok && !signal.aborted) dispatch({ type: 'again', alerts: answer.value.alerts });
}
