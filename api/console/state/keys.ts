/**
 * Keyboard shortcuts: one table for the actions, the help dialog, and docs/console.md. A shortcut works in the views it is
 * defined for, but not while typing, and not together with Ctrl, Alt or Meta.
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
  { key: 'o', action: 'reopen', where: 'list or alert', does: 'reopen' },
  { key: 'n', action: 'note', where: 'list or alert', does: 'add a note' },
  { key: 's', action: 'assign', where: 'list or alert', does: 'assign' },
  { key: 'z', action: 'undo', where: 'anywhere', does: 'undo the last change' },
  { key: '.', action: 'fresh', where: 'list', does: 'show new alerts' },
  { key: '/', action: 'filter', where: 'anywhere', does: 'filter the list' },
  { key: 'g', action: 'alerts', where: 'anywhere', does: 'go to the alerts' },
  { key: 'r', action: 'rules', where: 'anywhere', does: 'go to the rules' },
  { key: '?', action: 'help', where: 'anywhere', does: 'show keyboard shortcuts' },
];

type Pressed = { readonly key: string; readonly ctrlKey: boolean; readonly altKey: boolean; readonly metaKey: boolean };

/** The action of a key press; undefined if it has none. Enter has none: the focused alert is a link, which Enter opens. */
export function actionOf({ key, ctrlKey, altKey, metaKey }: Pressed, view: 'list' | 'alert' | 'rules'): Action | undefined {
  if (ctrlKey || altKey || metaKey || key === 'Enter') return undefined;
  const binding = bindings.find((one) => one.key === key && (one.where === 'anywhere' || one.where.split(' or ').includes(view)));
  return binding === undefined || binding.action === 'choose' ? undefined : binding.action;
}

/** The index of the verdict that a key chooses; undefined if it chooses none. */
export function verdictOf(key: string): number | undefined {
  const chosen = bindings.filter(({ where }) => where === 'verdict').findIndex((one) => one.key === key);
  return chosen < 0 ? undefined : chosen;
}
