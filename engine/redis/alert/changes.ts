/**
 * Reads the stream of alert changes. The scripts that change an alert write it; `limits.alertChangesMax` bounds it.
 * `wait` blocks, so it needs its own connection.
 */
import type { AlertChange, AlertChanges, AlertFeed } from '../../runtime/alert/changes.ts';
import { readBriefs } from './read.ts';
import { commandsOn, type RedisNodes } from '../commands.ts';
import { command } from '../commands/call.ts';
import { connect, type Redis } from '../connection.ts';
import { keys } from '../keys.ts';

type Entry = [id: string, fields: string[]];

export function openAlertChanges(nodes: RedisNodes): AlertChanges {
  const redis = commandsOn(nodes);
  return {
    async ends() {
      const [first, last] = await redis.send<Entry[]>([
        command('xrange', keys.alertChanges, '-', '+', 'COUNT', 1),
        command('xrevrange', keys.alertChanges, '+', '-', 'COUNT', 1),
      ]);
      return { first: first?.[0]?.[0], last: last?.[0]?.[0] ?? '0-0' };
    },
    async after(id, max) {
      return (await redis.ask<Entry[]>(command('xrange', keys.alertChanges, `(${id}`, '+', 'COUNT', max))).map(read);
    },
  };
}

/** With its own connection for waiting, which is opened at the first wait. */
export function openFeed(url: string, nodes: RedisNodes): AlertFeed {
  const redis = commandsOn(nodes);
  const blocking = connect(url, 'stream', { lazyConnect: true });
  blocking.on('error', () => undefined); // reported by the commands in progress
  return {
    ...openAlertChanges(nodes),
    briefs: (ids) => readBriefs(redis, ids),
    wait: (id, max, ms) => waitForChanges(blocking, id, max, ms),
    close: () => blocking.disconnect(),
  };
}

/** The entries after an id. Waits for them up to `ms`; empty if none came. */
export async function waitForChanges(blocking: Redis, id: string, max: number, ms: number): Promise<AlertChange[]> {
  const answer = await blocking.xread('COUNT', max, 'BLOCK', ms, 'STREAMS', keys.alertChanges, id);
  return ((answer?.[0]?.[1] ?? []) as Entry[]).map(read);
}

function read([id, fields]: Entry): AlertChange {
  const value = (name: string): string | undefined => {
    for (let i = 0; i < fields.length; i += 2) if (fields[i] === name) return fields[i + 1];
    return undefined;
  };
  const triaged = value('triaged');
  return {
    id,
    kind: value('kind') as AlertChange['kind'],
    alertId: value('alert') ?? '',
    triaged: triaged === undefined ? undefined : (JSON.parse(triaged) as AlertChange['triaged']),
  };
}
