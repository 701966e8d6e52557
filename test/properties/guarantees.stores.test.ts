/**
 * The pipeline on Redis and in memory (Maps): the same batches, redeliveries, repeats at other times and with other
 * content, clocks and reviews give the same alerts with the same counts. A failure prints its seed.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Alert, AlertUpdate } from '../../engine/core/alert/alert.ts';
import type { Event, EventRef, Located } from '../../engine/core/event.ts';
import { profiler } from '../../engine/core/correlate/log-profile.ts';
import { memoryAlerts } from '../../engine/memory/alert/alerts.ts';
import { memoryWindowStore } from '../../engine/memory/correlate/window-store.ts';
import { keys } from '../../engine/redis/keys.ts';
import { openOutbox } from '../../engine/redis/forward/outbox.ts';
import { redisWindowStore } from '../../engine/redis/correlate/window-store.ts';
import { silent } from '../../engine/runtime/metering/meter.ts';
import { pipeline, type Pipeline } from '../../engine/runtime/pipeline/pipeline.ts';
import type { Evidence, Outbox } from '../../engine/runtime/alert/ports.ts';
import type { WindowStore } from '../../engine/runtime/correlate/ports.ts';
import { ownRedis } from '../support/own-redis.ts';
import { anyRule, beginning, eventsOf, ruleCases, singles, type EventCase, type RuleCase } from './guarantees.arbitraries.ts';
import { repeatsOf, somewhereBehind } from './guarantees.arrivals.ts';
import { eventFor, rulesetOf } from './guarantees.support.ts';

const partitions = 2;
const latenessMs = 4;
const { redis } = await ownRedis();

/** One step of the pipeline's history. */
type Step =
  | { readonly do: 'batch'; readonly size: number; readonly lag: number }
  | { readonly do: 'again'; readonly back: number; readonly lag: number }
  /** Another worker finishes the batch after the next one first. */
  | { readonly do: 'overtake'; readonly size: number; readonly lag: number }
  | { readonly do: 'review'; readonly ahead: number };

type Case = { readonly rule: RuleCase; readonly events: EventCase[]; readonly steps: Step[]; readonly pauseMs: number };

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({
        do: fc.constant('batch' as const),
        size: fc.integer({ min: 1, max: 6 }),
        lag: fc.integer({ min: 0, max: 6 }),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant('again' as const),
        back: fc.integer({ min: 0, max: 3 }),
        lag: fc.integer({ min: 0, max: 6 }),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant('overtake' as const),
        size: fc.integer({ min: 1, max: 6 }),
        lag: fc.integer({ min: 0, max: 6 }),
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('review' as const), ahead: fc.constantFrom(0, 3, 20, 2000) }) },
  ),
  { minLength: 3, maxLength: 14 },
);

const shortCases = (rules: fc.Arbitrary<RuleCase>): fc.Arbitrary<Case> =>
  fc
    .record({ rule: rules, steps, pauseMs: fc.constantFrom(1, 5) })
    .chain(({ rule, ...rest }) =>
      fc
        .tuple(eventsOf(rule, 20, { min: 4, max: 30 }), repeatsOf(rule, 6))
        .map(([events, repeats]) => ({ rule, ...rest, events: somewhereBehind(events, repeats) })),
    );

/** Events over more time than a log keeps, many of them in one log. */
const longCases: fc.Arbitrary<Case> = fc
  .record({
    rule: anyRule.filter((rule) => rule.steps.length === 0),
    steps: fc.array(steps, { minLength: 12, maxLength: 12 }).map((lists) => lists.flat()),
    pauseMs: fc.constantFrom(5, 20_000),
  })
  .chain(({ rule, ...rest }) =>
    fc.tuple(eventsOf(rule, 400, { min: 200, max: 260 }), repeatsOf(rule, 30)).map(([events, repeats]) => {
      const spread = events.map((event, i) => ({
        ...event,
        user: i % 9 === 0 ? event.user : 'u',
        t: event.t + Math.floor(i / 60) * 300_100,
      }));
      return { rule, ...rest, events: somewhereBehind(spread, repeats) };
    }),
  );

type Engine = { readonly run: Pipeline; alerts(): Promise<Alert[]> };

let cases = 0;

