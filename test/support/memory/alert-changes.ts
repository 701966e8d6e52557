/** The stream of changes on a list. It behaves like engine/redis/alert/changes.ts and the scripts that write the stream. */
import { limits } from '../../../engine/core/limits.ts';
import type { AlertChange, AlertChanges } from '../../../engine/runtime/alert/changes.ts';

export type MemoryChanges = AlertChanges & {
  created(alertId: string): void;
  counted(alertId: string): void;
  triaged(alertId: string, triaged: AlertChange['triaged']): void;
};

export function memoryChanges(max: number = limits.alertChangesMax): MemoryChanges {
  const entries: AlertChange[] = [];
  let number = 0;
  const add = (kind: AlertChange['kind'], alertId: string, triaged: AlertChange['triaged']): void => {
    entries.push({ id: `${++number}-0`, kind, alertId, triaged });
    if (entries.length > max) entries.shift();
  };
  const place = (id: string): number => Number(id.split('-')[0]);
  return {
    created: (id) => add('created', id, undefined),
    counted(id) {
      const earlier = entries.findIndex((one) => one.kind === 'counted' && one.alertId === id);
      if (earlier >= 0) entries.splice(earlier, 1);
      add('counted', id, undefined);
    },
    triaged: (id, triaged) => add('triaged', id, triaged),
    ends: async () => ({ first: entries[0]?.id, last: entries.at(-1)?.id ?? '0-0' }),
    after: async (id, count) => entries.filter((one) => place(one.id) > place(id)).slice(0, count),
  };
}
