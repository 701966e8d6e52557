/** The load of `drain` and `replay`: payments of many users, few of them over a threshold. */
import { compile, type SourceFile } from '../../engine/compile/index.ts';
import type { RuleSet } from '../../engine/core/rule.ts';

/** Number of users, and so of window logs per rule. */
const users = 5_000;
const start = Date.UTC(2026, 0, 1);

/** Deterministic: the same events in every run. */
function* randoms(seed: number): Generator<number> {
  let state = seed;
  for (;;) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    yield state / 2 ** 32;
  }
}

/** JSON texts of about 300 bytes, a millisecond apart. */
export function drainTexts(count: number, seed = 1): string[] {
  const random = randoms(seed);
  const next = (n: number): number => Math.floor(random.next().value! * n);
  return Array.from({ length: count }, (_, i) => {
    const user = next(users);
    const status = next(20) === 0 ? 'declined' : 'approved';
    return JSON.stringify({
      id: `txn-${seed}-${String(i).padStart(9, '0')}`,
      '@timestamp': new Date(start + i).toISOString(),
      event: { dataset: 'payments', action: 'authorize' },
      transaction: { status, amount_minor: 100 + next(50_000), currency: 'EUR', channel: 'web' },
      user: { id: `u${user}` },
      card: { fingerprint: `c${user}-${next(3)}` },
      source: { ip: `10.0.${next(20)}.${next(256)}` },
      device: { id: `d${user}` },
    });
  });
}

const rule = (id: string, key: string, condition: string, type = 'event_count'): string => `
id: ${id}
conditions: { all: [{ fact: event.dataset, operator: equal, value: payments }] }
correlation: { type: ${type}, group-by: [${key}], timespan: 10m, condition: { ${condition} } }
suppress: 1h
`;

/** Rules that each cause one window update per event. */
export function drainFiles(count: 1 | 3): SourceFile[] {
  const texts = [
    rule('velocity', 'user.id', 'gte: 200'),
    rule('device-amount', 'device.id', 'field: transaction.amount_minor, gte: 100000000', 'value_sum'),
    rule('cards', 'source.ip', 'field: card.fingerprint, gte: 100', 'value_count'),
  ];
  return texts.slice(0, count).map((text, i) => ({ path: `bench/${i}.yaml`, text }));
}

export function drainRules(count: 1 | 3): RuleSet {
  const { ruleset, problems } = compile(drainFiles(count));
  const error = problems.find((problem) => problem.severity === 'error');
  if (error !== undefined) throw new Error(error.message);
  return ruleset;
}
