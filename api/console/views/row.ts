/** One alert as a line of the list. The whole line is one link; its focus is the keyboard cursor. */
import type { AlertBrief } from '../../../engine/core/alert/alert.ts';
import { briefly, el } from '../lib/dom.ts';
import { age, capital, count, moment, words } from '../lib/format.ts';
import type { Level } from '../../../engine/core/rule.ts';
import { writeRoute } from '../state/route.ts';

export const levelTag = (level: Level): HTMLElement => el('span', { class: `level ${level}` }, level === 'informational' ? 'info' : level);

export function statusTag({ status, verdict }: Pick<AlertBrief, 'status' | 'verdict'>): HTMLElement {
  return el('span', { class: `status ${status}` }, verdict === undefined ? capital(status) : capital(words(verdict)));
}

export function row(alert: AlertBrief, now: number): HTMLLIElement {
  const what = Object.entries(alert.group).map(([name, value]) => [
    el('span', { class: 'name' }, briefly(name, 40)),
    ' ',
    briefly(value, 60),
    '  ',
  ]);
  return el(
    'li',
    { class: `alert ${alert.rule.level} ${alert.status}`, 'data-id': alert.id },
    el(
      'a',
      { href: writeRoute({ view: 'alert', id: alert.id }) as `#${string}` },
      levelTag(alert.rule.level),
      el(
        'span',
        { class: 'what' },
        el('b', {}, briefly(alert.rule.title, 120)),
        el('span', { class: 'why' }, briefly(alert.message === '' ? alert.reason : alert.message, 240)),
      ),
      el('span', { class: 'group' }, what),
      el('span', { class: 'count', title: 'events' }, `×${count(alert.count)}`),
      el(
        'span',
        { class: 'who' },
        statusTag(alert),
        alert.assignee !== undefined && el('span', { class: 'assignee' }, briefly(alert.assignee, 24)),
      ),
      el('time', { datetime: alert.created, title: `${moment(alert.created)} UTC` }, age(alert.created, now)),
    ),
  );
}
