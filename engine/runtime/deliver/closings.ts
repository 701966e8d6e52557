/**
 * Notifies webhooks of closed alerts, so that an incident opened elsewhere for an alert is closed there, too.
 *
 *     triage closes an alert and marks it as unnotified, in one step ─▶ deliveries are queued ─▶ the mark is removed
 *
 * The process that closes an alert does the rest before it answers. If it dies in between, a worker does the rest a
 * moment later. The deliveries take their ids from the alerts, so notifying twice queues nothing twice.
 */
import type { Alert } from '../../core/alert/alert.ts';
import { limits } from '../../core/limits.ts';
import type { TriageChange } from '../../core/alert/triage.ts';
import type { AlertStore } from '../forward/ports.ts';
import type { TriageAnswer, TriageStore } from '../alert/triage.ts';
import type { FanOut } from './ports.ts';

export type ClosingPorts = { readonly fanOut: FanOut; readonly triage: Pick<TriageStore, 'unnotified' | 'markNotified'> };

/** The alerts that a triage change closed. A repeated change counts, too: the notification of the first may be missing. */
export function closedBy(change: TriageChange, answers: readonly TriageAnswer[]): Alert[] {
  if (change.status !== 'closed') return [];
  return answers.flatMap((answer) => (answer.kind === 'changed' || answer.kind === 'unchanged' ? [answer.alert] : []));
}

/** @throws the first error of a target. The alerts that caused none are notified all the same */
export async function notifyClosed({ fanOut, triage }: ClosingPorts, closed: readonly Alert[]): Promise<void> {
  if (closed.length === 0) return;
  const answers = await fanOut.add(closed, 'alert.closed');
  const notified = closed.filter((_, i) => !(answers[i] instanceof Error));
  if (notified.length > 0) await triage.markNotified(notified.map(({ id }) => id));
  const failed = answers.find((one) => one instanceof Error);
  if (failed !== undefined) throw failed;
}

/** Notifies of alerts that were closed some time ago and are still marked as unnotified. @throws as notifyClosed does */
export async function notifyOverdue(ports: ClosingPorts & { readonly alerts: Pick<AlertStore, 'getMany'> }): Promise<void> {
  const ids = await ports.triage.unnotified(limits.closingTellMs, limits.closingTellMax);
  if (ids.length === 0) return;
  const alerts = (await ports.alerts.getMany(ids)).filter((alert) => alert?.status === 'closed').map((alert) => alert!);
  const gone = ids.filter((id) => !alerts.some((alert) => alert.id === id));
  if (gone.length > 0) await ports.triage.markNotified(gone);
  await notifyClosed(ports, alerts);
}
