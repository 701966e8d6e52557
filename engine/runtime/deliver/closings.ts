/**
 * Webhooks are notified of closed alerts, so that what was opened elsewhere for one is closed there too.
 *
 *     triage closes, and notes in the same step that webhooks are to be notified ─▶ deliveries are queued ─▶ the note is taken away
 *
 * The process that closes an alert does the rest before it answers. If it dies in between, a worker does it a moment
 * later: the deliveries' ids are those of the alerts, so that notifying twice queues nothing twice.
 */
import type { Alert } from '../../core/alert/alert.ts';
import { limits } from '../../core/limits.ts';
import type { TriageChange } from '../../core/alert/triage.ts';
import type { AlertStore } from '../forward/ports.ts';
import type { TriageAnswer, TriageStore } from '../alert/triage.ts';
import type { FanOut } from './ports.ts';

export type ClosingPorts = { readonly fanOut: FanOut; readonly triage: Pick<TriageStore, 'unnotified' | 'markNotified'> };

/** The alerts that a change of triage closed. A repeat counts as well: the change may have gone through before, and the notification not. */
export function closedBy(change: TriageChange, answers: readonly TriageAnswer[]): Alert[] {
  if (change.status !== 'closed') return [];
  return answers.flatMap((answer) => (answer.kind === 'changed' || answer.kind === 'unchanged' ? [answer.alert] : []));
}

/** @throws why a target was not notified of one of them; it is of the others */
export async function notifyClosed({ fanOut, triage }: ClosingPorts, closed: readonly Alert[]): Promise<void> {
  if (closed.length === 0) return;
  const answers = await fanOut.add(closed, 'alert.closed');
  const notified = closed.filter((_, i) => !(answers[i] instanceof Error));
  if (notified.length > 0) await triage.markNotified(notified.map(({ id }) => id));
  const failed = answers.find((one) => one instanceof Error);
  if (failed !== undefined) throw failed;
}

/** Notifies of alerts that were closed some time ago and still have the note. @throws as notifyClosed does */
export async function notifyOverdue(ports: ClosingPorts & { readonly alerts: Pick<AlertStore, 'getMany'> }): Promise<void> {
  const ids = await ports.triage.unnotified(limits.closingTellMs, limits.closingTellMax);
  if (ids.length === 0) return;
  const alerts = (await ports.alerts.getMany(ids)).filter((alert) => alert?.status === 'closed').map((alert) => alert!);
  const gone = ids.filter((id) => !alerts.some((alert) => alert.id === id));
  if (gone.length > 0) await ports.triage.markNotified(gone);
  await notifyClosed(ports, alerts);
}
