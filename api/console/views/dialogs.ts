/** Dialogs: modal `<dialog>` elements, which keep the focus and close on Escape. */
import { el, type Child } from '../lib/dom.ts';
import { capital, verdicts, words } from '../lib/format.ts';
import { bindings, verdictOf } from '../state/keys.ts';
import { preference, setPreference } from '../lib/session.ts';
import type { VerdictLabel } from '../../../engine/core/alert/alert.ts';

/** Opens a dialog. Resolves with undefined if it was cancelled. */
function ask<T>(title: string, build: (done: (value: T) => void) => Child[]): Promise<T | undefined> {
  return new Promise((resolve) => {
    let chosen: T | undefined;
    const heading = el('h2', { id: 'dialog-title' }, title);
    const dialog = el('dialog', { 'aria-labelledby': 'dialog-title' }, heading);
    const done = (value: T): void => {
      chosen = value;
      dialog.close();
    };
    const cancel = el('button', { type: 'button', class: 'plain close', 'aria-label': 'Cancel', onclick: () => dialog.close() }, '✕');
    dialog.append(cancel, el('div', { class: 'dialog-body' }, build(done)));
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(chosen);
    });
    document.body.append(dialog);
    dialog.showModal();
    dialog.querySelector<HTMLElement>('.first')?.focus();
  });
}

export const isAsking = (): boolean => document.querySelector('dialog[open]') !== null;

export type Closing = { readonly verdict: VerdictLabel; readonly note: string };

export function askVerdict(about: Child): Promise<Closing | undefined> {
  return ask<Closing>('Close with a verdict', (done) => {
    const note = el('textarea', { id: 'closing-note', rows: '2', maxlength: '4000' });
    const choose = (verdict: VerdictLabel): void => done({ verdict, note: note.value.trim() });
    const buttons = verdicts.map((verdict, i) =>
      el(
        'button',
        { type: 'button', class: i === 0 ? 'verdict first' : 'verdict', 'data-verdict': verdict, onclick: () => choose(verdict) },
        el('kbd', { 'aria-hidden': 'true' }, String(i + 1)),
        ` ${capital(words(verdict))}`,
      ),
    );
    const group = el('div', { class: 'verdicts', role: 'group', 'aria-label': 'Verdict' }, buttons);
    const body = el('div', {}, group, el('label', { for: 'closing-note' }, 'Note'), note);
    body.addEventListener('keydown', (event) => {
      const at = verdictOf(event.key);
      if (event.target === note || at === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
      event.preventDefault();
      choose(verdicts[at]!);
    });
    return [el('p', { class: 'about' }, about), body];
  });
}

export function askText(title: string, about: Child, options: { readonly value: string; readonly lines: boolean; readonly may: boolean }) {
  return ask<string>(title, (done) => {
    const field = options.lines
      ? el('textarea', { id: 'text', class: 'first', rows: '4', maxlength: '4000' })
      : el('input', { id: 'text', class: 'first', type: 'text', autocomplete: 'off', maxlength: '128' });
    field.value = options.value;
    const form = el(
      'form',
      {},
      el('label', { for: 'text' }, title),
      field,
      el('div', { class: 'row' }, el('button', { class: 'main' }, 'Save', options.lines && el('kbd', { 'aria-hidden': 'true' }, 'Ctrl ↵'))),
    );
    const submit = (): void => {
      if (options.may || field.value.trim() !== '') done(field.value.trim());
    };
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      submit();
    });
    form.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      submit();
    });
    return [el('p', { class: 'about' }, about), form];
  });
}

/** Shows the changes that somebody else made, and asks whether to proceed. `proceed`: the label of the button. */
export const askConflict = (proceed: string, changes: Child): Promise<true | undefined> =>
  ask<true>('Changed by somebody else', (done) => [
    changes,
    el('div', { class: 'row' }, el('button', { type: 'button', class: 'main first', onclick: () => done(true) }, proceed)),
  ]);

export const showHelp = (): Promise<true | undefined> =>
  ask<true>('Keyboard shortcuts', () => {
    const enabled = el('input', { type: 'checkbox', id: 'shortcuts' });
    enabled.checked = preference('shortcuts') !== 'off';
    enabled.addEventListener('change', () => setPreference('shortcuts', enabled.checked ? '' : 'off'));
    const rows = bindings.map(({ key, where, does }) => [
      el('dt', {}, el('kbd', {}, key)),
      el('dd', {}, where === 'verdict' ? `close as ${does}` : does),
    ]);
    return [el('dl', { class: 'keys' }, rows), el('p', {}, enabled, el('label', { for: 'shortcuts' }, 'Enable keyboard shortcuts'))];
  });
