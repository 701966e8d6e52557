/**
 * Forwarding on Maps, with a crash before or after any write: shows what Redis would hold, and what a crash leaves there.
 */
import type { Alert, AlertUpdate } from '../../engine/core/alert/alert.ts';
import { levels, type Level } from '../../engine/core/rule.ts';
import { createAlertBudget } from './memory/alert-budget.ts';
import { createAlertStore } from './memory/alert-store.ts';
import { fieldOf, itemOf } from '../../engine/redis/forward/outbox.ts';
import type { AlertStore, OutboxItem, OutboxReader, SiemIntake, WaitingList } from '../../engine/runtime/forward/ports.ts';
import type { ForwardPorts } from '../../engine/runtime/forward/stage.ts';
import { silent } from '../../engine/runtime/metering/meter.ts';
import type { FanOut } from '../../engine/runtime/deliver/ports.ts';

export class Crash extends Error {}

export type Bench = {
  readonly ports: ForwardPorts & { readonly outbox: OutboxReader; readonly store: AlertStore };
  /** By partition, as in Redis: field → JSON. */
  readonly outbox: Map<number, Map<string, string>>;
  /** Every id in the order in which it was actually added to the queue, with its level. */
  readonly queued: { id: string; level: Level }[];
  /** Ids in the order in which webhooks were actually notified; forget() lets them be notified again. */
  readonly notified: string[];
  /** Ids that webhooks cannot be notified of. */
  readonly undeliverable: Set<string>;
  /** Ids in the queue now. */
  readonly inQueue: Set<string>;
  readonly waitingNow: Map<Level, Set<string>>;
  /** Makes the queue and the webhooks forget all ids they have had. */
  forget(): void;
  /** Ids that the queue refuses. */
  readonly refused: Set<string>;
  /** Crashes at the n-th write from now on, before or after it happened. */
  crashAt(n: number, when: 'before' | 'after'): void;
  putAlert(partition: number, alert: Alert): void;
  putUpdate(partition: number, update: AlertUpdate): void;
  items(): OutboxItem[];
};

export function forwardBench({ siemMax = 1000, pageMax = 100, alertsMax = 1000 } = {}): Bench {
  const outbox = new Map<number, Map<string, string>>();
  const store = createAlertStore();
  const budget = createAlertBudget(alertsMax);
  const queued: { id: string; level: Level }[] = [];
  const known = new Set<string>();
  const inQueue = new Set<string>();
  const refused = new Set<string>();
  const notified: string[] = [];
  const notifiedKnown = new Set<string>();
  const undeliverable = new Set<string>();
  const waitingNow = new Map<Level, Set<string>>(levels.map((level) => [level, new Set()]));
  let fault: { n: number; when: 'before' | 'after' } | undefined;
  const cursors = new Map<number, number>();

  async function write<T>(act: () => T | Promise<T>): Promise<T> {
    await Promise.resolve();
    const due = fault !== undefined && fault.n-- === 0;
    if (due && fault!.when === 'before') throw new Crash('before');
    const result = await act();
    if (due) throw new Crash('after');
    return result;
  }
  const partitionOf = (partition: number): Map<string, string> => {
    if (!outbox.has(partition)) outbox.set(partition, new Map());
    return outbox.get(partition)!;
  };
  const items = (): OutboxItem[] =>
    [...outbox].flatMap(([partition, fields]) => [...fields].map(([field, text]) => itemOf(partition, field, text)));

  const reader: OutboxReader = {
    occupied: async () => [...outbox].filter(([, fields]) => fields.size > 0).map(([partition]) => partition),
    async take(partitions, max) {
      const more: number[] = [];
      const taken = partitions.flatMap((partition) => {
        const all = items().filter((item) => item.partition === partition);
        const from = cursors.get(partition) ?? 0;
        const to = from + Math.min(max, pageMax);
        cursors.set(partition, to < all.length ? to : 0);
        if (to < all.length) more.push(partition);
        return all.slice(from, to);
      });
      return { items: taken, more };
    },
    remove: (gone) =>
      write(() => {
        for (const item of gone) {
          const fields = partitionOf(item.partition);
          if (item.kind === 'alert' || fields.get(fieldOf(item)) === item.text) fields.delete(fieldOf(item));
        }
      }),
  };
  const waiting: WaitingList = {
    push: (alerts) => write(() => alerts.forEach(({ level, place }) => waitingNow.get(level)!.add(place))),
    head: async (level, max) => [...waitingNow.get(level)!].toSorted().slice(0, max),
    remove: (level, places) => write(() => places.forEach((place) => waitingNow.get(level)!.delete(place))),
    sizes: async () => Object.fromEntries(levels.map((level) => [level, waitingNow.get(level)!.size])) as Record<Level, number>,
  };
  const siem: SiemIntake = {
    size: async () => inQueue.size,
    add: (alerts) =>
      write(() =>
        alerts.map(({ id, level }) => {
          if (refused.has(id)) return new Error('refused');
          if (!known.has(id)) {
            known.add(id);
            inQueue.add(id);
            queued.push({ id, level });
          }
          return true;
        }),
      ),
  };
  const webhooks: FanOut = {
    addTurns: async (turned) => turned.map(() => 'unwanted'),
    add: (alerts) =>
      write(() =>
        alerts.map(({ id, rule }) => {
          if (undeliverable.has(id)) return new Error('undeliverable');
          // Like a target that subscribes only to high levels.
          if (rule.level !== 'high' && rule.level !== 'critical') return 'unwanted';
          if (!notifiedKnown.has(id)) notified.push(id);
          notifiedKnown.add(id);
          return 'notified';
        }),
      ),
  };
  return {
    ports: {
      outbox: reader,
      store: {
        ...store,
        put: (alerts) => write(() => store.put(alerts)),
        update: (updates) => write(() => store.update(updates)),
        markQueued: (ids, ms) => write(() => store.markQueued(ids, ms)),
        markNotified: (ids, ms) => write(() => store.markNotified(ids, ms)),
      },
      budget: { max: alertsMax, take: (asks) => write(() => budget.take(asks)) },
      waiting,
      siem,
      webhooks,
      meter: silent,
      now: () => 1_800_000_000_000,
      siemMax,
    },
    outbox,
    queued,
    notified,
    undeliverable,
    inQueue,
    waitingNow,
    forget() {
      known.clear();
      notifiedKnown.clear();
      inQueue.clear();
    },
    refused,
    crashAt: (n, when) => (fault = { n, when }),
    putAlert: (partition, alert) =>
      void (partitionOf(partition).has(alert.id) || partitionOf(partition).set(alert.id, JSON.stringify(alert))),
    putUpdate: (partition, update) => void partitionOf(partition).set(fieldOf({ kind: 'update', id: update.id }), JSON.stringify(update)),
    items,
  };
}
