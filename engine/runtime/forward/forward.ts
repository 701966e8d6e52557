/**
 * Forwarding, one batch: from the outbox to the alert store, the SIEM queue and webhooks, as a list of stages.
 *
 *     parse ─▶ budget ─▶ store ─▶ count ─┬─▶ queue ───┬─▶ clear
 *                                        ├─▶ notify ──┤
 *                                        └─▶ update ──┘
 *
 * Each stage may be repeated, and begins only when the one before it is done. So whatever stops a pass, the next one
 * over the same items, by whichever forwarder, ends in the same state: an alert leaves the outbox only when it is in the
 * queue or on the waiting list, and its webhooks are queued; what is marked is not queued again. What fails alone stays
 * in the outbox alone; the SIEM queue does not wait for webhooks.
 *
 * A further stage is a file in stages/ and a line here: one that keeps alerts back or joins them before `queue`, one that
 * passes on what was queued after it.
 */
import type { ForwardBatch } from './item.ts';
import type { OutboxItem } from './ports.ts';
import { concurrently, type ForwardPorts, type Stage } from './stage.ts';
import { budget } from './stages/budget.ts';
import { clear } from './stages/clear.ts';
import { count } from './stages/count.ts';
import { notify } from './stages/notify.ts';
import { parse } from './stages/parse.ts';
import { queue } from './stages/queue.ts';
import { store } from './stages/store.ts';
import { update } from './stages/update.ts';

export const stages: readonly Stage[] = [parse, budget, store, count, concurrently(queue, notify, update), clear];

/** An item that stays, and why. */
export type Failure = { readonly item: OutboxItem; readonly error: Error };

/**
 * Sends the items through the stages; gives those that failed alone.
 * @throws when a stage failed as a whole: all items must be tried again
 */
export async function forward(ports: ForwardPorts, items: readonly OutboxItem[], through: readonly Stage[] = stages): Promise<Failure[]> {
  if (items.length === 0) return [];
  const started = performance.now();
  let batch: ForwardBatch = items.map((from) => ({ kind: 'raw', from, fate: { kind: 'taken' } }));
  for (const stage of through) batch = await stage(batch, ports);
  const failures = batch.flatMap(({ from, fate }) => (fate.kind === 'failed' ? [{ item: from, error: fate.error }] : []));
  if (failures.length > 0) ports.meter.add('forwardFailures', failures.length);
  ports.meter.stage('forward', items.length - failures.length, (performance.now() - started) / 1000);
  return failures;
}
