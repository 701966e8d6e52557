/** Short messages at the bottom of the page, and announcements for screen readers. */
import { el, type Child } from '../lib/dom.ts';

export type Offer = { readonly words: string; readonly does: () => void };

const stayMs = 12_000;

const place = (): HTMLElement => document.getElementById('toasts')!;
let timer = 0;

export function toast(kind: 'done' | 'fault', text: Child, offer?: Offer): void {
  clearTimeout(timer);
  const close = (): void => place().replaceChildren();
  const act = (): void => {
    close();
    offer?.does();
  };
  place().replaceChildren(
    el(
      'div',
      { class: `toast ${kind}` },
      el('p', {}, text),
      offer !== undefined && el('button', { type: 'button', onclick: act }, offer.words),
      el('button', { type: 'button', class: 'plain', 'aria-label': 'Close this message', onclick: close }, '✕'),
    ),
  );
  if (kind === 'done') timer = setTimeout(close, stayMs);
}

/** Announces a text to screen readers. */
export function announce(text: string): void {
  document.getElementById('announcer')!.textContent = text;
}
