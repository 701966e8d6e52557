/**
 * Webhooks are told of closed alerts, so that what was opened elsewhere for one is closed there too.
 *
 *     triage closes, and notes in the same step that nobody is told ─▶ deliveries are queued ─▶ the note is taken away
 *
 * Whoever closes does the rest before it is answered as done. Where he does not come to it, a worker does it a moment
 * later: the deliveries' ids are those of the alerts, so that telling twice queues nothing twice.
 */
import type { Alert } from '../../core/alert/alert.ts';
import { limits } from '../../core/limits.ts';
import type { TriageChange } from '../../core/alert/triage.ts';
import type { AlertStore } from '../forward/ports.ts';
import type { TriageAnswer, TriageStore } from '../alert/triage.ts';
import type { FanOut } from './ports.ts';

export type ClosingPorts = { readonly fanOut: FanOut; readonly triage: Pick<TriageStore, 'untold' | 'told'> };

/** A repeat counts as well: perhaps the change went through before, and the telling did not. */
export function closedBy(change: TriageChange, answers: readonly TriageAnswer[]): Alert[] {
  if (change.status !== 'closed') return [];
  return answers.flatMap((answer) => (answer.kind === 'changed' || answer.kind === 'unchanged' ? [answer.alert] : []));
}

/** @throws what kept a target from being told of one; the others are told */
export async function tellClosed({ fanOut, triage }: ClosingPorts, closed: readonly Alert[]): Promise<void> {
  if (closed.length === 0) return;
  const answers = await fanOut.add(closed, 'alert.closed');
  const told = closed.filter((_, i) => !(answers[i] instanceof Error));
  if (told.length > 0) await triage.told(told.map(({ id }) => id));
  const failed = answers.find((one) => one instanceof Error);
  if (failed !== undefined) throw failed;
}

/** Tells of those that were closed some time ago and nobody has told of. */
export async function tellForgotten(ports: ClosingPorts & { readonly alerts: Pick<AlertStore, 'getMany'> }): Promise<void> {
  const ids = await ports.triage.untold(limits.closingTellMs, limits.closingTellMax);
  if (ids.length === 0) return;
  const alerts = (await ports.alerts.getMany(ids)).filter((alert) => alert?.status === 'closed').map((alert) => alert!);
  const gone = ids.filter((id) => !alerts.some((alert) => alert.id === id));
  if (gone.length > 0) await ports.triage.told(gone);
  await tellClosed(ports, alerts);
}
