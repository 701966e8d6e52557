/**
 * What holds for every registered kind of correlation, besides its evaluation (evaluate.test.ts) and the stores
 * (guarantees.stores.test.ts): its reader, what its entries carry, what the cap may drop, its texts, and replay with
 * threads. Registering a new kind is enough to test it; a failure prints its seed.
 */
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { replayFile } from '../../engine/cli/commands/replay.ts';
import { readers } from '../../engine/compile/correlate/readers.ts';
import type { Alert } from '../../engine/core/alert/alert.ts';
import { reason } from '../../engine/core/alert/reason.ts';
import { arrange, type Entry } from '../../engine/core/correlate/entry.ts';
import { evaluate } from '../../engine/core/correlate/evaluate.ts';
import { correlationKinds, type KindName } from '../../engine/core/correlate/kinds.ts';
import { observer } from '../../engine/core/correlate/observe.ts';
import { TargetCache } from '../../engine/core/correlate/target.ts';
import type { Carried } from '../../engine/core/correlate/values.ts';
import { correlated, type Rule } from '../../engine/core/rule.ts';
import { eventHash } from '../../engine/core/util/hash.ts';
import { replayStores } from '../../engine/memory/replay-stores.ts';
import { eventReader } from '../../engine/replay/event-reader.ts';
import { replaySession } from '../../engine/runtime/pipeline/replay-session.ts';
import { entryOf, later } from '../core/correlate/evaluate.support.ts';
import { listing, type Append } from '../support/appends.ts';
import { documentOf, eventsOf, rawOf, ruleCases, type EventCase, type RuleCase } from './guarantees.arbitraries.ts';
import { inOrderOfTime, repeatsOf } from './guarantees.arrivals.ts';
import { eventFor, rulesetOf } from './guarantees.support.ts';
import { cases, casesOf } from './kinds.cases.ts';

const names = correlationKinds.map(({ name }) => name);

it('every kind has one name, a reader and test cases', () => {
  expect(new Set(names).size).toBe(names.length);
  expect(Object.entries(readers).map(([name, { kind }]) => [name, kind])).toEqual(correlationKinds.map((kind) => [kind.name, kind]));
  expect(Object.keys(cases)).toEqual(names);
  expect(Object.keys(ruleCases)).toEqual(names);
});

