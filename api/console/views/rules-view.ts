/** The running rules in numbers, those with the most unclosed alerts first, and the problems of the rule files. */
import type { Problem } from '../../../engine/core/problem.ts';
import { api } from '../lib/api.ts';
import { data, el, type Child } from '../lib/dom.ts';
import { startFilter } from '../state/filter.ts';
import { age, count, figure, moment, percent, plural, rankOf } from '../lib/format.ts';
import { levelTag } from './row.ts';
import { writeRoute } from '../state/route.ts';
import type { RuleList, RuleRow } from '../state/types.ts';
import { plain } from '../state/visible.ts';

export const rulesView = el('section', { class: 'rules' });

type Column = {
  readonly name: string;
  readonly order?: (a: RuleRow, b: RuleRow) => number;
  readonly cell: (rule: RuleRow, now: number) => Child;
};

const openOf = ({ counts }: RuleRow): number => (counts === null ? 0 : counts.status.open + counts.status.acknowledged);
const costOf = ({ cost }: RuleRow): number => (cost === null ? 0 : cost.match_seconds + cost.judge_seconds);
const dash = '–';

const columns: readonly Column[] = [
  {
    name: 'Rule',
    order: (a, b) => a.id.localeCompare(b.id),
    cell: ({ id, title }) => [
      el(
        'a',
        { href: writeRoute({ view: 'list', filter: { ...startFilter, status: undefined, rule: id } }) as `#${string}` },
        plain(title, 120),
      ),
      el('span', { class: 'quiet' }, data(id, 128)),
    ],
  },
  {
    name: 'Status',
    order: (a, b) => a.status.localeCompare(b.status),
    cell: ({ status }) => el('span', { class: `status ${status}` }, status),
  },
  { name: 'Level', order: (a, b) => rankOf(a.level) - rankOf(b.level), cell: ({ level }) => levelTag(level) },
  {
    name: 'Alerts',
    order: (a, b) => (b.counts?.alerts ?? 0) - (a.counts?.alerts ?? 0),
    cell: ({ counts }) => (counts === null ? dash : count(counts.alerts)),
  },
  { name: 'Not closed', order: (a, b) => openOf(b) - openOf(a), cell: (rule) => (rule.counts === null ? dash : count(openOf(rule))) },
  {
    name: 'Precision',
    order: (a, b) => (a.counts?.precision ?? 2) - (b.counts?.precision ?? 2),
    cell: ({ counts }) => (typeof counts?.precision === 'number' ? percent(counts.precision) : dash),
  },
  {
    name: 'Cost',
    order: (a, b) => costOf(b) - costOf(a),
    cell: (rule) => (rule.cost === null ? dash : `${figure(costOf(rule) * 1000)} ms`),
  },
  {
    name: 'Last alert',
    order: (a, b) => ((b.counts?.last_alert ?? '') < (a.counts?.last_alert ?? '') ? -1 : 1),
    cell: ({ counts }, now) =>
      typeof counts?.last_alert === 'string'
        ? el('time', { datetime: counts.last_alert, title: moment(counts.last_alert) }, age(counts.last_alert, now))
        : dash,
  },
];

let sorted = 'Not closed';
let shown: RuleList | undefined;

export async function showRules(): Promise<void> {
  if (shown === undefined) rulesView.replaceChildren(heading(), el('p', { class: 'quiet' }, 'Loading…'));
  const answer = await api.rules();
  if (answer.ok) show(answer.value);
  else
    rulesView.replaceChildren(
      heading(),
      el('p', { class: 'fault', role: 'alert' }, answer.detail),
      el('button', { type: 'button', onclick: () => void showRules() }, 'Try again'),
    );
  rulesView.querySelector('h1')?.focus();
}

const heading = (text = ''): HTMLElement =>
  el('div', { class: 'head' }, el('h1', { tabindex: '-1' }, 'Rules'), el('span', { class: 'quiet' }, text));

function show(list: RuleList): void {
  shown = list;
  const order = columns.find(({ name }) => name === sorted)!.order!;
  const rules = list.rules.toSorted((a, b) => order(a, b) || a.id.localeCompare(b.id));
  const now = Date.now();
  const since = list.rules.find(({ cost }) => cost !== null)?.cost?.since;
  const head = columns.map(({ name }) =>
    el(
      'th',
      { scope: 'col', 'aria-sort': name === sorted ? 'other' : undefined },
      el('button', { type: 'button', class: 'plain', onclick: () => sortBy(name) }, name),
    ),
  );
  const body = rules.map((rule) =>
    el(
      'tr',
      {},
      columns.map(({ name, cell }) => el('td', { 'data-name': name }, el('div', {}, cell(rule, now)))),
    ),
  );
  rulesView.replaceChildren(
    heading(plural(list.rules.length, 'rule')),
    ...problems(list),
    el('table', {}, el('thead', {}, el('tr', {}, head)), el('tbody', {}, body)),
    el(
      'p',
      { class: 'quiet' },
      `Precision: true positives ÷ (true + false positives).${since === undefined ? '' : ` Cost: processor time of all workers since ${moment(since)}.`}`,
    ),
  );
}

function sortBy(name: string): void {
  sorted = name;
  if (shown === undefined) return;
  show(shown);
  rulesView.querySelector<HTMLElement>('th[aria-sort] button')?.focus();
}

/** Errors first; warnings are collapsed, since a large rule set may have many. */
function problems({ problems: found }: RuleList): Node[] {
  if (found.length === 0) return [];
  const [errors, warnings] = [found.filter(({ severity }) => severity === 'error'), found.filter(({ severity }) => severity === 'warning')];
  return [
    el(
      'section',
      { class: errors.length > 0 ? 'problems bad' : 'problems', 'aria-labelledby': 'problems' },
      el('h2', { id: 'problems' }, plural(found.length, 'problem'), ' in the rule files'),
      errors.length > 0 && el('ul', {}, errors.map(problem)),
      warnings.length > 0 && el('details', {}, el('summary', {}, plural(warnings.length, 'warning')), el('ul', {}, warnings.map(problem))),
    ),
  ];
}

const problem = ({ file, line, column, severity, code, message, hint }: Problem): HTMLElement =>
  el(
    'li',
    { class: severity },
    el('code', {}, data(`${file}:${line}:${column}`, 200)),
    el('span', { class: 'severity' }, severity),
    el('p', {}, data(message, 400), ' ', el('span', { class: 'quiet' }, `(${code})`)),
    hint !== '' && el('p', { class: 'quiet' }, data(hint, 400)),
  );
