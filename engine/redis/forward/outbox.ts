/**
 * The outbox: what has been decided and not yet been forwarded. One hash per partition, in the slot of the window
 * logs, so that a commit writes it in the same atomic step as the alert record (scripts/outbox-add.lua for alerts
 * of single events, which have no record). Field `<id>` is an alert, field `<id>+` its newest update.
 *
 * Writers tell who listens in their process which partitions have something; readers in other processes find it by
 * looking through all partitions now and then, so that nothing depends on being told.
 */
import type { Alert, AlertUpdate } from '../../core/alert/alert.ts';
import { limits } from '../../core/limits.ts';
import type { OutboxItem, OutboxReader } from '../../runtime/forward/ports.ts';
import type { Outbox } from '../../runtime/alert/ports.ts';
import { batchOrThrow, queueScript, type Argument } from '../batch.ts';
import type { Redis } from '../connection.ts';
import { keys, partitionOf } from '../keys.ts';
import { registerScripts } from '../commands.ts';

export const alertField = (alert: Pick<Alert, 'id'>): string => alert.id;
export const updateField = (update: Pick<AlertUpdate, 'id'>): string => `${update.id}+`;

/** Hears that a partition has got something. Must not throw. */
export type Wake = (partition: number) => void;

/** The writer for alerts of single events. */
export function openOutbox(redis: Redis, partitions: number, wake: Wake = () => undefined): Outbox {
  registerScripts(redis, ['outbox-add']);
  return {
    async add(alerts) {
      if (alerts.length === 0) return;
      const calls = new Map<number, Call[]>();
      for (const { alert, groupHash } of alerts) queue(calls, partitionOf(groupHash, partitions), alertField(alert), JSON.stringify(alert));
      await batchOrThrow(redis, (commands) => {
        for (const [partition, list] of calls)
          for (const { args } of list) queueScript(commands, 'outbox-add', [keys.outbox(partition)], args);
      });
      for (const partition of calls.keys()) wake(partition);
    },
  };
}

/** Reads and clears; any number of readers at once. */
export function openOutboxReader(redis: Redis, partitions: number): OutboxReader {
  registerScripts(redis, ['outbox-remove']);
  const all = Array.from({ length: partitions }, (_, partition) => partition);
  const cursors = new Map<number, string>();
  return {
    async occupied() {
      const lengths = await batchOrThrow(redis, (commands) => {
        for (const partition of all) commands.hlen(keys.outbox(partition));
      });
      return all.filter((partition) => Number(lengths[partition]) > 0);
    },

    async take(wanted, max) {
      const pages = await batchOrThrow(redis, (commands) => {
        for (const partition of wanted) commands.hscan(keys.outbox(partition), cursors.get(partition) ?? '0', 'COUNT', max);
      });
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
          items.push({ partition, field, update: field.endsWith('+'), text: fields[i + 1]! });
        }
      });
      return { items, more };
    },

    async remove(items) {
      const calls = new Map<number, Call[]>();
      for (const { partition, field, update, text } of items) queue(calls, partition, field, update ? text : '');
      await batchOrThrow(redis, (commands) => {
        for (const [partition, list] of calls)
          for (const { args } of list) queueScript(commands, 'outbox-remove', [keys.outbox(partition)], args);
      });
    },
  };
}

type Call = { readonly args: Argument[]; bytes: number };

/** Adds a pair to the partition's last call, or to a new one where the bounds of one script call are reached. */
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
