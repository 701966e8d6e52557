/**
 * The outbox: alerts and updates that are decided but not forwarded yet. One hash per partition, in the slot of the
 * window logs, so that a commit writes it in the same atomic step as the alert record (scripts/outbox-add.lua does it for
 * alerts of single events, which have no record). Field `<id>` is an alert, field `<id>+` its newest update; no other
 * file spells these names.
 *
 * A writer notifies the reader in its own process of each partition it writes to. Readers in other processes scan all
 * partitions now and then, so nothing depends on the notification.
 */
import type { Alert, AlertUpdate } from '../../core/alert/alert.ts';
import { limits } from '../../core/limits.ts';
import type { OutboxItem, OutboxReader } from '../../runtime/forward/ports.ts';
import type { Outbox } from '../../runtime/alert/ports.ts';
import { commandsOn, type RedisNodes } from '../commands.ts';
import { command, script, type Argument } from '../commands/call.ts';
import { keys, partitionOf } from '../keys.ts';

const updateSuffix = '+';

export const fieldOf = ({ kind, id }: Pick<OutboxItem, 'kind' | 'id'>): string => (kind === 'update' ? id + updateSuffix : id);

export function itemOf(partition: number, field: string, text: string): OutboxItem {
  if (!field.endsWith(updateSuffix)) return { kind: 'alert', id: field, partition, text };
  return { kind: 'update', id: field.slice(0, -updateSuffix.length), partition, text };
}

/** Field, value, field, value … as arguments of the scripts: the alerts, then the updates. */
export const outboxPairs = (alerts: readonly Alert[], updates: readonly AlertUpdate[]): string[] => [
  ...alerts.flatMap((alert) => [fieldOf({ kind: 'alert', id: alert.id }), JSON.stringify(alert)]),
  ...updates.flatMap((update) => [fieldOf({ kind: 'update', id: update.id }), JSON.stringify(update)]),
];

/** Called after a write to a partition. Must not throw. */
export type Wake = (partition: number) => void;

/** The writer for alerts of single events. */
export function openOutbox(nodes: RedisNodes, partitions: number, wake: Wake = () => undefined): Outbox {
  const redis = commandsOn(nodes);
  return {
    async add(alerts) {
      if (alerts.length === 0) return;
      const calls = new Map<number, Call[]>();
      for (const { alert, groupHash } of alerts)
        queue(calls, partitionOf(groupHash, partitions), fieldOf({ kind: 'alert', id: alert.id }), JSON.stringify(alert));
      await redis.send(
        [...calls].flatMap(([partition, list]) => list.map(({ args }) => script('outbox-add', [keys.outbox(partition)], args))),
      );
      for (const partition of calls.keys()) wake(partition);
    },
  };
}

/** Reads and clears outboxes. Any number of readers may run at once. */
export function openOutboxReader(nodes: RedisNodes, partitions: number): OutboxReader {
  const redis = commandsOn(nodes);
  const all = Array.from({ length: partitions }, (_, partition) => partition);
  const cursors = new Map<number, string>();
  return {
    async occupied() {
      const lengths = await redis.send<number>(all.map((partition) => command('hlen', keys.outbox(partition))));
      return all.filter((partition) => lengths[partition]! > 0);
    },

    async take(wanted, max) {
      const pages = await redis.send(
        wanted.map((partition) => command('hscan', keys.outbox(partition), cursors.get(partition) ?? '0', 'COUNT', max)),
      );
      const items: OutboxItem[] = [];
      const more: number[] = [];
      pages.forEach((page, index) => {
        const partition = wanted[index]!;
        const [cursor, fields] = page as [string, string[]];
        if (cursor === '0') cursors.delete(partition);
        else {
          cursors.set(partition, cursor);
          more.push(partition);
        }
        const seen = new Set<string>();
        for (let i = 0; i < fields.length; i += 2) {
          const field = fields[i]!;
          if (seen.has(field)) continue;
          seen.add(field);
          items.push(itemOf(partition, field, fields[i + 1]!));
        }
      });
      return { items, more };
    },

    async remove(items) {
      const calls = new Map<number, Call[]>();
      for (const item of items) queue(calls, item.partition, fieldOf(item), item.kind === 'update' ? item.text : '');
      await redis.send(
        [...calls].flatMap(([partition, list]) => list.map(({ args }) => script('outbox-remove', [keys.outbox(partition)], args))),
      );
    },
  };
}

type Call = { readonly args: Argument[]; bytes: number };

/** Adds a pair to the partition's last call, or to a new call once the bounds of a script call are reached. */
function queue(calls: Map<number, Call[]>, partition: number, field: string, value: string): void {
  let list = calls.get(partition);
  if (list === undefined) calls.set(partition, (list = []));
  const size = field.length + value.length;
  let call = list.at(-1);
  if (call === undefined || call.bytes + size > limits.scriptBytesMax || call.args.length >= 2 * limits.scriptKeysMax)
    list.push((call = { args: [], bytes: 0 }));
  call.args.push(field, value);
  call.bytes += size;
}