async function hold({ rule, events, steps: todo, pauseMs }: Case): Promise<void> {
  const ruleset = rulesetOf(rule, `rule-${++cases}`);
  const located = events.map((event, i): Located => {
    const ms = beginning + 1000 + Math.floor(i / 3) * pauseMs;
    return { event: eventFor(event, ruleset), ref: { shard: 1, ms, seq: i % 3, index: i } };
  });
  const evidence = evidenceOf(located);
  for (const key of await redis.keys('w{*}[or]*')) await redis.del(key);
  const profile = profiler({ latenessMs, lagMs: 3_600_000 });
  const deps = { evidence, profile, meter: silent, latenessMs, onRuleFault: (_: string, fault: unknown): never => raise(fault) };
  const collected = memoryAlerts();
  const engine = (windows: WindowStore, outbox: Outbox, alerts: () => Promise<Alert[]>): Engine => ({
    run: pipeline(ruleset, { ...deps, windows, outbox }),
    alerts,
  });
  const engines = [
    engine(memoryWindowStore(profile, collected), collected, async () => collected.all()),
    engine(redisWindowStore({ redis, profile, partitions, onOutbox: () => undefined }), openOutbox(redis, partitions), outboxed),
  ];
  for (const { run } of engines) await drive(run, located, todo);
  const [inMemory, inRedis] = await Promise.all(
    engines.map(async ({ alerts }) => (await alerts()).toSorted((a, b) => (a.id < b.id ? -1 : 1))),
  );
  expect(inRedis).toEqual(inMemory);
}

/** Runs the batches like a worker; at the end everything has arrived and is due. */
async function drive(run: Pipeline, located: readonly Located[], todo: readonly Step[]): Promise<void> {
  const createdAt = (at: number): number => at;
  const done: Located[][] = [];
  let next = 0;
  const clockAt = (position: number, lag: number) => {
    const ref = located[Math.max(0, Math.min(position - lag, located.length - 1))]!.ref;
    return { ms: ref.ms, seq: ref.seq };
  };
  for (const step of todo) {
    if (step.do === 'review') {
      await run.review(1000, { clock: { ms: clockAt(next, 0).ms + step.ahead, seq: 0 }, createdAt });
      continue;
    }
    if (step.do === 'overtake') {
      const [first, second] = [located.slice(next, next + step.size), located.slice(next + step.size, next + 2 * step.size)];
      for (const batch of [second, first]) if (batch.length > 0) await run.process([batch], { clock: clockAt(next, step.lag), createdAt });
      next += first.length + second.length;
      continue;
    }
    const batch = step.do === 'again' ? done.at(-1 - step.back) : located.slice(next, next + step.size);
    if (batch === undefined || batch.length === 0) continue;
    await run.process([batch], { clock: clockAt(next, step.lag), createdAt });
    if (step.do === 'again') continue;
    done.push(batch);
    next += batch.length;
  }
  await run.process([located.slice(next)], { clock: clockAt(next, 0), createdAt });
  for (let rounds = 0; rounds < 3; rounds++) await run.review(1000, { clock: { ms: beginning + 1e9, seq: 0 }, createdAt });
}

async function outboxed(): Promise<Alert[]> {
  const collected = memoryAlerts();
  for (let partition = 0; partition < partitions; partition++) {
    for (const [field, json] of Object.entries(await redis.hgetall(keys.outbox(partition)))) {
      if (field.endsWith('+')) collected.update(JSON.parse(json) as AlertUpdate);
      else collected.alert(JSON.parse(json) as Alert);
    }
  }
  return collected.all();
}

function evidenceOf(located: readonly Located[]): Evidence {
  const events = new Map<number, Event>(located.map(({ event, ref }) => [ref.index, event]));
  return { fetch: async (refs: readonly EventRef[]) => refs.map((ref) => events.get(ref.index) ?? 'expired') };
}

const raise = (fault: unknown): never => {
  throw fault;
};

describe('the pipeline on Redis and on Maps', () => {
  const rulesOfEach = [...Object.entries(ruleCases).map(([name, { any }]) => [name, any] as const), ['single events', singles] as const];

  it.each(rulesOfEach)('%s: fires and counts the same, with redeliveries, clocks that lag, and reviews at any time', async (_, rules) => {
    const before = cases;
    await fc.assert(fc.asyncProperty(shortCases(rules), hold), { numRuns: 140 });
    expect(cases - before).toBeGreaterThanOrEqual(140);
  });

  it('fires and counts the same when logs are tidied and entries come too late for them', async () => {
    const before = cases;
    await fc.assert(fc.asyncProperty(longCases, hold), { numRuns: 60, endOnFailure: true });
    expect(cases - before).toBeGreaterThanOrEqual(60);
  });
});
