/** The health strip in the corner of every view: readiness, lag, rate, queue, and whether alerts arrive live. */
import { api } from '../lib/api.ts';
import { el } from '../lib/dom.ts';
import { showCounts } from './filter-view.ts';
import { count, duration, figure } from '../lib/format.ts';
import { eventsPerSecond, queued } from '../state/rates.ts';
import type { Overview, Readiness } from '../state/types.ts';

const everyMs = 5000;
/** Sooner after the first reading: a rate needs two. */
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

let stream: 'live' | 'waiting' | 'refused' | 'starting' = 'starting';
let readiness: Readiness | undefined;
let answers = true;
let last: Overview | undefined;

export function showStreamState(now: typeof stream): void {
  stream = now;
  showState();
}

function showState(): void {
  const bad = readiness === undefined ? [] : Object.entries(readiness.parts).filter(([, { ok }]) => !ok);
  const [kind, text] = ((): [string, string] => {
    if (!answers) return ['bad', 'offline: retrying'];
    if (bad.length > 0)
      return ['bad', `not ready: ${bad.map(([name, { reason }]) => (reason === undefined ? name : `${name}, ${reason}`)).join('; ')}`];
    if (stream === 'waiting') return ['warn', 'reconnecting'];
    if (stream === 'refused') return ['bad', 'no live alerts: the key lacks the scope read'];
    return stream === 'live' ? ['good', 'live'] : ['warn', 'connecting…'];
  })();
  state.className = `light ${kind}`;
  // Screen readers announce each assignment, so only changes are assigned.
  if (state.textContent !== text) state.textContent = text;
}

async function refresh(): Promise<void> {
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

/** Refreshes the strip at intervals while the page is visible. */
export function watch(): void {
  const again = async (): Promise<void> => {
    if (!document.hidden) await refresh();
    setTimeout(() => void again(), rate.value.textContent === '–' ? firstMs : everyMs);
  };
  void again();
  document.addEventListener('visibilitychange', () => void (document.hidden || refresh()));
}
