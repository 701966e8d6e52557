/**
 * Whoever closes alerts has their webhooks queued before it is answered as done, so that what they opened elsewhere is
 * closed there too. Asking again adds nothing, and a repeat asks again: perhaps the change went through before, and
 * this did not.
 */
import type { TriageChange } from '../engine/core/triage.ts';
import type { TriageAnswer } from '../engine/runtime/triage-ports.ts';
import type { FanOut } from '../engine/runtime/webhook-ports.ts';

/** @throws what kept a target from being told of one */
export async function tellClosed(fanOut: FanOut, change: TriageChange, answers: readonly TriageAnswer[]): Promise<void> {
  if (change.status !== 'closed') return;
  const closed = answers.flatMap((answer) => (answer.kind === 'changed' || answer.kind === 'unchanged' ? [answer.alert] : []));
  if (closed.length === 0) return;
  const told = await fanOut.add(closed, 'alert.closed');
  const failed = told.find((one) => one instanceof Error);
  if (failed !== undefined) throw failed;
}
