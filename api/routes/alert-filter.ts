/** Translates the alert filters of a request into a query of the store: for search, bulk triage and the stream. */
import type { AlertQuery } from '../../engine/core/alert/query.ts';
import type { AlertStatus, VerdictLabel } from '../../engine/core/alert/alert.ts';
import type { Level } from '../../engine/core/rule.ts';
import { readTime } from '../../engine/core/ingest/time.ts';
import { HttpProblem } from '../http/problem.ts';

export type AlertFilters = {
  readonly status?: AlertStatus | undefined;
  readonly assignee?: string | undefined;
  readonly verdict?: VerdictLabel | undefined;
  readonly level?: Level | undefined;
  readonly min_level?: Level | undefined;
  readonly rule?: string | undefined;
  readonly entity?: string | undefined;
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  readonly shadow: 'true' | 'false' | boolean;
};

/** @param at JSON pointer to the filters in the request: `/query`. @throws HttpProblem for an invalid time */
export function readFilters(filters: AlertFilters, at: string): Omit<AlertQuery, 'limit' | 'after'> {
  const { status, assignee, verdict, level, min_level, rule, entity, since, until, shadow } = filters;
  const colon = entity?.indexOf(':') ?? -1;
  return {
    status,
    assignee,
    verdict,
    level,
    minLevel: min_level,
    rule,
    entity: entity === undefined ? undefined : { field: entity.slice(0, colon), value: entity.slice(colon + 1) },
    since: readMoment(`${at}/since`, since),
    until: readMoment(`${at}/until`, until),
    shadow: String(shadow) === 'true',
  };
}

function readMoment(pointer: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  // The unescaped plus of an offset arrives as a space.
  const ms = readTime(value.replace(/ (\d\d:?\d\d)$/, '+$1'));
  if (typeof ms === 'number') return ms;
  throw new HttpProblem(400, 'invalid-request', `${pointer}: ${ms.detail}`, { errors: [{ pointer, detail: ms.detail }] });
}
