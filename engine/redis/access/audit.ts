/** The audit log as a stream. The oldest entries are cut when it gets too long. Reading scans it, so it needs no index. */
import type { JsonObject } from '../../core/event.ts';
import { limits } from '../../core/limits.ts';
import { silent, type Meter } from '../../runtime/metering/meter.ts';
import type { Audit, AuditFilter, AuditLog, AuditRecord } from '../../runtime/access/audit.ts';
import { commandsOn, type RedisNodes } from '../commands.ts';
import { command } from '../commands/call.ts';
import { keys } from '../keys.ts';
import { parseId } from '../decode/streams.ts';

/** @param meter counts the entries that are cut */
export function openAudit(nodes: RedisNodes, meter: Pick<Meter, 'addTo'> = silent): Audit {
  const redis = commandsOn(nodes);
  return async ({ who, action, subject, detail = {} }) => {
    const fields = ['who', who, 'action', action, 'subject', subject, 'detail', detailText(detail)];
    const [, cut] = await redis.send([
      command('xadd', keys.audit, '*', ...fields),
      command('xtrim', keys.audit, 'MAXLEN', '~', limits.auditEntriesMax),
    ]);
    if (Number(cut) > 0) meter.addTo('evicted', 'audit', Number(cut));
  };
}

function detailText(detail: JsonObject): string {
  const text = JSON.stringify(detail);
  const bytes = Buffer.byteLength(text);
  return bytes <= limits.auditDetailBytesMax ? text : JSON.stringify({ left_out_bytes: bytes });
}

type Entry = [id: string, fields: string[]];

/** Entries per read. */
const pageMax = 500;

/** @param scanMax entries that one request scans */
export function openAuditLog(nodes: RedisNodes, scanMax: number = limits.auditScanMax): AuditLog {
  const redis = commandsOn(nodes);
  return {
    async list({ limit, after, ...filter }) {
      const entries: AuditRecord[] = [];
      let place = after;
      for (let looked = 0; looked < scanMax;) {
        const count = Math.min(pageMax, scanMax - looked);
        const newest = place === undefined ? '+' : `(${place}`;
        const found = await redis.ask<Entry[]>(command('xrevrange', keys.audit, newest, '-', 'COUNT', count));
        for (const [id, fields] of found) {
          place = id;
          const entry = recordOf(id, fields);
          if (fits(entry, filter)) entries.push(entry);
          if (entries.length === limit) return { entries, next: place };
        }
        if (found.length < count) return { entries, next: undefined };
        looked += found.length;
      }
      return { entries, next: place };
    },
  };
}

/** Names and values alternate, in the order in which openAudit() writes them. */
function recordOf(id: string, [, who = '', , action = '', , subject = '', , detail = '{}']: readonly string[]): AuditRecord {
  return { id, at: new Date(parseId(id).ms).toISOString(), who, action, subject, detail: JSON.parse(detail) as JsonObject };
}

const fits = (entry: AuditRecord, filter: AuditFilter): boolean =>
  (['who', 'action', 'subject'] as const).every((name) => filter[name] === undefined || filter[name] === entry[name]);
