/**
 * Changes of alerts as Server-Sent Events:
 *
 *     id: 1767268800000-0                  the position in the stream of changes, for Last-Event-ID
 *     event: alert.created                 or alert.updated, or reset
 *     data: {"change":"created","alert":{…}}
 *
 * `alert` is the alert as it is now, without its evidence. An `id` alone tells a client that got no events its position.
 */
import type { AlertBrief } from '../../engine/core/alert/alert.ts';
import { withoutSecrets } from '../../engine/core/access/api-key.ts';
import { concerns, factsOf, fits, type AlertQuery } from '../../engine/core/alert/query.ts';
import type { AlertChange, ChangesEnds, TriageFacts } from '../../engine/runtime/alert/changes.ts';

const names = { created: 'created', counted: 'count', triaged: 'triage' } as const;

export function changeText({ id, kind, triaged }: AlertChange, alert: AlertBrief): string {
  const data = { change: names[kind], ...(triaged === undefined ? {} : { before: beforeText(triaged.before) }), alert };
  return `id: ${id}\nevent: alert.${kind === 'created' ? 'created' : 'updated'}\ndata: ${withoutSecrets(JSON.stringify(data))}\n\n`;
}

const beforeText = ({ status, assignee, verdict }: TriageFacts) => ({ status, assignee: assignee ?? null, verdict: verdict ?? null });

export const resetText = (id: string, reason: string): string => `id: ${id}\nevent: reset\ndata: ${JSON.stringify({ reason })}\n\n`;
export const placeText = (id: string): string => `id: ${id}\n\n`;
export const retryText = 'retry: 2000\n\n';
export const beatText = ': beat\n\n';

/**
 * Whether a client gets a change: the alert matches its filters after this change, or did before it. Later changes of
 * the alert are sent with the changes that follow.
 */
export function wantsChange(query: AlertQuery, { kind, triaged }: AlertChange, alert: AlertBrief): boolean {
  const created = Date.parse(alert.created);
  if (created < (query.since ?? -Infinity) || created >= (query.until ?? Infinity)) return false;
  if (query.entity !== undefined && !concerns(alert, query.entity)) return false;
  const now = factsOf(alert);
  const as = (facts: TriageFacts): boolean => fits(query, { ...now, assignee: undefined, verdict: undefined, ...facts });
  if (kind === 'created') return as({ status: 'open' });
  return triaged === undefined ? fits(query, now) : as(triaged.before) || as(triaged.after);
}

const idShape = /^(\d{1,15})-(\d{1,15})$/;

/** Whether an id of the stream comes after another one. */
export function isAfter(id: string, other: string): boolean {
  const [ms = 0, seq = 0] = id.split('-').map(Number);
  const [otherMs = 0, otherSeq = 0] = other.split('-').map(Number);
  return ms > otherMs || (ms === otherMs && seq > otherSeq);
}

export type Start = { readonly from: string; readonly reset?: string };

/** Where a client starts: after the last event it received, or at the end, with the reason if it may have missed something. */
export function startAfter(lastEventId: string | undefined, { first, last }: ChangesEnds): Start {
  if (lastEventId === undefined) return { from: last };
  if (!idShape.test(lastEventId)) return { from: last, reset: 'Last-Event-ID is not an id of this stream' };
  if (isAfter(lastEventId, last)) return { from: last, reset: 'Last-Event-ID is unknown' };
  if (wasCut(lastEventId, first)) return { from: last, reset: 'Last-Event-ID is older than the oldest change kept' };
  return { from: lastEventId };
}

/** Whether entries after this id may be gone. 0-0 is the beginning of what is kept, and never cut. */
export const wasCut = (id: string, first: string | undefined): boolean => first !== undefined && id !== '0-0' && isAfter(first, id);