describe.each(names)('%s', (name) => {
  it('writes into entries what it says they carry', () => {
    let seen = 0;
    fc.assert(
      fc.property(casesWithEvents(name), ({ rule, events }) => {
        const { correlation } = correlated(rulesetOf(rule).rules[0]!);
        const { carried } = correlation.kind.values(correlation);
        for (const { entry } of observed(rule, events)) {
          expect(isOf[carried](entry.value), `${String(entry.value)} is of ${carried}`).toBe(true);
          seen++;
        }
      }),
      { numRuns: 100 },
    );
    expect(seen).toBeGreaterThan(50);
  });

  it('is fulfilled after thinning near where it was before, and nowhere else, whatever comes later or late', () => {
    let dropped = 0;
    const thinning = cases[name].rules(false).chain((rule) => fc.tuple(fc.constant(rule), crowds(rule, 40), crowds(rule, 12)));
    fc.assert(
      fc.property(thinning, ([rule, log, others]) => {
        const one = correlated(rule);
        const thinned = one.correlation.kind.thin(one, log);
        expect(thinned).toEqual(log.filter((entry) => thinned.includes(entry)));
        dropped += log.length - thinned.length;
        const further = others.map((entry): Entry => ({ ...entry, id: `x${entry.id}` }));
        const whole = windows(rule, [...log, ...further]);
        const left = windows(rule, [...thinned, ...further]);
        for (const { at, by } of left) expect(whole.some((found) => found.at === at && found.by.id === by.id)).toBe(true);
        for (const { at } of whole) expect(left.some((found) => Math.abs(found.at - at) < one.correlation.timespanMs)).toBe(true);
      }),
      { numRuns: 2000 },
    );
    expect(dropped > 0).toBe(cases[name].thins);
  });

  it('gives its reason in a sentence that names the group, and explains its condition', () => {
    fc.assert(
      fc.property(casesOf(name, cases[name].rules(false)), ({ rule, entries }) => {
        const { kind } = correlated(rule).correlation;
        expect(kind.explain(correlated(rule))).toMatch(/\b\d+m?s\b/);
        for (const found of evaluate(rule, entries, later).fulfilments) {
          expect(reason(rule, { 'user.id': 'eve' }, found)).toMatch(/^\S.* for user\.id=eve.*\S$/);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('gives the same alerts in a replay with threads as event by event, to the last character', async () => {
    let fired = 0;
    const check = async ({ rule, events }: Case, blockBytes: number, threads: number): Promise<void> => {
      const text = events.map((event) => JSON.stringify(rawOf(event))).join('\n');
      const expected = await oneByOne(rule, text);
      fired += expected.length;
      expect(await byBlocks(rule, text, blockBytes, threads)).toEqual(expected);
    };
    // Even without further threads, blocks go through the same columns of bytes.
    await fc.assert(
      fc.asyncProperty(casesWithEvents(name), fc.integer({ min: 100, max: 2000 }), (one, blockBytes) => check(one, blockBytes, 0)),
      { numRuns: 100 },
    );
    await fc.assert(
      fc.asyncProperty(casesWithEvents(name), (one) => check(one, 400, 2)),
      { numRuns: 2 },
    );
    expect(fired).toBeGreaterThan(20);
  });
});

type Case = { readonly rule: RuleCase; readonly events: readonly EventCase[] };

const casesWithEvents = (name: KindName): fc.Arbitrary<Case> =>
  ruleCases[name].any.chain((rule) =>
    fc
      .tuple(eventsOf(rule, 40, { min: 4, max: 30 }), repeatsOf(rule, 4))
      .map(([events, repeats]) => ({ rule, events: inOrderOfTime(events, repeats) })),
  );

const isOf: Readonly<Record<Carried, (value: number | string) => boolean>> = {
  none: (value) => value === 0,
  number: (value) => Number.isFinite(value),
  hash: (value) => typeof value === 'string' && /^[\0-\xff]{8}$/.test(value),
};

function observed(rule: RuleCase, events: readonly EventCase[]): readonly Append[] {
  const ruleset = rulesetOf(rule);
  const view = ruleset.view();
  const memory = new TargetCache();
  const out = listing();
  for (const one of events) {
    const event = eventFor(one, ruleset);
    out.of(event.time, eventHash(event.dataset, event.id), { shard: 0, ms: event.time, seq: 0, index: 0 });
    for (const matcher of ruleset.match(view.load(event))) observer(matcher.rule, matcher.step, memory)(view, out);
  }
  return out.appends;
}

/** Many events with few steps and values in a short time, each once, with several values if entries carry values. */
const crowds = (rule: Rule, maxLength: number): fc.Arbitrary<readonly Entry[]> => {
  const { correlation } = correlated(rule);
  const values = fc.uniqueArray(fc.nat({ max: 3 }), {
    minLength: 1,
    maxLength: correlation.kind.values(correlation).carried === 'none' ? 1 : 3,
  });
  return fc
    .array(fc.tuple(fc.nat({ max: 30 }), fc.nat({ max: rule.steps.length - 1 }), values), { maxLength, size: 'max' })
    .map((events) =>
      arrange(
        events.flatMap(([time, step, some], n) =>
          some.map((value, index) => entryOf({ time, step, index, value, id: `e${(n * 7) % 41}` })),
        ),
      ),
    );
};

const windows = (rule: Rule, journal: readonly Entry[]) => evaluate(rule, arrange(journal), later).fulfilments;

const options = { latenessMs: 3, drain: true, dataset: undefined };

async function oneByOne(rule: RuleCase, text: string): Promise<readonly Alert[]> {
  const ruleset = rulesetOf(rule);
  const reader = eventReader(ruleset, '-', undefined, Date.now(), { say: raise });
  const session = replaySession(ruleset, replayStores, { ...options, onRuleFault: raise });
  for (const [i, line] of text.split('\n').entries()) await session.feed(reader.read({ line: i + 1, text: line }, session.clock())!);
  return session.finish();
}

async function byBlocks(rule: RuleCase, text: string, blockBytes: number, threads: number): Promise<readonly Alert[]> {
  const files = [{ path: 'rules/rule.json', text: JSON.stringify(documentOf(rule, 'rule')) }];
  const io = { stdin: Readable.from([Buffer.from(text)]), say: () => undefined };
  const [alerts] = await replayFile('-', [{ ruleset: rulesetOf(rule), files }], { ...options, threads, alone: 0, blockBytes }, io);
  return alerts!;
}

function raise(what: unknown): never {
  throw new Error(String(what));
}
