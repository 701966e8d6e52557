/**
 * Real input over HTTP gives the alerts of `replay`: the whole files, in their order, to a `weir up` as it is shipped.
 *
 * With one worker everything about an alert is the same: batches are appended in the order in which they were read.
 * Two exceptions, each inherent:
 *
 *   the id     is made of the event that fulfilled the rule. An event without an id of its own gets another one each time it
 *              is sent (the Windows log). And where several events of one rule happen at the same instant, which of them
 *              completes the window depends on which had arrived when it was judged; live, batches end where they end.
 *              AMLSim's steps are days, so this is nearly every alert of it.
 *   created    is the wall clock, of course.
 *
 * With two workers the alerted pairs of rule and group are the same (G3). Which of two windows within one mute becomes
 * the alert is not; where a pair alerts once, all its windows belong to that alert, so its numbers are the same.
 *
 * An absence waits on the arrival clock, so on a file that is posted in seconds it is reported that much later than
 * its deadline: such rules are not among those compared here. None is shipped.
 */
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Alert } from '../../engine/core/alert/alert.ts';
import type { RuleSet } from '../../engine/core/rule.ts';
import { startEngine, shippedProgram } from '../support/engine.ts';
import { absent, dataFolder, eventLinesOf, realInputs, root, type RealInput } from './inputs.ts';
import { postLines } from './post.ts';
import { run, shippedRules } from './run.ts';

if (dataFolder === undefined) process.stderr.write(`real input was not posted: ${absent}\n`);

const limitMs = 300_000;

const pairOf = (alert: Alert): string => `${alert.rule.id} ${JSON.stringify(alert.group)}`;
const numbersOf = (alert: Alert): string =>
  [pairOf(alert), alert.first_seen, alert.last_seen, `value ${alert.value}`, `count ${alert.count}`].join(' | ');

type Replayed = {
  readonly events: number;
  readonly alerts: readonly Alert[];
  /** Whether the alert's id says which event it was: its own, and the only one of the rule at that instant. */
  readonly idIsCertain: (alert: Alert) => boolean;
};

async function replayed(name: RealInput['name'], ruleset: RuleSet): Promise<Replayed> {
  const matches = new Map<string, number>();
  let ownIds = true;
  const { events, alerts } = await run(name, ruleset, (event, rules) => {
    if (event.tags.includes('id_inferred')) ownIds = false;
    for (const rule of rules) matches.set(`${rule} ${event.time}`, (matches.get(`${rule} ${event.time}`) ?? 0) + 1);
  });
  // In replay an alert is created when its window ends.
  const idIsCertain = (alert: Alert): boolean => ownIds && matches.get(`${alert.rule.id} ${Date.parse(alert.created)}`) === 1;
  return { events, alerts, idIsCertain };
}

/** Posts the whole input. @returns the alerts when nothing is under way any more */
async function posted(input: RealInput, workers: number): Promise<{ readonly events: number; readonly alerts: readonly Alert[] }> {
  const env = { WEIR_RULES: join(root, 'rules'), WEIR_LATENESS: '5m', WEIR_WORKERS: String(workers) };
  await using engine = await startEngine({ rules: {}, env, program: shippedProgram });
  await engine.start('up');
  const events = await postLines(engine.url(), eventLinesOf(input));
  const { accepted, processed, dead, pending } = await engine.quiet();
  expect({ accepted, processed, dead, pending }).toEqual({ accepted: events, processed: events, dead: 0, pending: 0 });
  return { events, alerts: await engine.alerts() };
}

/** Alerts of pairs that alert once, here and there. */
function lonely(alerts: readonly Alert[], others: readonly Alert[]): readonly Alert[] {
  const many = new Set<string>();
  for (const list of [alerts, others]) {
    const seen = new Set<string>();
    for (const alert of list) (seen.has(pairOf(alert)) ? many : seen).add(pairOf(alert));
  }
  return alerts.filter((alert) => !many.has(pairOf(alert)));
}

const sorted = (texts: Iterable<string>): string[] => [...texts].sort();

describe.runIf(dataFolder !== undefined)('HTTP and replay', () => {
  let ruleset: RuleSet;
  beforeAll(async () => {
    ruleset = await shippedRules();
  });

  for (const input of realInputs) {
    describe(`${input.name}`, () => {
      let expected: Replayed;
      beforeAll(async () => {
        expected = await replayed(input.name, ruleset);
        // An absence waits for the arrival clock, which these files, posted at once, do not move: none may be due in them.
        const absences = new Set(ruleset.rules.filter(({ steps }) => steps.at(-1)!.negative).map(({ id }) => id));
        expect(expected.alerts.filter(({ rule }) => absences.has(rule.id))).toEqual([]);
      }, limitMs);

      it(
        'gives the same alerts to the last number with one worker',
        async () => {
          const { events, alerts } = await posted(input, 1);
          expect(events).toBe(expected.events);
          expect(sorted(alerts.map(numbersOf))).toEqual(sorted(expected.alerts.map(numbersOf)));
          const ids = new Set(alerts.map(({ id }) => id));
          const certain = expected.alerts.filter(expected.idIsCertain);
          expect(certain.filter(({ id }) => !ids.has(id)).map(numbersOf)).toEqual([]);
          if (input.name === 'cloudtrail' || input.name === 'sparkov') expect(certain.length).toBeGreaterThan(expected.alerts.length / 2);
        },
        limitMs,
      );

      it(
        'alerts the same rules and groups with two workers',
        async () => {
          const { alerts } = await posted(input, 2);
          expect(sorted(new Set(alerts.map(pairOf)))).toEqual(sorted(new Set(expected.alerts.map(pairOf))));
          const [ours, theirs] = [lonely(alerts, expected.alerts), lonely(expected.alerts, alerts)];
          expect(sorted(ours.map((alert) => `${pairOf(alert)} ${alert.count}`))).toEqual(
            sorted(theirs.map((alert) => `${pairOf(alert)} ${alert.count}`)),
          );
          expect(ours.length).toBeGreaterThan(0);
        },
        limitMs,
      );
    });
  }
});
