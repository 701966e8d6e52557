/**
 * Searching alerts: newest first by (created, id), page by page.
 *
 * Every alert has one *place* in that order, a text that sorts as the pair does: the time of creation in base 36,
 * padded to nine digits, and the id behind it. A cursor is the place of the last alert that was looked at, so that
 * alerts which arrive meanwhile neither shift nor repeat anything. (Offsets repeat; a bare time loses all but one of
 * the alerts of a millisecond.)
 */
import type { Alert, AlertBrief, AlertStatus, VerdictLabel } from './alert.ts';
import { levels, type Level } from '../rule.ts';

export type AlertQuery = {
  readonly status?: AlertStatus | undefined;
  readonly assignee?: string | undefined;
  readonly verdict?: VerdictLabel | undefined;
  readonly level?: Level | undefined;
  readonly minLevel?: Level | undefined;
  readonly rule?: string | undefined;
  readonly entity?: { readonly field: string; readonly value: string } | undefined;
  /** Epoch ms of creation: since ≤ created < until. */
  readonly since?: number | undefined;
  readonly until?: number | undefined;
  /** False or undefined: the alerts of live rules; true: those of shadow rules. */
  readonly shadow?: boolean | undefined;
  /** At least 1; more than `limits.alertPageMax` counts as that. */
  readonly limit: number;
  /** `next` of the page before. */
  readonly after?: string | undefined;
};

export type AlertPage = {
  readonly alerts: Alert[];
  /** Undefined: that was all. A page may hold fewer than `limit`, even none, and still have a next one. */
  readonly next: string | undefined;
};

/** What a query is decided on without the whole alert. */
export type AlertFacts = {
  readonly rule: string;
  readonly level: string;
  readonly status: string;
  readonly shadow: boolean;
  readonly assignee?: string | undefined;
  readonly verdict?: string | undefined;
};

export const factsOf = (alert: AlertBrief): AlertFacts => ({
  rule: alert.rule.id,
  level: alert.rule.level,
  status: alert.status,
  shadow: alert.shadow,
  assignee: alert.assignee,
  verdict: alert.verdict,
});

export function fits(query: AlertQuery, facts: AlertFacts): boolean {
  if (facts.shadow !== (query.shadow === true)) return false;
  if (query.status !== undefined && facts.status !== query.status) return false;
  if (query.assignee !== undefined && facts.assignee !== query.assignee) return false;
  if (query.verdict !== undefined && facts.verdict !== query.verdict) return false;
  if (query.level !== undefined && facts.level !== query.level) return false;
  if (query.minLevel !== undefined && levels.indexOf(facts.level as Level) < levels.indexOf(query.minLevel)) return false;
  return query.rule === undefined || facts.rule === query.rule;
}

export const concerns = (alert: Pick<Alert, 'entities'>, entity: { readonly field: string; readonly value: string }): boolean =>
  alert.entities.some(({ field, value }) => field === entity.field && value === entity.value);

const digits = 9;
const timeMax = 36 ** digits - 1;

/** The first place of that time. Times before 1970 count as 0. */
export const placeOfTime = (ms: number): string =>
  Math.min(Math.max(Math.trunc(ms), 0), timeMax)
    .toString(36)
    .padStart(digits, '0');

/** @throws RangeError when `created` is no time: such an alert cannot be put in order. */
export function placeOf(alert: Pick<Alert, 'id' | 'created'>): string {
  const ms = Date.parse(alert.created);
  if (Number.isNaN(ms)) throw new RangeError(`alert ${alert.id}: created is no time: ${alert.created}`);
  return placeOfTime(ms) + alert.id;
}

export const idOfPlace = (place: string): string => place.slice(digits);
export const timeOfPlace = (place: string): number => parseInt(place.slice(0, digits), 36);

/** Ids as the engine makes them; what else comes is refused before it becomes part of a key. */
export const alertIdShape = /^al_[A-Za-z0-9_-]{1,64}$/;
const placeShape = /^[0-9a-z]{9}al_[A-Za-z0-9_-]{1,64}$/;

/** A cursor that this engine did not give out. */
export class CursorError extends Error {
  constructor() {
    super('The cursor is not one that this service gave out. Leave it away to start with the newest.');
    this.name = 'CursorError';
  }
}

export const cursorOf = (place: string): string => Buffer.from(place, 'latin1').toString('base64url');

/** @throws CursorError */
export function placeOfCursor(cursor: string): string {
  const place = Buffer.from(cursor, 'base64url').toString('latin1');
  if (!placeShape.test(place) || cursorOf(place) !== cursor) throw new CursorError();
  return place;
}
