/**
 * Events and rules for whole engines, and the alerts they must give. They are seeded, so that a failure can be reproduced,
 * and the expected alerts come from a `replay` of the file in order of time. Every pair of rule and group can alert only
 * once (suppression lasts longer than the file), so that a lost or duplicated alert is noticed.
 */
import type { Alert } from '../../engine/core/alert/alert.ts';
import { envelope, eventOf } from '../../engine/core/ingest/envelope.ts';
import { compile } from '../../engine/compile/index.ts';
import { replayStores } from '../../engine/memory/replay-stores.ts';
import { replaySession } from '../../engine/runtime/pipeline/replay-session.ts';
import type { RawEvent } from './engine.ts';

const kind = (value: string): string => `conditions: { all: [{ fact: kind, operator: equal, value: ${value} }] }`;

export const rules: Readonly<Record<string, string>> = {
  'counts.yaml': `
id: burst
level: high
${kind('login')}
correlation: { type: event_count, group-by: [user], timespan: 20s, condition: { gte: 6 } }
suppress: 1d
---
id: cards
level: medium
${kind('pay')}
correlation: { type: value_count, group-by: [user], timespan: 60s, condition: { field: card, gte: 4 } }
suppress: 1d
---
id: spend
level: low
${kind('pay')}
correlation: { type: value_sum, group-by: [user], timespan: 30s, condition: { field: amount, gte: 250 } }
suppress: 1d
`,
  'sequences.yaml': `
id: takeover
level: critical
steps:
  - { name: guess, ${kind('login')}, times: { gte: 3, in: 20s } }
  - { name: enter, ${kind('enter')}, within: 20s }
  - { name: payout, ${kind('pay')}, group-by: [user] }
correlation: { type: temporal_ordered, group-by: [user], timespan: 60s }
suppress: 1d
---
id: both
steps:
  - { name: a, ${kind('enter')} }
  - { name: b, ${kind('jackpot')} }
correlation: { type: temporal, group-by: [user], timespan: 60s }
suppress: 1d
---
id: unfinished
level: informational
steps:
  - { name: start, ${kind('start')} }
  - { name: done, not: true, ${kind('done')}, within: 300ms }
correlation: { type: temporal_ordered, group-by: [job], timespan: 2s }
suppress: 1d
`,
  'singles.yaml': `
id: jackpot
level: informational
${kind('jackpot')}
---
id: quiet-jackpot
status: shadow
${kind('jackpot')}
suppress: { for: 1d, by: [user] }
`,
};

/** Rules whose windows include all their events, so that the count of an alert is determined. */
export const counted: readonly string[] = ['burst', 'cards', 'spend', 'quiet-jackpot'];

/** mulberry32 (Tommy Ettinger, public domain): a small generator that gives the same numbers everywhere. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export type Workload = {
  /** Each event once, in order of time. */
  readonly events: readonly RawEvent[];
  /** The requests to send: events are late by less than the lateness, some occur twice, and a start and its end are in one request. */
  readonly requests: readonly (readonly RawEvent[])[];
};

const latenessMs = 2000;
const kinds = ['login', 'login', 'login', 'login', 'enter', 'pay', 'pay', 'jackpot'] as const;

export function workload(seed: number, size: number): Workload {
  const random = seeded(seed);
  const below = (n: number): number => Math.floor(random() * n);
  const begin = Date.UTC(2026, 5, 1) + below(1000);
  const users = Math.ceil(size / 14);
  const singles = Array.from({ length: size }, (_, n): RawEvent & { time: number } => ({
    id: `e${n}`,
    time: begin + below(300_000),
    kind: kinds[below(kinds.length)],
    user: `u${Math.floor(users * random() ** 2)}`,
    card: `c${below(9)}`,
    amount: below(90),
  }));
  const jobs = Array.from({ length: Math.ceil(size / 50) }, (_, n) => {
    const time = begin + below(300_000);
    const start = { id: `s${n}`, time, kind: 'start', job: `j${n}` };
    return n % 3 === 0 ? [start] : [start, { id: `d${n}`, time: time + below(600), kind: 'done', job: `j${n}` }];
  });
  const sent = [...singles.map((one) => [one]), ...jobs]
    .map((some) => ({ some, at: some[0]!.time + random() * (latenessMs - 1000) }))
    .sort((a, b) => a.at - b.at)
    .flatMap(({ some }) => (random() < 0.05 ? [some, some] : [some]));
  const requests: RawEvent[][] = [];
  while (sent.length > 0) requests.push(sent.splice(0, 1 + below(60)).flat());
  return { events: [...singles, ...jobs.flat()].sort((a, b) => a.time - b.time), requests };
}

/** The alerts of a replay of the events in order of time, with every absence decided. */
export async function replayed(events: readonly RawEvent[], documents = rules): Promise<Alert[]> {
  const { ruleset } = compile(Object.entries(documents).map(([path, text]) => ({ path, text })));
  const onRuleFault = (_: string, fault: unknown): never => {
    throw fault;
  };
  const session = replaySession(ruleset, replayStores, { latenessMs, drain: true, onRuleFault });
  for (const raw of events) {
    const given = envelope(raw, { datasets: ruleset.datasets, receivedMs: Date.now(), futureMsMax: 0, dataset: undefined }, () => 'none');
    if (given.kind === 'rejected') throw new Error(given.detail);
    await session.feed(eventOf(given, raw, ruleset.datasets));
  }
  return session.finish();
}

/** Rule and group of an alert; for single events the event's id, from which the alert's id is derived. */
export const pairOf = (alert: Alert): string =>
  alert.rule.id === 'jackpot' ? `jackpot ${alert.id}` : `${alert.rule.id} ${Object.values(alert.group).join()}`;

export const countsOf = (alerts: readonly Alert[]): Record<string, number> =>
  Object.fromEntries(
    alerts
      .filter(({ rule }) => counted.includes(rule.id))
      .map((alert) => [pairOf(alert), alert.count])
      .sort(),
  );
