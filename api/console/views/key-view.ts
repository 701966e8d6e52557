/** The form for an API key, shown when the server requires one. The key is sent to this server only. */
import { el } from '../lib/dom.ts';
import { setKey, theKey } from '../lib/session.ts';

const field = el('input', { id: 'key', type: 'password', autocomplete: 'off', spellcheck: 'false' });
const wrong = el('p', { class: 'fault', role: 'alert' });
const form = el('form', {}, el('label', { for: 'key' }, 'API key'), field, el('button', { class: 'main' }, 'Sign in'));
export const keyView = el(
  'section',
  { class: 'key' },
  el('h1', { tabindex: '-1' }, 'API key required'),
  wrong,
  form,
  el('p', { class: 'quiet' }, 'The key needs the scope read, and the scope triage to change alerts. It is kept until you close this tab.'),
);

/** @param then called when a key was entered */
export function whenKeyGiven(then: () => void): void {
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (field.value.trim() === '') return field.focus();
    setKey(field.value.trim());
    field.value = '';
    then();
  });
}

export function askKey(): void {
  wrong.textContent = theKey() === '' ? '' : 'Invalid API key.';
  wrong.hidden = theKey() === '';
  setKey('');
  field.focus();
}
