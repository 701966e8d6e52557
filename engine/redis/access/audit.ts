/** The audit log as a stream, oldest entries cut when it is long. Reading looks through it, so it needs no index. */
import type { JsonObject } from '../../core/event.ts';
import { limits } from '../../core/limits.ts';
import { silent, type Meter } from '../../runtime/metering/meter.ts';
import type { Audit, AuditFilter, AuditLog, AuditRecord } from '../../runtime/access/audit.ts';
import { batchOrThrow } from '../batch.ts';
import type { Redis } from '../connection.ts';
import { keys } from '../keys.ts';
import { parseId } from '../decode/streams.ts';

/** @param meter told of the entries that were cut */
export const openAudit =
  (redis: Redis, meter: Pick<Meter, 'addTo'> = silent): Audit =>
  async ({ who, action, subject, detail = {} }) => {
    const fields = ['who', who, 'action', action, 'subject', subject, 'detail', detailText(detail)];
    const [, cut] = await batchOrThrow(redis, (commands) => {
      commands.xadd(keys.audit, '*', ...fields);
      commands.xtrim(keys.audit, 'MAXLEN', '~', limits.auditEntriesMax);
    });
    if (Number(cut) > 0) meter.addTo('evicted', 'audit', Number(cut));
  };

function detailText(detail: JsonObject): string {
  const text = JSON.stringify(detail);
  const bytes = Buffer.byteLength(text);
  return bytes <= limits.auditDetailBytesMax ? text : JSON.stringify({ left_out_bytes: bytes });
}

/** Entries read at once. */
const pageMax = 500;

/** @param scanMax entries that one request looks at */
export function openAuditLog(redis: Redis, scanMax: number = limits.auditScanMax): AuditLog {
  return {
    async list({ limit, after, ...filter }) {
      const entries: AuditRecord[] = [];
      let place = after;
      for (let looked = 0; looked < scanMax;) {
        const count = Math.min(pageMax, scanMax - looked);
        const found = await redis.xrevrange(keys.audit, place === undefined ? '+' : `(${place}`, '-', 'COUNT', count);
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

/** Names and values alternate, in the order of openAudit(). */
function recordOf(id: string, [, who = '', , action = '', , subject = '', , detail = '{}']: readonly string[]): AuditRecord {
  return { id, at: new Date(parseId(id).ms).toISOString(), who, action, subject, detail: JSON.parse(detail) as JsonObject };
}

const fits = (entry: AuditRecord, filter: AuditFilter): boolean =>
  (['who', 'action', 'subject'] as const).every((name) => filter[name] === undefined || filter[name] === entry[name]);
