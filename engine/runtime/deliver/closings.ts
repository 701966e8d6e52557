/**
 * Notifies webhooks of alerts that are closed or reopened, so that an incident opened elsewhere for an alert follows it.
 *
 *     triage closes an alert and notes the turn, in one step ─▶ deliveries are queued ─▶ the note is removed
 *
 * The process that makes the change does the rest before it answers. If it dies in between, a worker does the rest a
 * moment later. The deliveries take their ids from the alert and its turn, so notifying twice queues nothing twice. All
 * turns of an alert that are noted are queued together, in order, whichever process made them.
 */
import type { Alert } from '../../core/alert/alert.ts';
import type { TriageChange, Turn } from '../../core/alert/triage.ts';
import { limits } from '../../core/limits.ts';
import type { TriageAnswer, TriageStore } from '../alert/triage.ts';
import type { FanOut } from './ports.ts';
import type { AlertStore } from '../forward/ports.ts';

export type ClosingPorts = { readonly fanOut: FanOut; readonly triage: Pick<TriageStore, 'unnotified' | 'markNotified'> };

/** Turns that are looked through for those of one request; what is behind them is left to a worker. */
const lookMax = 5000;
/** The clocks of this process and of Redis may differ. */
const clockMs = 60_000;

/**
 * Notifies of the turns of the alerts in these answers. A repeated change counts, too: the notification of the first may
 * be missing. @throws the first error of a target. The alerts that caused none are notified all the same
 */
export async function notifyTurned(ports: ClosingPorts, change: TriageChange, answers: readonly TriageAnswer[]): Promise<void> {
  if (change.status === undefined) return;
  const alerts = new Map(
    answers.flatMap((answer) => (answer.kind === 'changed' || answer.kind === 'unchanged' ? [[answer.alert.id, answer.alert]] : [])),
  );
  if (alerts.size === 0) return;
  const turns = await ports.triage.unnotified(-clockMs, lookMax);
  await notify(
    ports,
    turns.filter(({ id }) => alerts.has(id)),
    alerts,
  );
}

/** Notifies of turns that were made some time ago and are still noted. @throws as notifyTurned does */
export async function notifyOverdue(ports: ClosingPorts & { readonly alerts: Pick<AlertStore, 'getMany'> }): Promise<void> {
  const turns = await ports.triage.unnotified(limits.closingTellMs, limits.closingTellMax);
  if (turns.length === 0) return;
  const ids = [...new Set(turns.map(({ id }) => id))];
  const found = (await ports.alerts.getMany(ids)).filter((alert) => alert !== undefined);
  const alerts = new Map(found.map((alert) => [alert.id, alert]));
  const gone = turns.filter(({ id }) => !alerts.has(id));
  if (gone.length > 0) await ports.triage.markNotified(gone);
  await notify(
    ports,
    turns.filter(({ id }) => alerts.has(id)),
    alerts,
  );
}

async function notify({ fanOut, triage }: ClosingPorts, turns: readonly Turn[], alerts: ReadonlyMap<string, Alert>): Promise<void> {
  if (turns.length === 0) return;
  const answers = await fanOut.addTurns(turns.map((turn) => ({ turn, alert: alerts.get(turn.id)! })));
  const notified = turns.filter((_, i) => !(answers[i] instanceof Error));
  if (notified.length > 0) await triage.markNotified(notified);
  const failed = answers.find((one) => one instanceof Error);
  if (failed !== undefined) throw failed;
}
