/** The triage actions. Each change names the revision last seen, and can be undone by another change. */
import type { AlertBrief } from '../../../engine/core/alert/alert.ts';
import { api } from '../lib/api.ts';
import { askConflict, askText, askVerdict } from '../views/dialogs.ts';
import { briefly, data, el } from '../lib/dom.ts';
import { capital, moment, words } from '../lib/format.ts';
import { changeText, since } from './history.ts';
import { preference, setPreference } from '../lib/session.ts';
import { toast } from '../views/toast.ts';
import type { Change, FullAlert } from './types.ts';

type Listener = (alert: FullAlert) => void;
let notify: Listener = () => undefined;
/** Sets the callback for each successful change. */
export const whenTriaged = (then: Listener): void => void (notify = then);

let undoLast: (() => void) | undefined;
export const undo = (): void => undoLast?.();

const revisionOf = ({ revision }: AlertBrief): number => revision ?? 0;

/** Alerts that this page has changed, with the resulting revision. */
const own = new Map<string, number>();
const ownMax = 500;
let underWay: Promise<void> = Promise.resolve();

/**
 * Sends changes one after the other: a key pressed before the last change was answered refers to the alert after that
 * change, so that a user never conflicts with their own changes.
 * @param done the message on success, such as "Acknowledged"
 */
function change(alert: AlertBrief, body: Change, done: string, undoes?: Change): Promise<void> {
  underWay = underWay.catch(() => undefined).then(() => send(alert, body, done, undoes));
  return underWay;
}

async function send(alert: AlertBrief, body: Change, done: string, undoes: Change | undefined): Promise<void> {
  const answer = await api.triage(alert.id, Math.max(revisionOf(alert), own.get(alert.id) ?? 0), body);
  if (answer.ok) {
    if (own.size >= ownMax) own.clear();
    own.set(alert.id, revisionOf(answer.value));
    notify(answer.value);
    return offerUndo(answer.value, done, undoes);
  }
  if (answer.status === 412) return conflict(alert, body, done, undoes);
  const again = (): void => void change(alert, body, done, undoes);
  if (answer.status !== 401) toast('fault', `Failed: ${answer.detail}`, { words: 'Try again', does: again });
}

function offerUndo(alert: FullAlert, done: string, undoes: Change | undefined): void {
  undoLast = undefined;
  if (undoes === undefined) return toast('done', done);
  undoLast = () => {
    undoLast = undefined;
    void change(alert, undoes, `Undone: ${words(undoes.status ?? alert.status)} again`);
  };
  toast('done', [`${done}: `, briefly(alert.rule.title, 60)], { words: 'Undo', does: () => undo() });
}

/** Shows the other user's changes; if the user proceeds, the change is made on top of them. */
async function conflict(alert: AlertBrief, body: Change, done: string, undoes: Change | undefined): Promise<void> {
  const now = await api.alert(alert.id);
  if (!now.ok) return toast('fault', `Failed: ${now.detail}`);
  notify(now.value);
  const entries = since(now.value.history, revisionOf(alert), revisionOf(now.value));
  const changes = entries.map((entry) =>
    el(
      'li',
      {},
      el('b', {}, data(entry.who)),
      ' ',
      el('time', { datetime: entry.at }, moment(entry.at)),
      ' ',
      data(changeText(entry)),
      entry.note !== undefined && el('blockquote', {}, data(entry.note)),
    ),
  );
  const proceed = `${capital(body.status === undefined ? 'change it' : body.status === 'closed' ? `close as ${words(body.verdict ?? '')}` : body.status === 'open' ? 'reopen' : 'acknowledge')} anyway`;
  const confirmed = await askConflict(proceed, [el('p', {}, 'Changes since you opened it:'), el('ul', { class: 'changes' }, changes)]);
  if (confirmed === true) await send(now.value, body, done, undoes);
}

const before = ({ status, verdict, assignee }: AlertBrief): Change => ({ status, verdict: verdict ?? null, assignee: assignee ?? null });
const aboutOf = (alert: AlertBrief) => briefly(alert.rule.title, 120);

export async function acknowledge(alert: AlertBrief): Promise<void> {
  if (alert.status === 'acknowledged') return toast('done', 'Already acknowledged');
  await change(alert, { status: 'acknowledged' }, 'Acknowledged', before(alert));
}

export async function close(alert: AlertBrief): Promise<void> {
  const given = await askVerdict(aboutOf(alert));
  if (given === undefined) return;
  const { verdict, note: text } = given;
  await change(alert, { status: 'closed', verdict, ...(text === '' ? {} : { note: text }) }, `Closed as ${words(verdict)}`, before(alert));
}

export async function reopen(alert: AlertBrief): Promise<void> {
  if (alert.status === 'open') return toast('done', 'Already open');
  await change(alert, { status: 'open' }, 'Reopened', before(alert));
}

export async function note(alert: AlertBrief): Promise<void> {
  const text = await askText('Note', aboutOf(alert), { value: '', lines: true, may: false });
  if (text !== undefined) await change(alert, { note: text }, 'Note added');
}

export async function assign(alert: AlertBrief): Promise<void> {
  const text = await askText('Assign to', aboutOf(alert), { value: alert.assignee ?? preference('name'), lines: false, may: true });
  if (text === undefined) return;
  if (text !== '') setPreference('name', text);
  await change(alert, { assignee: text === '' ? null : text }, text === '' ? 'Unassigned' : 'Assigned', before(alert));
}
