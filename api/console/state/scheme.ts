/** The colour scheme, light or dark: the system's, unless the user chooses one. */
import { el } from '../lib/dom.ts';
import { preference, setPreference } from '../lib/session.ts';

const schemes = ['auto', 'light', 'dark'] as const;
const current = (): (typeof schemes)[number] => schemes.find((one) => one === preference('scheme')) ?? 'auto';

export const schemeSwitch = el('button', { type: 'button', class: 'plain', onclick: () => next() });

function apply(): void {
  const scheme = current();
  if (scheme === 'auto') delete document.documentElement.dataset['scheme'];
  else document.documentElement.dataset['scheme'] = scheme;
  schemeSwitch.textContent = { auto: '◐', light: '☀', dark: '☾' }[scheme];
  schemeSwitch.setAttribute('aria-label', `Colours: ${scheme}`);
  schemeSwitch.title = `Colours: ${scheme}`;
}

function next(): void {
  setPreference('scheme', schemes[(schemes.indexOf(current()) + 1) % schemes.length]!);
  apply();
}

apply();
