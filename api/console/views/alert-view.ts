/** One alert: what fired and why, its evidence, its triage history, and the triage actions. */
import type { AlertBrief } from '../../../engine/core/alert/alert.ts';
import type { HistoryEntry } from '../../../engine/core/alert/triage.ts';
import { api } from '../lib/api.ts';
import { data, el, type Child } from '../lib/dom.ts';
import { capital, count, duration, figure, moment, words } from '../lib/format.ts';
import { changeText } from '../state/history.ts';
import { levelTag, statusTag } from './row.ts';
import { writeRoute } from '../state/route.ts';
import { startFilter } from '../state/filter.ts';
import { timelineView } from './timeline-view.ts';
import { acknowledge, assign, close, note, reopen } from '../state/triage.ts';
import type { EvidenceSteps, FullAlert } from '../state/types.ts';
import { plain } from '../state/visible.ts';

export const alertView = el('section', { class: 'detail', 'aria-live': 'off' });

let wanted = '';
let shown: FullAlert | undefined;
let steps: EvidenceSteps | undefined;
/** Kept while only triage changes, so that expanded events stay expanded. */
let evidence: HTMLElement | undefined;

export const openAlert = (): FullAlert | undefined => (shown?.id === wanted ? shown : undefined);

export async function showAlert(id: string): Promise<void> {
  wanted = id;
  if (shown?.id !== id) {
    shown = steps = evidence = undefined;
    alertView.replaceChildren(back(), el('p', { class: 'quiet' }, 'Loading…'));
  }
  const [alert, answer] = await Promise.all([api.alert(id), api.evidence(id)]);
  if (wanted !== id) return;
  if (!alert.ok) {
    const retry = el('button', { type: 'button', onclick: () => void showAlert(id) }, 'Try again');
    return alertView.replaceChildren(
      back(),
      el('h1', { tabindex: '-1' }, 'Cannot show this alert'),
      el('p', { class: 'fault', role: 'alert' }, data(alert.detail)),
      retry,
    );
  }
  steps = answer.ok ? answer.value : undefined;
  evidence = undefined;
  show(alert.value);
  alertView.querySelector('h1')?.focus();
}

/** Call when another view is shown. */
export function leaveAlert(): void {
  wanted = '';
}

let asking = false;
let again = false;

/** Reads the open alert again after a change. Changes during a read cause one more read, not one each. */
export async function alertChanged({ id }: AlertBrief): Promise<void> {
  if (id !== wanted || shown === undefined) return;
  again = asking;
  if (asking) return;
  asking = true;
  const now = await api.alert(id);
  asking = false;
  if (now.ok) show(now.value);
  if (again && shown !== undefined) await alertChanged(shown);
}

export function show(alert: FullAlert): void {
  if (alert.id !== wanted || (shown !== undefined && shown.id === alert.id && (alert.revision ?? 0) < (shown.revision ?? 0))) return;
  const focused = alertView.contains(document.activeElement) ? document.activeElement?.id : undefined;
  if (shown?.count !== alert.count && evidence?.querySelector('details[open]') === null) evidence = undefined;
  shown = alert;
  document.title = `${plain(alert.rule.title, 80)} · Weir`;
  evidence ??= timelineView(alert, steps);
  alertView.replaceChildren(
    back(),
    el(
      'header',
      { class: 'head' },
      el('div', { class: 'tags' }, levelTag(alert.rule.level), statusTag(alert), alert.shadow && el('span', { class: 'status' }, 'Shadow')),
      el('h1', { tabindex: '-1', id: 'alert-title' }, data(alert.rule.title, 200)),
      alert.message !== '' && el('p', { class: 'message' }, data(alert.message, 600)),
      el('p', { class: 'reason' }, data(alert.reason, 600)),
    ),
    actions(alert),
    el('div', { class: 'columns' }, evidence, el('aside', { 'aria-label': 'About this alert' }, facts(alert), history(alert))),
  );
  if (focused !== undefined && focused !== '') document.getElementById(focused)?.focus({ preventScroll: true });
}

const back = (): HTMLElement =>
  el('nav', { class: 'back', 'aria-label': 'Back' }, el('a', { href: '#/alerts', 'data-back': '' }, '← Alerts'));

