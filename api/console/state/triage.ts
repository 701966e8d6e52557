/** What an analyst does with an alert: each change names the revision that was seen, and can be undone by another change. */
import type { AlertBrief } from '../../../engine/core/alert/alert.ts';
import { api } from '../lib/api.ts';
import { askConflict, askText, askVerdict } from '../views/dialogs.ts';
import { briefly, data, el } from '../lib/dom.ts';
import { capital, moment, words } from '../lib/format.ts';
import { changeText, since } from './history.ts';
import { like, liking } from '../lib/session.ts';
import { toast } from '../views/toast.ts';
import type { Change, FullAlert } from './types.ts';

type Told = (alert: FullAlert) => void;
let tell: Told = () => undefined;
/** Told of each change that went through. */
export const whenTriaged = (then: Told): void => void (tell = then);

let undoLast: (() => void) | undefined;
export const undo = (): void => undoLast?.();

const revisionOf = ({ revision }: AlertBrief): number => revision ?? 0;

/** Alerts that this page has changed, at the revision that it made of them. */
const own = new Map<string, number>();
const ownMax = 500;
let underWay: Promise<void> = Promise.resolve();

/**
 * One after the other: a key that is pressed before the last change was answered means the alert as that will be, and
 * is no conflict with oneself.
 * @param done in words, as in "Acknowledged"
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
    tell(answer.value);
    return offerUndo(answer.value, done, undoes);
  }
  if (answer.status === 412) return conflict(alert, body, done, undoes);
  const again = (): void => void change(alert, body, done, undoes);
  if (answer.status !== 401) toast('fault', `Not done: ${answer.detail}`, { words: 'Try again', does: again });
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

/** Shows what the other did; going on means on top of that. */
async function conflict(alert: AlertBrief, body: Change, done: string, undoes: Change | undefined): Promise<void> {
  const now = await api.alert(alert.id);
  if (!now.ok) return toast('fault', `Not done: ${now.detail}`);
  tell(now.value);
  const entries = since(now.value.history, revisionOf(alert), revisionOf(now.value));
  const told = entries.map((entry) =>
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
  const wanted = `${capital(body.status === undefined ? 'change it' : body.status === 'closed' ? `close as ${words(body.verdict ?? '')}` : body.status === 'open' ? 'open it' : 'acknowledge')} all the same`;
  const goOn = await askConflict(wanted, [el('p', {}, 'Since you looked:'), el('ul', { class: 'changes' }, told)]);
  if (goOn === true) await send(now.value, body, done, undoes);
}

const before = ({ status, verdict, assignee }: AlertBrief): Change => ({ status, verdict: verdict ?? null, assignee: assignee ?? null });
const aboutOf = (alert: AlertBrief) => briefly(alert.rule.title, 120);

export async function acknowledge(alert: AlertBrief): Promise<void> {
  if (alert.status === 'acknowledged') return toast('done', 'It is acknowledged already');
  await change(alert, { status: 'acknowledged' }, 'Acknowledged', before(alert));
}

export async function close(alert: AlertBrief): Promise<void> {
  const given = await askVerdict(aboutOf(alert));
  if (given === undefined) return;
  const { verdict, note: text } = given;
  await change(alert, { status: 'closed', verdict, ...(text === '' ? {} : { note: text }) }, `Closed as ${words(verdict)}`, before(alert));
}

export async function reopen(alert: AlertBrief): Promise<void> {
  if (alert.status === 'open') return toast('done', 'It is open already');
  await change(alert, { status: 'open' }, 'Open again', before(alert));
}

export async function note(alert: AlertBrief): Promise<void> {
  const text = await askText('Note', aboutOf(alert), { value: '', lines: true, may: false });
  if (text !== undefined) await change(alert, { note: text }, 'Noted');
}

export async function assign(alert: AlertBrief): Promise<void> {
  const text = await askText('Who has it', aboutOf(alert), { value: alert.assignee ?? liking('name'), lines: false, may: true });
  if (text === undefined) return;
  if (text !== '') like('name', text);
  await change(alert, { assignee: text === '' ? null : text }, text === '' ? 'Nobody has it' : 'Assigned', before(alert));
}
