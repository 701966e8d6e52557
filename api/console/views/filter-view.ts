/** The filter bar of the list: status, level with the number of unclosed alerts, rule, entity, order. Each choice is a link. */
import type { Overview, RuleRow } from '../state/types.ts';
import { el } from '../lib/dom.ts';
import { isEntity, statuses, type Filter } from '../state/filter.ts';
import { capital, count, levels } from '../lib/format.ts';
import { writeRoute } from '../state/route.ts';
import { list, whenListChanges } from '../state/store.ts';
import { toast } from './toast.ts';
import { plain } from '../state/visible.ts';

const go = (filter: Filter): void => void (location.hash = writeRoute({ view: 'list', filter }));

type Choice = { readonly link: HTMLAnchorElement; readonly with: (filter: Filter) => Filter; readonly is: (filter: Filter) => boolean };

const choice = (words: Node | string, change: (filter: Filter) => Filter, is: Choice['is'], kind = 'choice'): Choice => ({
  link: el('a', { class: kind }, words),
  with: change,
  is,
});

const byStatus = [...statuses, undefined].map((status) =>
  choice(
    capital(status ?? 'any'),
    (filter) => ({ ...filter, status }),
    (filter) => filter.status === status,
  ),
);

const counts = new Map(levels.map((level) => [level, el('span', { class: 'n' })]));
const byLevel = levels.map((level) => {
  const words = el('span', {}, capital(level === 'informational' ? 'info' : level), ' ', counts.get(level));
  const change = (filter: Filter): Filter => ({ ...filter, level: filter.level === level ? undefined : level });
  return choice(words, change, (filter) => filter.level === level, `choice chip ${level}`);
});

const byOrder = (['priority', 'newest'] as const).map((order) =>
  choice(
    capital(order),
    (filter) => ({ ...filter, order }),
    (filter) => filter.order === order,
  ),
);
const shadow = choice(
  'Shadow',
  (filter) => ({ ...filter, shadow: !filter.shadow }),
  (filter) => filter.shadow,
);

const choices = [...byStatus, ...byLevel, ...byOrder, shadow];

const known = el('datalist', { id: 'known-rules' });
const rule = el('input', { id: 'rule', type: 'text', list: 'known-rules', autocomplete: 'off', spellcheck: 'false', placeholder: 'any' });
const entity = el('input', { id: 'entity', type: 'text', autocomplete: 'off', spellcheck: 'false', placeholder: 'source.ip:203.0.113.9' });
const clear = el('a', { class: 'clear' }, 'Clear');
const form = el(
  'form',
  { class: 'fields', role: 'search', 'aria-label': 'Filter alerts' },
  el('label', { for: 'rule' }, 'Rule'),
  rule,
  el('label', { for: 'entity' }, 'Entity'),
  entity,
  el('button', {}, 'Filter'),
  clear,
  known,
);

form.addEventListener('submit', (event) => {
  event.preventDefault();
  const wanted = entity.value.trim();
  if (wanted !== '' && !isEntity(wanted)) {
    toast('fault', 'An entity must be field:value, such as source.ip:203.0.113.9');
    return entity.focus();
  }
  go({ ...list().filter, rule: rule.value.trim(), entity: wanted });
});

const links = (some: readonly Choice[], label: string): HTMLElement =>
  el(
    'div',
    { class: 'links', role: 'group', 'aria-label': label },
    some.map(({ link }) => link),
  );

/** Collapsed on a phone. */
const further = el('details', { class: 'further' }, el('summary', {}, 'More filters'));
const narrow = window.matchMedia('(max-width: 640px)');
const unfold = (): void => void (further.open = !narrow.matches || rule.value !== '' || entity.value !== '');
narrow.addEventListener('change', unfold);

further.append(el('div', {}, form, links(byOrder, 'Order'), links([shadow], 'Shadow rules')));
export const filterBar = el(
  'div',
  { class: 'filters' },
  el('div', { class: 'row' }, links(byStatus, 'Status'), links(byLevel, 'Level')),
  further,
);

export function focusFilter(): void {
  further.open = true;
  rule.focus();
}

export function offerRules(rules: readonly RuleRow[]): void {
  known.replaceChildren(...rules.map(({ id, title }) => el('option', { value: id }, plain(title, 80))));
}

export function showCounts({ unclosed }: Overview): void {
  for (const [level, element] of counts) element.textContent = count(unclosed[level]);
}

whenListChanges(({ filter, phase }) => {
  for (const { link, with: change, is } of choices) {
    link.href = writeRoute({ view: 'list', filter: change(filter) });
    if (is(filter)) link.setAttribute('aria-current', 'true');
    else link.removeAttribute('aria-current');
  }
  clear.href = writeRoute({ view: 'list', filter: { ...filter, level: undefined, rule: '', entity: '' } });
  clear.hidden = filter.rule === '' && filter.entity === '' && filter.level === undefined;
  if (phase !== 'loading') return;
  rule.value = filter.rule;
  entity.value = filter.entity;
  unfold();
});
