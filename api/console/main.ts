/**
 * The console: connects addresses, keyboard, stream and views.
 *
 *     address ──▶ view: list, alert, rules          keyboard ──▶ the same actions as the buttons
 *     stream  ──▶ list state ──▶ list view; the open alert is read again
 *     401     ──▶ key view; then everything is loaded again with the key
 */
import { alertChanged, alertView, leaveAlert, openAlert, show, showAlert } from './views/alert-view.ts';
import { api, whenKeyNeeded } from './lib/api.ts';
import { isAsking, showHelp } from './views/dialogs.ts';
import { el } from './lib/dom.ts';
import { focusFilter, offerRules } from './views/filter-view.ts';
import { plural } from './lib/format.ts';
import { askKey, keyView, whenKeyGiven } from './views/key-view.ts';
import { actionOf, type Action } from './state/keys.ts';
import { neighbour } from './state/list-state.ts';
import { listView, moveBy, refreshAges, select, selectedAlert, showFresh } from './views/list-view.ts';
import { readRoute, writeRoute, type Route } from './state/route.ts';
import { rulesView, showRules } from './views/rules-view.ts';
import { schemeSwitch } from './state/scheme.ts';
import { preference, setKey, theKey } from './lib/session.ts';
import { catchUp, dispatch, list, loadAfter, reload, showFilter, whenListChanges } from './state/store.ts';
import { follow } from './state/stream.ts';
import { showStreamState, strip, watch } from './views/strip.ts';
import { announce } from './views/toast.ts';
import { acknowledge, assign, close, note, reopen, undo, whenTriaged } from './state/triage.ts';
import { plain } from './state/visible.ts';

const main = document.getElementById('main')!;
const leave = el('button', { type: 'button', class: 'plain', onclick: () => (setKey(''), location.reload()) }, 'Forget key');
const help = el(
  'button',
  { type: 'button', class: 'plain', 'aria-label': 'Keyboard shortcuts', title: 'Keyboard shortcuts', onclick: () => void showHelp() },
  '?',
);
document.getElementById('health')!.replaceWith(strip);
document.getElementById('tools')!.append(leave, schemeSwitch, help);

let route: Route = readRoute(location.hash);
let scrolled = 0;
let asksKey = false;
let unfollow = (): void => undefined;
let followed: boolean | undefined;

/** Navigates synchronously, so that the next key press applies to the new view. */
function go(next: Route): void {
  const address = writeRoute(next);
  if (location.hash !== address) history.pushState(null, '', address);
  arrive();
}

const toList = (): void => go({ view: 'list', filter: list().filter });

function arrive(): void {
  if (route.view === 'list') scrolled = main.contains(listView) ? window.scrollY : scrolled;
  const from = route;
  route = readRoute(location.hash);
  if (asksKey) return;
  for (const link of document.querySelectorAll('#views a')) {
    const here = link.getAttribute('href') === (route.view === 'rules' ? '#/rules' : '#/alerts');
    if (here) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  leaveAlert();
  switch (route.view) {
    case 'list': {
      const returns = from.view === 'alert';
      main.replaceChildren(listView);
      listen(route.filter.shadow);
      showFilter(route.filter);
      showTitle();
      if (returns) window.scrollTo({ top: scrolled });
      if (returns) select(from.id);
      break;
    }
    case 'alert':
      main.replaceChildren(alertView);
      window.scrollTo({ top: 0 });
      listen(followed ?? false);
      void showAlert(route.id);
      break;
    case 'rules':
      main.replaceChildren(rulesView);
      listen(followed ?? false);
      document.title = 'Rules · Weir';
      void showRules();
      break;
  }
}

/** One stream for all views, filtered here and not by the server: changes of the open alert must arrive whatever the filter. */
function listen(shadow: boolean): void {
  if (followed === shadow) return;
  unfollow();
  followed = shadow;
  // The list is loaded once the stream is connected: an alert created in between would be in neither.
  let begun = (): void => undefined;
  loadAfter(new Promise((resolve) => (begun = resolve)));
  unfollow = follow(shadow, {
    onState(state) {
      showStreamState(state);
      begun();
    },
    onGap: () => void (catchUp(), openAlert() && alertChanged(openAlert()!)),
    onAlert(how, alert) {
      const before = list().fresh.length;
      dispatch({ type: how, alert });
      if (list().items.length === 0 && list().phase === 'ready') dispatch({ type: 'show-fresh' });
      if (how === 'created' && list().fresh.length > before)
        announce(`${plural(list().fresh.length, 'new alert')}, latest ${alert.rule.level}: ${plain(alert.rule.title, 80)}`);
      void alertChanged(alert);
    },
  });
}

function start(): void {
  asksKey = false;
  leave.hidden = theKey() === '';
  followed = undefined;
  arrive();
  void api.rules().then((answer) => answer.ok && offerRules(answer.value.rules));
}

whenKeyNeeded(() => {
  if (asksKey) return;
  asksKey = true;
  unfollow();
  main.replaceChildren(keyView);
  askKey();
});
whenKeyGiven(() => {
  start();
  reload();
});
whenTriaged((alert) => {
  dispatch({ type: 'triaged', alert });
  show(alert);
});

const onAlert = (does: (alert: NonNullable<ReturnType<typeof selectedAlert>>) => Promise<void>) => (): void => {
  const { id } = route.view === 'alert' ? route : { id: undefined };
  // While an alert is still loading, its entry of the list is used.
  const alert = id === undefined ? selectedAlert() : (openAlert() ?? list().items.find((one) => one.id === id));
  if (alert !== undefined) void does(alert);
};

function step(by: 1 | -1): void {
  if (route.view === 'list') return moveBy(by);
  const id = route.view === 'alert' ? route.id : undefined;
  const next = neighbour(list().items, id, by);
  if (next !== undefined && next !== id) go({ view: 'alert', id: next });
}

const actions: Readonly<Record<Action, () => void>> = {
  next: () => step(1),
  previous: () => step(-1),
  open: () => undefined,
  back: toList,
  acknowledge: onAlert(acknowledge),
  close: onAlert(close),
  reopen: onAlert(reopen),
  note: onAlert(note),
  assign: onAlert(assign),
  undo,
  fresh: showFresh,
  filter() {
    if (route.view !== 'list') toList();
    focusFilter();
  },
  alerts: toList,
  rules: () => go({ view: 'rules' }),
  help: () => void showHelp(),
};

document.addEventListener('keydown', (event) => {
  const target = event.target as HTMLElement;
  const typing = target.matches('input:not([type=checkbox]), textarea, select');
  if (typing && event.key === 'Escape') return target.blur();
  if (typing || event.defaultPrevented || isAsking() || asksKey || preference('shortcuts') === 'off') return;
  const action = actionOf(event, route.view);
  if (action === undefined) return;
  event.preventDefault();
  actions[action]();
});

document.addEventListener('click', (event) => {
  if (!(event.target as Element).matches('[data-back]')) return;
  event.preventDefault();
  toList();
});

function showTitle(): void {
  const { length } = list().fresh;
  if (route.view === 'list') document.title = `${length === 0 ? '' : `(${length}) `}Alerts · Weir`;
}

whenListChanges(showTitle);
window.addEventListener('hashchange', arrive);
setInterval(refreshAges, 10_000);
start();
watch();
