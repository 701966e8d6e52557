/** How Weir is doing, in the corner of every view: ready or what is not, lag, rate, queue, and whether alerts come live. */
import { api } from '../lib/api.ts';
import { el } from '../lib/dom.ts';
import { showCounts } from './filter-view.ts';
import { count, duration, figure } from '../lib/format.ts';
import { eventsPerSecond, queued } from '../state/rates.ts';
import type { Overview, Readiness } from '../state/types.ts';

const everyMs = 5000;
/** A rate needs two readings: the second comes sooner. */
const firstMs = 1500;

const state = el('span', { class: 'light', role: 'status' }, 'connecting…');
const value = (name: string): { readonly whole: HTMLElement; readonly value: HTMLElement } => {
  const shown = el('b', {}, '–');
  return { whole: el('span', { class: 'figure' }, `${name} `, shown), value: shown };
};
const [lag, rate, queue, dead] = [value('lag'), value('events/s'), value('queue'), value('dead-lettered')];
dead.whole.hidden = true;

export const strip = el(
  'div',
  { class: 'strip', role: 'group', 'aria-label': 'Health' },
  state,
  lag.whole,
  rate.whole,
  queue.whole,
  dead.whole,
);

let line: 'live' | 'waiting' | 'refused' | 'starting' = 'starting';
let readiness: Readiness | undefined;
let answers = true;
let last: Overview | undefined;

export function lineIs(now: typeof line): void {
  line = now;
  showState();
}

function showState(): void {
  const bad = readiness === undefined ? [] : Object.entries(readiness.parts).filter(([, { ok }]) => !ok);
  const [kind, text] = ((): [string, string] => {
    if (!answers) return ['bad', 'offline: trying again'];
    if (bad.length > 0)
      return ['bad', `not ready: ${bad.map(([name, { reason }]) => (reason === undefined ? name : `${name}, ${reason}`)).join('; ')}`];
    if (line === 'waiting') return ['warn', 'reconnecting'];
    if (line === 'refused') return ['bad', 'no live alerts: the key may not read'];
    return line === 'live' ? ['good', 'live'] : ['warn', 'connecting…'];
  })();
  state.className = `light ${kind}`;
  // Said again only when it is something else.
  if (state.textContent !== text) state.textContent = text;
}

async function look(): Promise<void> {
  const [ready, now] = await Promise.all([api.ready(), api.overview()]);
  answers = ready.ok;
  readiness = ready.ok ? ready.value : undefined;
  showState();
  if (!now.ok) return;
  const perSecond = eventsPerSecond(last, now.value);
  lag.value.textContent = now.value.lag_seconds < 0.05 ? '0s' : duration(now.value.lag_seconds * 1000);
  if (perSecond !== undefined) rate.value.textContent = figure(Math.round(perSecond * 10) / 10);
  queue.value.textContent = count(queued(now.value));
  dead.whole.hidden = now.value.events.dead_lettered === 0;
  dead.value.textContent = count(now.value.events.dead_lettered);
  showCounts(now.value);
  last = now.value;
}

/** Looks now and then, while somebody looks at the page. */
export function watch(): void {
  const again = async (): Promise<void> => {
    if (!document.hidden) await look();
    setTimeout(() => void again(), rate.value.textContent === '–' ? firstMs : everyMs);
  };
  void again();
  document.addEventListener('visibilitychange', () => void (document.hidden || look()));
}
