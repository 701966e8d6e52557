/**
 * Bench `match`: 100 rules on one core, against json-rules-engine on the same rules and events. The library gets its
 * facts as flat constants, prepared before the clock starts; Weir looks everything up in the original event.
 */
import { createRequire } from 'node:module';
import type { Engine as EngineType, TopLevelCondition } from 'json-rules-engine';
import { fieldPath, lookup } from '../../engine/core/match/fields.ts';
import type { Event } from '../../engine/core/event.ts';
import { compile } from '../../engine/compile/index.ts';
import { operators } from '../../engine/compile/condition/operators.ts';
import { makeEvents, rules } from './match-workload.ts';
import type { BenchResult, Scale } from './result.ts';

const { Engine } = createRequire(import.meta.url)('json-rules-engine') as { Engine: typeof EngineType };

/** Number of events that each engine matches. */
const sizes = { full: { ours: 400_000, library: 200 }, smoke: { ours: 2_000, library: 10 } } as const;

export async function benchMatch(scale: Scale): Promise<BenchResult> {
  const size = sizes[scale];
  const events = makeEvents(2_000);
  const { ours, matches } = runOurs(events, size.ours);
  const library = await runLibrary(events.slice(0, size.library));
  const expected = matches.slice(0, size.library).reduce((sum, count) => sum + count, 0);
  if (library.matches !== expected) throw new Error(`the two disagree: ${expected} matches against ${library.matches}`);
  return {
    name: 'match',
    what: `${rules.length} rules, one core, against json-rules-engine`,
    unit: 'events/s',
    ours,
    floor: library.perSecond,
    ratio: ours / library.perSecond,
    budget: { least: 500 },
  };
}

function runOurs(events: readonly Event[], count: number): { ours: number; matches: number[] } {
  const { ruleset } = compile([{ path: 'rules.json', text: JSON.stringify(rules) }]);
  const view = ruleset.view();
  const matches = events.map((event) => ruleset.match(view.load(event)).length);
  for (let n = 0; n < 20_000; n++) ruleset.match(view.load(events[n % events.length]!));
  let found = 0;
  const start = performance.now();
  for (let n = 0; n < count; n++) found += ruleset.match(view.load(events[n % events.length]!)).length;
  const seconds = (performance.now() - start) / 1000;
  if (found === 0) throw new Error('no rule matched: the bench measures nothing');
  return { ours: count / seconds, matches };
}

async function runLibrary(events: readonly Event[]): Promise<{ perSecond: number; matches: number }> {
  const engine = new Engine([], { allowUndefinedFacts: true });
  for (const name of ['startsWith', 'endsWith', 'inCidr', 'notInCidr', 'exists']) engine.addOperator(name, operators.get(name)!.test);
  // `contains` on texts: the library's own operator supports only lists.
  engine.addOperator('contains', operators.get('contains')!.test);
  for (const { id, conditions } of rules) engine.addRule({ conditions: conditions as TopLevelCondition, event: { type: id } });
  const names = [...new Set(JSON.stringify(rules).match(/(?<="fact":")[^"]+/g))];
  const flat = events.map((event) =>
    Object.fromEntries(names.map((name) => [name, lookup(event, fieldPath(name))]).filter(([, value]) => value !== undefined)),
  );
  for (const facts of flat.slice(0, 20)) await engine.run(facts);
  let matches = 0;
  const start = performance.now();
  for (const facts of flat) matches += (await engine.run(facts)).events.length;
  return { perSecond: events.length / ((performance.now() - start) / 1000), matches };
}
