/**
 * The load of `latency`: requests of ten payments each. Every eighth request has a payment that fires on its own, and
 * every eighth has the third of three payments that fire together (the first two are in earlier requests); all others only
 * update windows. Each trigger has its own id, by which its alert can be attributed to a request.
 */
import type { Alert } from '../../engine/core/alert/alert.ts';

export const requestEvents = 10;
/** One in this many requests has a trigger of each kind. */
const cycle = 8;
const partsOfThree = 3;

const rule = (id: string, level: string, rest: string): string => `id: ${id}\ntitle: ${id}\nlevel: ${level}\n${rest}`;
const payments = '{ fact: event.dataset, operator: equal, value: payments }';

/** Five rules: two that fire, three with windows that stay below their thresholds. */
export const latencyRules: Readonly<Record<string, string>> = {
  'single.yaml': rule(
    'single',
    'critical',
    `conditions: { all: [${payments}, { fact: transaction.status, operator: equal, value: stolen }] }\n`,
  ),
  'three.yaml': rule(
    'three',
    'high',
    `conditions: { all: [${payments}, { fact: transaction.status, operator: equal, value: declined }] }\ncorrelation: { type: event_count, group-by: [device.id], timespan: 10m, condition: { gte: 3 } }\n`,
  ),
  'velocity.yaml': rule(
    'velocity',
    'medium',
    `conditions: { all: [${payments}] }\ncorrelation: { type: event_count, group-by: [user.id], timespan: 10m, condition: { gte: 1000 } }\n`,
  ),
  'cards.yaml': rule(
    'cards',
    'medium',
    `conditions: { all: [${payments}] }\ncorrelation: { type: value_count, group-by: [source.ip], timespan: 10m, condition: { field: card.fingerprint, gte: 1000 } }\n`,
  ),
  'amount.yaml': rule(
    'amount',
    'low',
    `conditions: { all: [${payments}] }\ncorrelation: { type: value_sum, group-by: [merchant.id], timespan: 1m, condition: { field: transaction.amount_minor, gte: 100000000000 } }\n`,
  ),
};

export type LatencyRequest = {
  readonly body: string;
  /** Ids of the events that make an alert due as soon as they arrive. */ readonly triggers: readonly string[];
};

/** Id of the event that made the alert due. Two of three may have the same millisecond, so their order does not identify it. */
export function triggerOf(alert: Pick<Alert, 'group' | 'events'>): string {
  const device = alert.group['device.id'];
  return device === undefined ? (alert.events[0] as { event: { id: string } }).event.id : `${device}-${partsOfThree}`;
}

/** The n-th request. @param timeMs time of its events, epoch ms */
export function latencyRequest(n: number, timeMs: number): LatencyRequest {
  const events: object[] = [];
  const triggers: string[] = [];
  const add = (id: string, status: string, device: string): void => {
    events.push({
      '@timestamp': new Date(timeMs).toISOString(),
      event: { id, dataset: 'payments' },
      transaction: { status, amount_minor: 100 + ((n * 37) % 5000), currency: 'EUR' },
      user: { id: `u${(n * 7919 + events.length * 104729) % 20_000}` },
      card: { fingerprint: `c${(n + events.length) % 50}` },
      source: { ip: `10.0.${n % 80}.${events.length}` },
      device: { id: device },
      merchant: { id: `m${n % 500}` },
    });
  };
  const offset = n % cycle;
  const round = (n - offset) / cycle;
  const last = 2 + partsOfThree;
  if (offset === 0) {
    triggers.push(`single-${round}`);
    add(`single-${round}`, 'stolen', `d${n}`);
  }
  if (offset > 2 && offset <= last) {
    const part = offset - 2;
    if (part === partsOfThree) triggers.push(`three-${round}-${part}`);
    add(`three-${round}-${part}`, 'declined', `three-${round}`);
  }
  while (events.length < requestEvents) add(`plain-${n}-${events.length}`, 'approved', `d${n}-${events.length}`);
  return { body: events.map((event) => JSON.stringify(event)).join('\n'), triggers };
}
