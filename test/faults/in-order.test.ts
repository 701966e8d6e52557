/**
 * Rules that an event can contradict (`not` between steps, averages, "fewer than") on events that arrive in order, with
 * four worker processes: one appends a later event long before another appends the earlier one. This must neither cause
 * an alert nor lose one.
 */
import { expect, it } from 'vitest';
import { startEngine, type RawEvent } from '../support/engine.ts';
import { pairOf, replayed, seeded } from '../support/workload.ts';

const kind = (value: string): string => `conditions: { all: [{ fact: kind, operator: equal, value: ${value} }] }`;
const correlation = (type: string, more: string): string => `correlation: { type: ${type}, group-by: [user], timespan: 1h${more} }`;

const rules = {
  'contradictable.yaml': `
id: paid-without-mfa
steps:
  - { name: enter, ${kind('login')} }
  - { name: mfa, not: true, ${kind('mfa')} }
  - { name: pay, ${kind('pay')} }
${correlation('temporal_ordered', '')}
suppress: 1d
---
id: never-asked
steps:
  - { name: pay, ${kind('pay')} }
  - { name: mfa, not: true, ${kind('mfa')} }
${correlation('temporal', '')}
suppress: 1d
---
id: large-on-average
${kind('pay')}
${correlation('value_avg', ', condition: { field: amount, gte: 60 }')}
suppress: 1d
---
id: first-in-an-hour
${kind('login')}
${correlation('event_count', ', condition: { lt: 2 }')}
suppress: 1d
`,
};

/** Each user logs in twice, passes MFA (except one in ten), and pays a small and a large amount. */
function story(users: number, seed: number): RawEvent[] {
  const random = seeded(seed);
  const begin = Date.UTC(2026, 5, 1);
  const kinds = ['login', 'login', 'mfa', 'pay', 'pay'];
  const events = kinds.flatMap((what, step) =>
    Array.from({ length: users }, (_, user) => ({ what, step, user })).filter(({ user }) => what !== 'mfa' || user % 10 !== 0),
  );
  return events.map(({ what, step, user }, n) => ({
    id: `e${n}`,
    time: begin + 200 * n,
    kind: what,
    user: `u${user}`,
    amount: step === 3 ? 10 : 60 + Math.floor(random() * 60),
  }));
}

it('alerts for the same pairs as replay, although workers overtake each other', async () => {
  const events = story(1500, Date.now() % 1_000_000);
  const expected = (await replayed(events, rules)).map(pairOf).sort();
  expect(new Set(expected.map((pair) => pair.split(' ')[0])).size).toBe(4);
  await using engine = await startEngine({ rules });
  await engine.start('api');
  for (let n = 0; n < events.length; n += 20) await engine.send(events.slice(n, n + 20));
  await Promise.all(Array.from({ length: 4 }, () => engine.start('worker')));
  const { accepted, processed } = await engine.quiet();
  expect([accepted, processed]).toEqual([events.length, events.length]);
  expect((await engine.alerts()).map(pairOf).sort()).toEqual(expected);
});
