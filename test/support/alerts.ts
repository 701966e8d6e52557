/** Valid alerts for tests, with the differences that a test asks for. */
import type { Alert, AlertUpdate } from '../../engine/core/alert/alert.ts';
import type { Level } from '../../engine/core/rule.ts';

export const noon = Date.parse('2026-01-01T12:00:00.000Z');
export const iso = (ms: number): string => new Date(ms).toISOString();

type Differences = Partial<Omit<Alert, 'rule'>> & { readonly level?: Level; readonly ruleId?: string };

/** @param id without its prefix */
export function alertOf(id: string, { level = 'high', ruleId = 'card-testing', ...differences }: Differences = {}): Alert {
  const created = differences.created ?? iso(noon);
  return {
    id: `al_${id}`,
    rule: { id: ruleId, title: 'Card testing', level, tags: ['attack.t1110'], hash: 'h' },
    status: 'open',
    shadow: false,
    group: { 'source.ip': '203.0.113.9' },
    entities: [{ field: 'source.ip', value: '203.0.113.9', risk: 40 }],
    value: 5,
    reason: '5 distinct cards',
    message: '',
    first_seen: created,
    last_seen: created,
    count: 5,
    events: [{ 'card.fingerprint': 'c1' }],
    ...differences,
    created,
  };
}

/** @param id without its prefix */
export const updateOf = (id: string, version: number, count: number): AlertUpdate => ({
  id: `al_${id}`,
  version,
  count,
  first_seen: iso(noon),
  last_seen: iso(noon + count),
});
