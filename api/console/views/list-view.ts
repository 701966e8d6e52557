/** The list of alerts. A row keeps its element as long as its alert is unchanged, so that focus and scroll position are kept. */
import type { AlertBrief } from '../../../engine/core/alert/alert.ts';
import { arrange, el } from '../lib/dom.ts';
import { filterBar } from './filter-view.ts';
import { plural } from '../lib/format.ts';
import { neighbour, freshMax, type ListState } from '../state/list-state.ts';
import { row } from './row.ts';
import { dispatch, list, loadMore, reload, whenListChanges } from '../state/store.ts';

const heading = el('h1', { tabindex: '-1' }, 'Alerts');
const rows = el('ol', { class: 'alerts', 'aria-label': 'Alerts' });
const freshBar = el('button', { type: 'button', class: 'fresh', onclick: () => showFresh() });
const foot = el('div', { class: 'foot' });
export const listView = el('section', { class: 'list' }, el('div', { class: 'head' }, heading), filterBar, freshBar, rows, foot);
freshBar.hidden = true;

type Shown = { readonly alert: AlertBrief; readonly element: HTMLLIElement };
const shown = new Map<string, Shown>();
let selected: string | undefined;

export const selectedAlert = (): AlertBrief | undefined => list().items.find(({ id }) => id === selected);

/** Moves the cursor to an alert; by default back to where it was. */
export function select(id: string | undefined = selected): void {
  const link = shown.get(id ?? '')?.element.querySelector('a');
  if (link === undefined || link === null) return heading.focus();
  selected = id;
  link.focus({ preventScroll: true });
  link.scrollIntoView({ block: 'nearest' });
}

export const moveBy = (by: 1 | -1): void => select(neighbour(list().items, selected, by));

export function showFresh(): void {
  if (list().fresh.length === 0) return;
  dispatch({ type: 'show-fresh' });
  window.scrollTo({ top: 0 });
  select(list().items[0]?.id);
}

rows.addEventListener('focusin', (event) => {
  const id = (event.target as Element).closest('li')?.dataset['id'];
  if (id === undefined || id === selected) return;
  selected = id;
});

/** The element of an alert: the existing one if the alert is unchanged. */
function elementOf(alert: AlertBrief): HTMLLIElement {
  const old = shown.get(alert.id);
  if (old?.alert === alert) return old.element;
  const element = row(alert, Date.now());
  const focused = old?.element.contains(document.activeElement) === true;
  shown.set(alert.id, { alert, element });
  old?.element.replaceWith(element);
  if (focused) element.querySelector('a')?.focus({ preventScroll: true });
  return element;
}

function show(state: ListState): void {
  const ids = new Set(state.items.map(({ id }) => id));
  for (const id of shown.keys()) if (!ids.has(id)) shown.delete(id);
  arrange(rows, state.items.map(elementOf));
  freshBar.hidden = state.fresh.length === 0;
  freshBar.textContent = `Show ${state.fresh.length >= freshMax ? `${freshMax}+ new alerts` : plural(state.fresh.length, 'new alert')}`;
  rows.setAttribute('aria-busy', String(state.phase === 'loading'));
  foot.replaceChildren(...footOf(state));
}

function footOf({ phase, fault, items, more }: ListState): Node[] {
  if (phase === 'failed')
    return [el('p', { class: 'fault', role: 'alert' }, fault), el('button', { type: 'button', onclick: reload }, 'Try again')];
  if (phase === 'loading') return [el('p', { class: 'quiet' }, 'Loading…')];
  if (more)
    return [
      el(
        'button',
        { type: 'button', onclick: () => void loadMore() },
        items.length === 0 ? 'No matches so far: search further' : 'Load more',
      ),
    ];
  const text = items.length === 0 ? 'No matching alerts. New alerts appear here automatically.' : plural(items.length, 'alert');
  return [el('p', { class: 'quiet' }, text)];
}

/** Updates the ages of all rows. */
export function refreshAges(): void {
  for (const { alert, element } of shown.values()) {
    const time = element.querySelector('time');
    const fresh = row(alert, Date.now()).querySelector('time')?.textContent;
    if (time !== null && fresh !== undefined && time.textContent !== fresh) time.textContent = fresh;
  }
}

whenListChanges(show);
