/**
 * Compares the expected alerts of a rule test with the actual ones. An expected alert names some keys; an alert fitsExpectation if
 * each of them agrees:
 *
 *     group, entities   like group values everywhere: 42 and "42" are equal
 *     rule              its id, or a map of its keys
 *     times             as instants, however they are written
 *     maps              key by key, only the named keys
 *     lists             member by member, with the same length; entities: each named one is among the alert's
 *
 * There must be as many alerts as expected ones, and an assignment in which each has its own; the order does not matter.
 */
import type { Alert } from '../../core/alert/alert.ts';
import { keyText } from '../../core/correlate/group.ts';
import { readTime } from '../../core/ingest/time.ts';
import { own } from '../../core/util/own.ts';

export type ExpectedAlert = { readonly [key: string]: unknown };

export type Pairing = { readonly missing: readonly ExpectedAlert[]; readonly unexpected: readonly Alert[] };

/** The best assignment: as many pairs as there can be (augmenting paths). */
export function pairAlerts(expected: readonly ExpectedAlert[], alerts: readonly Alert[]): Pairing {
  const takenBy = new Map<number, number>();

  function place(wanted: number, tried: Set<number>): boolean {
    for (let i = 0; i < alerts.length; i++) {
      if (tried.has(i) || !fitsExpectation(expected[wanted]!, alerts[i]!)) continue;
      tried.add(i);
      const holder = takenBy.get(i);
      if (holder === undefined || place(holder, tried)) {
        takenBy.set(i, wanted);
        return true;
      }
    }
    return false;
  }

  const missing = expected.filter((_, index) => !place(index, new Set()));
  return { missing, unexpected: alerts.filter((_, index) => !takenBy.has(index)) };
}

/** Whether the alert agrees with every named key. */
export function fitsExpectation(expectation: ExpectedAlert, alert: Alert): boolean {
  return Object.entries(expectation).every(([key, wanted]) => {
    const found = own(alert as ExpectedAlert, key);
    switch (key) {
      case 'group':
        return asMap(wanted, (name, value) => keyText(value) === own(found as Alert['group'], name));
      case 'rule':
        return typeof wanted === 'string' ? wanted === alert.rule.id : agrees(wanted, found);
      case 'entities':
        return Array.isArray(wanted) && wanted.every((one) => alert.entities.some((entity) => entityFits(one, entity)));
      case 'first_seen':
      case 'last_seen':
      case 'created':
        return readTime(wanted) === readTime(found);
      default:
        return agrees(wanted, found);
    }
  });
}

const entityFits = (wanted: unknown, entity: Alert['entities'][number]): boolean =>
  asMap(wanted, (key, value) => (key === 'value' ? keyText(value) === entity.value : agrees(value, own(entity as ExpectedAlert, key))));

/** Compares own keys only, because an alert's evidence is whatever the producer sent. */
function agrees(wanted: unknown, found: unknown): boolean {
  if (Array.isArray(wanted)) {
    return Array.isArray(found) && found.length === wanted.length && wanted.every((member, index) => agrees(member, found[index]));
  }
  if (typeof wanted !== 'object' || wanted === null) return Object.is(wanted, found);
  if (typeof found !== 'object' || found === null || Array.isArray(found)) return false;
  return asMap(wanted, (key, value) => Object.hasOwn(found, key) && agrees(value, own(found as ExpectedAlert, key)));
}

const asMap = (value: unknown, holds: (key: string, value: unknown) => boolean): boolean =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  Object.entries(value).every(([key, member]) => holds(key, member));
