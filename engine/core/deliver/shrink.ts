/**
 * Shrinks an alert to fit into a webhook body. Evidence is dropped first, starting with the oldest events, since the event
 * that fulfilled the rule is the last one; `events_cut` counts the missing ones. If that is not enough, long texts are cut,
 * and `texts_cut` is set. The whole alert remains available at GET /v1/alerts/:id.
 */
import type { Alert } from '../alert/alert.ts';
import { firstWhere } from '../util/first-where.ts';

export type ShrunkAlert = Alert & { readonly events_cut?: number; readonly texts_cut?: true };

export const withoutEvidence = (alert: Alert): ShrunkAlert => ({ ...alert, events: [], events_cut: alert.events.length });

/** @param fits whether an alert is small enough */
export function shrink(alert: ShrunkAlert, fits: (alert: ShrunkAlert) => boolean): ShrunkAlert {
  if (fits(alert)) return alert;
  const missing = alert.events_cut ?? 0;
  const cutTo = (kept: number): ShrunkAlert => ({
    ...alert,
    events: lastOf(alert.events, kept),
    events_cut: missing + alert.events.length - kept,
  });
  const kept = mostThatFit(alert.events.length, (count) => fits(cutTo(count)));
  if (kept >= 0) return cutTo(kept);
  for (const length of [512, 128, 32]) {
    const cut: ShrunkAlert = { ...shortened(cutTo(0), length), texts_cut: true };
    if (fits(cut)) return cut;
  }
  const { id, rule, status, shadow, value, first_seen, last_seen, created, count } = shortened(alert, 64);
  const bare = { id, rule: { ...rule, tags: [] }, status, shadow, group: {}, entities: [], value, reason: '', message: '' };
  return { ...bare, first_seen, last_seen, created, count, events: [], events_cut: missing + alert.events.length, texts_cut: true };
}

/** The largest number below `total` that fits; -1 if none does. */
const mostThatFit = (total: number, fits: (count: number) => boolean): number => firstWhere(total, (count) => !fits(count)) - 1;

const lastOf = <T>(list: readonly T[], count: number): readonly T[] => list.slice(list.length - count);

/** Cuts a text to `length` characters, the last one an ellipsis, never within a character. */
export const clip = (text: string, length: number): string =>
  text.length <= length ? text : `${text.slice(0, length - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;

function shortened(alert: Alert, length: number): Alert {
  const short = (text: string): string => clip(text, length);
  return {
    ...alert,
    rule: { ...alert.rule, title: short(alert.rule.title), tags: alert.rule.tags.slice(0, 32).map(short) },
    group: Object.fromEntries(Object.entries(alert.group).map(([name, value]) => [short(name), short(value)])),
    entities: alert.entities.slice(0, 20).map(({ field, value, risk }) => ({ field: short(field), value: short(value), risk })),
    reason: short(alert.reason),
    message: short(alert.message),
  };
}
