/**
 * The keyboard: one table for what a key does, for the help that is shown, and for docs/console.md. A key counts where it
 * stands for something, never while something is typed, and never together with Ctrl, Alt or Meta.
 */

export type Place = 'anywhere' | 'list' | 'alert' | 'list or alert' | 'verdict';

export type Action =
  | 'next'
  | 'previous'
  | 'open'
  | 'back'
  | 'acknowledge'
  | 'close'
  | 'reopen'
  | 'note'
  | 'assign'
  | 'undo'
  | 'fresh'
  | 'filter'
  | 'alerts'
  | 'rules'
  | 'help';

export type Binding = { readonly key: string; readonly action: Action | 'choose'; readonly where: Place; readonly does: string };

export const bindings: readonly Binding[] = [
  { key: 'j', action: 'next', where: 'list or alert', does: 'next alert' },
  { key: 'k', action: 'previous', where: 'list or alert', does: 'previous alert' },
  { key: 'Enter', action: 'open', where: 'list', does: 'open the alert' },
  { key: 'u', action: 'back', where: 'alert', does: 'back to the list' },
  { key: 'a', action: 'acknowledge', where: 'list or alert', does: 'acknowledge' },
  { key: 'c', action: 'close', where: 'list or alert', does: 'close, with a verdict' },
  { key: '1', action: 'choose', where: 'verdict', does: 'true positive' },
  { key: '2', action: 'choose', where: 'verdict', does: 'false positive' },
  { key: '3', action: 'choose', where: 'verdict', does: 'benign' },
  { key: '4', action: 'choose', where: 'verdict', does: 'duplicate' },
  { key: 'o', action: 'reopen', where: 'list or alert', does: 'open it again' },
  { key: 'n', action: 'note', where: 'list or alert', does: 'write a note' },
  { key: 's', action: 'assign', where: 'list or alert', does: 'say who has it' },
  { key: 'z', action: 'undo', where: 'anywhere', does: 'undo the last change' },
  { key: '.', action: 'fresh', where: 'list', does: 'show the alerts that came' },
  { key: '/', action: 'filter', where: 'anywhere', does: 'filter the list' },
  { key: 'g', action: 'alerts', where: 'anywhere', does: 'go to the alerts' },
  { key: 'r', action: 'rules', where: 'anywhere', does: 'go to the rules' },
  { key: '?', action: 'help', where: 'anywhere', does: 'show these keys' },
];

type Pressed = { readonly key: string; readonly ctrlKey: boolean; readonly altKey: boolean; readonly metaKey: boolean };

/** Enter is not among them: the alert that has the focus is a link, and opens by itself. */
export function actionOf({ key, ctrlKey, altKey, metaKey }: Pressed, view: 'list' | 'alert' | 'rules'): Action | undefined {
  if (ctrlKey || altKey || metaKey || key === 'Enter') return undefined;
  const binding = bindings.find((one) => one.key === key && (one.where === 'anywhere' || one.where.split(' or ').includes(view)));
  return binding === undefined || binding.action === 'choose' ? undefined : binding.action;
}

/** The place of the verdict that a key chooses; undefined: none. */
export function verdictOf(key: string): number | undefined {
  const chosen = bindings.filter(({ where }) => where === 'verdict').findIndex((one) => one.key === key);
  return chosen < 0 ? undefined : chosen;
}
