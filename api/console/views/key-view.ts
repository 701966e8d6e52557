/** Where a key is asked for: only when the server has asked for one. It goes to this server and nowhere else. */
import { el } from '../lib/dom.ts';
import { setKey, theKey } from '../lib/session.ts';

const field = el('input', { id: 'key', type: 'password', autocomplete: 'off', spellcheck: 'false' });
const wrong = el('p', { class: 'fault', role: 'alert' });
const form = el('form', {}, el('label', { for: 'key' }, 'API key'), field, el('button', { class: 'main' }, 'Enter'));
export const keyView = el(
  'section',
  { class: 'key' },
  el('h1', { tabindex: '-1' }, 'This Weir asks for a key'),
  wrong,
  form,
  el('p', { class: 'quiet' }, 'To look, it needs the scope read; to triage, triage. It is kept until this tab is closed.'),
);

/** @param then when one was entered */
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
  wrong.textContent = theKey() === '' ? '' : 'That key is not known here.';
  wrong.hidden = theKey() === '';
  setKey('');
  field.focus();
}
