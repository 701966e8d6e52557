/** Alerts of single-event rules: each match is an alert and goes straight into the outbox. A repeat has the same id and no effect. */
import type { Alert } from '../../core/alert/alert.ts';
import { composeSingle } from '../../core/alert/compose.ts';
import { alertId } from '../../core/alert/fire.ts';
import { groupHashOf } from '../../core/correlate/target.ts';
import type { Located } from '../../core/event.ts';
import type { Rule } from '../../core/rule.ts';
import { eventHash } from '../../core/util/hash.ts';
import type { Meter } from '../metering/meter.ts';
import { isolateFault, type FaultDeps } from './rule-faults.ts';
import type { CreatedAt } from './judge-logs.ts';
import type { Outbox } from './ports.ts';

export type SingleDeps = FaultDeps & { readonly outbox: Outbox; readonly meter: Meter };

/** An alert of one event, and the event's arrival time, epoch ms. */
export type SingleAlert = { readonly alert: Alert; readonly groupHash: string; readonly arrivedMs: number };

/** Adds the event's alert to the batch. If composing it throws, only this alert is left out. */
export function addSingle(deps: SingleDeps, singles: SingleAlert[], rule: Rule, { event, ref }: Located, createdAt: CreatedAt): void {
  isolateFault(deps, rule, () => {
    const groupHash = groupHashOf([event.dataset, event.id]);
    const id = alertId(rule.id, groupHash, eventHash(event.dataset, event.id));
    const alert = composeSingle(rule, id, event, createdAt(event.time), (what) => deps.meter.addTo('cut', what));
    singles.push({ alert, groupHash, arrivedMs: ref.ms });
  });
}

/** Puts a batch's alerts into the outbox and counts them. */
export async function fireSingles(deps: SingleDeps, singles: readonly SingleAlert[], createdAt: CreatedAt): Promise<void> {
  if (singles.length === 0) return;
  await deps.outbox.add(singles);
  for (const { alert, arrivedMs } of singles) {
    deps.meter.addTo('fired', alert.rule.level);
    deps.counts.add('alerts', alert.rule.id, 1);
    deps.meter.alertLatency((createdAt(arrivedMs) - arrivedMs) / 1000);
  }
}
