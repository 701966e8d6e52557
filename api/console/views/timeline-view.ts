/** The evidence of an alert: a timeline, and below it each event with the steps of the rule that it matches. */
import type { Alert } from '../../../engine/core/alert/alert.ts';
import { data, el, type Child } from '../lib/dom.ts';
import { duration, moment, plural } from '../lib/format.ts';
import { timelineOf, type Lane, type Moment, type Timeline } from '../state/timeline.ts';
import type { EvidenceSteps } from '../state/types.ts';
import { plain } from '../state/visible.ts';

const svgSpace = 'http://www.w3.org/2000/svg';

function svg(tag: string, attributes: Record<string, string>, ...children: Node[]): SVGElement {
  const element = document.createElementNS(svgSpace, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** Dots on a line, from the first event to the last, with room for half a dot at both ends. */
function lane({ name, at }: Lane, color: number): HTMLElement {
  const place = (share: number): string => `${(1 + share * 98).toFixed(2)}%`;
  const dots = at.map((share) => svg('circle', { cx: place(share), cy: '9', r: '5' }));
  const line = svg('line', { x1: '0', x2: '100%', y1: '9', y2: '9' });
  const label = `${plain(name, 60)}: ${plural(at.length, 'event')}`;
  return el(
    'div',
    { class: 'lane' },
    el('span', { class: 'lane-name' }, data(name === '' ? 'no dataset' : name, 60)),
    svg('svg', { class: `dots c${color % 6}`, height: '18', width: '100%', role: 'img', 'aria-label': label }, line, ...dots),
  );
}

function event(one: Moment, colors: ReadonlyMap<string, number>): HTMLLIElement {
  const when =
    one.at === undefined ? el('span', { class: 'quiet' }, 'no timestamp') : el('time', {}, moment(new Date(one.at).toISOString()));
  const since = one.since === undefined || one.since === 0 ? '' : `+${duration(one.since)}`;
  const steps = one.steps.map((name) => el('span', { class: `step c${(colors.get(name) ?? 0) % 6}` }, data(name, 60)));
  const counted = one.counted.map(([name, values]) =>
    el('span', { class: 'counted' }, data(name, 60), ' = ', el('b', {}, data(values, 120))),
  );
  const head: Child[] = [
    el('span', { class: 'when' }, when),
    el('span', { class: 'since' }, since),
    el('span', { class: 'source' }, data(one.dataset, 60), ' ', el('span', { class: 'quiet' }, data(one.id, 60))),
    el('span', { class: 'tags' }, steps, counted, one.expired && el('span', { class: 'expired' }, 'expired')),
  ];
  if (one.expired)
    return el(
      'li',
      { class: 'event' },
      el('div', { class: 'summary' }, head),
      el('p', { class: 'quiet' }, 'This event has expired from the stream.'),
    );
  const details = el('details', {}, el('summary', { class: 'summary' }, head));
  // Rendered when opened: fifty events may be megabytes.
  details.addEventListener('toggle', () => {
    if (details.open && details.children.length === 1)
      details.append(el('pre', { tabindex: '0', 'aria-label': 'Event as JSON' }, data(JSON.stringify(one.raw, null, 2), 6000, '\n')));
  });
  return el('li', { class: 'event' }, details);
}

export function timelineView(alert: Pick<Alert, 'events' | 'count'>, steps: EvidenceSteps | undefined): HTMLElement {
  const timeline = timelineOf(alert, steps);
  const colors = new Map(timeline.lanes.map(({ name }, i) => [name, i]));
  const events = timeline.moments.map((one) => event(one, colors));
  return el(
    'section',
    { class: 'timeline', 'aria-labelledby': 'evidence' },
    el('h2', { id: 'evidence' }, 'Evidence', el('span', { class: 'note' }, 'times are UTC')),
    steps !== undefined && steps.rule !== 'unchanged' && el('p', { class: 'quiet' }, ruleNotes[steps.rule]),
    timeline.lanes.length > 0 && el('div', { class: 'lanes' }, timeline.lanes.map(lane), ends(timeline)),
    el('ol', { class: 'events' }, events),
    timeline.unseen > 0 && el('p', { class: 'quiet' }, `and ${plural(timeline.unseen, 'more event')}, not kept as evidence.`),
  );
}

const ruleNotes = {
  changed: 'The rule has changed since: the steps shown are those of the current rule.',
  missing: 'The rule is no longer running, so its steps are unknown.',
};

function ends({ from, to }: Timeline): Child {
  if (from === undefined || to === undefined) return undefined;
  const text = (ms: number): string => moment(new Date(ms).toISOString());
  if (from === to) return el('p', { class: 'ends' }, el('span', {}, text(from)));
  return el('p', { class: 'ends' }, el('span', {}, text(from)), el('span', {}, duration(to - from)), el('span', {}, text(to)));
}