function actions(alert: FullAlert): HTMLElement {
  const button = (id: string, key: string, text: string, does: (alert: FullAlert) => Promise<void>, main = false): HTMLElement =>
    el(
      'button',
      { type: 'button', id, class: main ? 'main' : '', onclick: () => void does(shown ?? alert) },
      text,
      el('kbd', { 'aria-hidden': 'true' }, key),
    );
  return el(
    'div',
    { class: 'actions', role: 'group', 'aria-label': 'Triage' },
    alert.status === 'open' && button('do-acknowledge', 'a', 'Acknowledge', acknowledge, true),
    button('do-close', 'c', alert.status === 'closed' ? 'Change verdict' : 'Close', close, alert.status === 'acknowledged'),
    alert.status !== 'open' && button('do-reopen', 'o', 'Reopen', reopen),
    button('do-note', 'n', 'Note', note),
    button('do-assign', 's', 'Assign', assign),
  );
}

function facts(alert: FullAlert): HTMLElement {
  const fact = (name: string, ...value: Child[]): Child => [el('dt', {}, name), el('dd', {}, value)];
  const pairs = Object.entries(alert.group).map(([name, value]) =>
    el('div', {}, el('span', { class: 'name' }, data(name, 80)), ' ', data(value, 120)),
  );
  const entities = alert.entities.map(({ field, value, risk }) =>
    el(
      'div',
      { class: 'entity' },
      el(
        'a',
        { href: entityLink(field, value), title: 'All alerts with this entity' },
        el('span', { class: 'name' }, data(field, 80)),
        ' ',
        plain(value, 120),
      ),
      el('span', { class: 'risk' }, `risk ${figure(risk)}`),
    ),
  );
  const lasted = Date.parse(alert.last_seen) - Date.parse(alert.first_seen);
  return el(
    'section',
    { 'aria-labelledby': 'facts' },
    el('h2', { id: 'facts' }, 'Facts'),
    el(
      'dl',
      { class: 'facts' },
      pairs.length > 0 && fact('Group', pairs),
      entities.length > 0 && fact('Entities', entities),
      fact('Events', count(alert.count), alert.capped === true && el('span', { class: 'quiet' }, ' or more (limit reached)')),
      fact('Value', figure(alert.value)),
      fact('First seen', moment(alert.first_seen)),
      fact('Last seen', moment(alert.last_seen), lasted > 0 && el('span', { class: 'quiet' }, ` after ${duration(lasted)}`)),
      fact('Created', moment(alert.created)),
      fact('Assignee', alert.assignee === undefined ? el('span', { class: 'quiet' }, 'unassigned') : data(alert.assignee, 128)),
      fact('Rule', el('a', { href: ruleLink(alert.rule.id) }, plain(alert.rule.id, 128))),
      alert.rule.tags.length > 0 &&
        fact(
          'Tags',
          alert.rule.tags.map((tag) => el('span', { class: 'tag' }, data(tag, 80))),
        ),
      fact('Id', el('code', {}, data(alert.id, 80))),
    ),
  );
}

const entityLink = (field: string, value: string) =>
  writeRoute({ view: 'list', filter: { ...startFilter, status: undefined, order: 'newest', entity: `${field}:${value}` } }) as `#${string}`;
const ruleLink = (rule: string) =>
  writeRoute({ view: 'list', filter: { ...startFilter, status: undefined, order: 'newest', rule } }) as `#${string}`;

function history({ history: entries, history_dropped: dropped, created }: FullAlert): HTMLElement {
  return el(
    'section',
    { class: 'history', 'aria-labelledby': 'history' },
    el('h2', { id: 'history' }, 'History'),
    el(
      'ol',
      {},
      entries.toReversed().map(entry),
      dropped > 0 && el('li', { class: 'quiet' }, `${count(dropped)} older changes are in the audit log`),
      el('li', {}, el('time', { datetime: created }, moment(created)), el('p', {}, 'Created')),
    ),
  );
}

function entry(one: HistoryEntry): HTMLLIElement {
  const text = changeText(one);
  return el(
    'li',
    {},
    el('b', {}, data(one.who, 80)),
    ' ',
    el('time', { datetime: one.at }, moment(one.at)),
    text !== '' && el('p', {}, data(capital(words(text)), 300)),
    one.note !== undefined && el('blockquote', {}, data(one.note, 1000, '\n')),
  );
}
