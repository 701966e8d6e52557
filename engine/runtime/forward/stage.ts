/**
 * What a stage of forwarding is: it gets the batch and the ports, does one thing for the items it is about, and gives
 * the batch back with their new fates. forward.ts lists them.
 *
 * A stage may be repeated on the same items by any forwarder, at any time, and must then end in the same state. An item
 * that fails alone gets the fate `failed`; a stage throws if all items must be tried again.
 */
import type { FanOut } from '../deliver/ports.ts';
import type { Meter } from '../metering/meter.ts';
import type { ForwardBatch, ForwardItem } from './item.ts';
import type { AlertBudget, AlertStore, OutboxReader, SiemIntake, WaitingList } from './ports.ts';

export type ForwardPorts = {
  readonly outbox: Pick<OutboxReader, 'remove'>;
  readonly store: Pick<AlertStore, 'put' | 'update' | 'markQueued' | 'markNotified' | 'standing' | 'getMany'>;
  readonly budget: AlertBudget;
  readonly waiting: WaitingList;
  readonly siem: SiemIntake;
  /** Undefined: there are no webhooks. */
  readonly webhooks?: FanOut;
  readonly meter: Meter;
  /** Epoch ms. */
  readonly now: () => number;
  readonly siemMax: number;
};

/** Gives every item back, in the same order. @throws when the stage failed as a whole */
export type Stage = (batch: ForwardBatch, ports: ForwardPorts) => Promise<ForwardBatch>;

/**
 * Lets `act` replace the items that `concerns` picks, one for one; the others pass. Does nothing when it picks none.
 * @throws what `act` throws, and when it gives another number of items
 */
export async function advance<T extends ForwardItem>(
  batch: ForwardBatch,
  concerns: (item: ForwardItem) => item is T,
  act: (items: readonly T[]) => Promise<ForwardBatch>,
): Promise<ForwardBatch> {
  const items = batch.filter(concerns);
  if (items.length === 0) return batch;
  const after = await act(items);
  if (after.length !== items.length) throw new Error(`a stage gave ${after.length} items for ${items.length}`);
  let next = 0;
  return batch.map((item) => (concerns(item) ? after[next++]! : item));
}

/**
 * Stages that run at the same time on the same batch. An item that fails in one of them has failed; otherwise the one
 * that changed it decides. @throws as soon as one throws
 */
export function concurrently(...stages: readonly Stage[]): Stage {
  return async (batch, ports) => {
    const branches = await Promise.all(stages.map((stage) => stage(batch, ports)));
    return batch.map((item, i) => {
      const changed = branches.map((branch) => branch[i]!).filter((one) => one !== item);
      return changed.find(({ fate }) => fate.kind === 'failed') ?? changed[0] ?? item;
    });
  };
}
