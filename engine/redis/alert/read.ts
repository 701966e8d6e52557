/**
 * Alerts in their current state: `doc` (the alert as it was fired, without its evidence) and `events` (the evidence) never
 * change; the other fields override them when the alert is read.
 */
import type { Alert, AlertBrief, AlertStatus, VerdictLabel } from '../../core/alert/alert.ts';
import { alertIdShape, type AlertFacts } from '../../core/alert/query.ts';
import type { JsonObject } from '../../core/event.ts';
import type { Commands } from '../commands.ts';
import { command } from '../commands/call.ts';
import { keys } from '../keys.ts';

export type Row = readonly (string | null)[];

const briefFields = ['doc', 'status', 'count', 'first_seen', 'last_seen', 'assignee', 'verdict', 'revision'] as const;
const factFields = ['rule', 'level', 'status', 'shadow', 'assignee', 'verdict'] as const;

function briefOf([doc, status, count, first_seen, last_seen, assignee, verdict, revision]: Row): AlertBrief | undefined {
  if (typeof doc !== 'string') return undefined;
  const fired = JSON.parse(doc) as AlertBrief;
  return {
    ...fired,
    status: (status ?? fired.status) as AlertStatus,
    count: typeof count === 'string' ? Number(count) : fired.count,
    first_seen: first_seen ?? fired.first_seen,
    last_seen: last_seen ?? fired.last_seen,
    ...(typeof assignee === 'string' ? { assignee } : {}),
    ...(typeof verdict === 'string' ? { verdict: verdict as VerdictLabel } : {}),
    ...(typeof revision === 'string' ? { revision: Number(revision) } : {}),
  };
}

function alertOf(row: Row): Alert | undefined {
  const brief = briefOf(row);
  if (brief === undefined) return undefined;
  return { ...brief, events: JSON.parse(row[briefFields.length] ?? '[]') as JsonObject[] };
}

/** One row per id; undefined for malformed ids. */
async function rowsOf(redis: Commands, ids: readonly string[], fields: readonly string[]): Promise<(Row | undefined)[]> {
  const asked = ids.map((id) => alertIdShape.test(id));
  const rows = await redis.send<Row>(ids.filter((_, i) => asked[i]).map((id) => command('hmget', keys.alert(id), ...fields)));
  let next = 0;
  return asked.map((was) => (was ? rows[next++] : undefined));
}

export async function readAlerts(redis: Commands, ids: readonly string[]): Promise<(Alert | undefined)[]> {
  const rows = await rowsOf(redis, ids, [...briefFields, 'events']);
  return rows.map((row) => (row === undefined ? undefined : alertOf(row)));
}

export async function readBriefs(redis: Commands, ids: readonly string[]): Promise<(AlertBrief | undefined)[]> {
  const rows = await rowsOf(redis, ids, briefFields);
  return rows.map((row) => (row === undefined ? undefined : briefOf(row)));
}

/** The fields that a search filters on. They are read first, because a whole alert takes kilobytes. */
export async function readFacts(redis: Commands, ids: readonly string[]): Promise<(AlertFacts | undefined)[]> {
  const rows = await rowsOf(redis, ids, factFields);
  return rows.map((row) => (row === undefined ? undefined : factsOfRow(row)));
}

function factsOfRow([rule, level, status, shadow, assignee, verdict]: Row): AlertFacts | undefined {
  if (typeof rule !== 'string') return undefined;
  return {
    rule,
    level: level ?? '',
    status: status ?? '',
    shadow: shadow === '1',
    assignee: assignee ?? undefined,
    verdict: verdict ?? undefined,
  };
}
