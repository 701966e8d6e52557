/**
 * An outbox item on its way through the stages, and its fate: what has become of it so far, as a value.
 *
 *     taken ─┬─▶ stored ─┬─▶ queued | waiting | already-queued
 *            │           └─▶ suppressed
 *            └─▶ folded | shadow | updated                        failed: from anywhere
 *
 * Whether an item leaves the outbox follows from its fate alone (`isDone`). A new fate is a line in `Fate` and one in
 * `done`.
 */
import type { Alert, AlertUpdate } from '../../core/alert/alert.ts';
import type { OutboxItem } from './ports.ts';

/** In the alert store; `queued` and `notified` say whether the SIEM queue and the webhooks have had it already. */
export type Stored = { readonly kind: 'stored'; readonly queued: boolean; readonly notified: boolean };

export type Fate =
  /** Read from the outbox. */
  | { readonly kind: 'taken' }
  | Stored
  /** Counted into the alert of this id, because its rule is over its budget. */
  | { readonly kind: 'folded'; readonly into: string }
  /** Of a shadow rule: stored, and goes no further. */
  | { readonly kind: 'shadow' }
  /** Stored, and kept from the SIEM queue and from webhooks for the named reason. */
  | { readonly kind: 'suppressed'; readonly by: string }
  /** In the SIEM queue, by this pass or an earlier one. */
  | { readonly kind: 'queued' }
  | { readonly kind: 'already-queued' }
  /** On the waiting list: the SIEM queue has no room for its level. */
  | { readonly kind: 'waiting' }
  /** An update that the store has. */
  | { readonly kind: 'updated' }
  /** Stays in the outbox, to be tried again. */
  | { readonly kind: 'failed'; readonly error: Error };

/** Fates after which nothing is left to do. */
const done: Readonly<Record<Fate['kind'], boolean>> = {
  taken: false,
  stored: false,
  folded: true,
  shadow: true,
  suppressed: true,
  queued: true,
  'already-queued': true,
  waiting: true,
  updated: true,
  failed: false,
};

/** `fold`: of an alert that counts others, its numbers so far. */
export type AlertItem<F extends Fate = Fate> = {
  readonly kind: 'alert';
  readonly from: OutboxItem;
  readonly fate: F;
  readonly alert: Alert;
  readonly fold?: AlertUpdate;
};

export type UpdateItem = { readonly kind: 'update'; readonly from: OutboxItem; readonly fate: Fate; readonly update: AlertUpdate };

/** As it was read from the outbox; those that cannot be parsed stay raw. */
export type RawItem = { readonly kind: 'raw'; readonly from: OutboxItem; readonly fate: Fate };

export type ForwardItem = RawItem | AlertItem | UpdateItem;

/** The items of one pass. Their order and number stay the same from stage to stage. */
export type ForwardBatch = readonly ForwardItem[];

/** Whether the item leaves the outbox. */
export const isDone = ({ fate }: ForwardItem): boolean => done[fate.kind];

/** An alert that is not stored yet. */
export const isNewAlert = (item: ForwardItem): item is AlertItem => item.kind === 'alert' && item.fate.kind === 'taken';

/** An alert whose way to the SIEM queue and to webhooks is open. */
export const isStored = (item: ForwardItem): item is AlertItem<Stored> => item.kind === 'alert' && item.fate.kind === 'stored';

/** An alert that is kept from the SIEM queue and from webhooks. */
export const isSuppressed = (item: ForwardItem): item is AlertItem => item.kind === 'alert' && item.fate.kind === 'suppressed';

export const asFailed = (item: ForwardItem, error: Error): ForwardItem => ({ ...item, fate: { kind: 'failed', error } });
