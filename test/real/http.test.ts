/**
 * Real input over HTTP gives the alerts of `replay`: the whole files are posted, in their order, to a `weir up` as shipped.
 *
 * With one worker everything about an alert is the same, because batches are appended in the order in which they were
 * read. There are two inherent exceptions:
 *
 *   the id     is derived from the event that fulfilled the rule. An event without its own id gets another one each time
 *              it is sent (the Windows log). When several events of one rule happen at the same instant, it depends on
 *              which of them had arrived at the evaluation which one completes the window; live, batches end anywhere.
 *              AMLSim's steps are days, so this applies to nearly all its alerts.
 *   created    is the wall clock.
 *
 * With two workers the alerted pairs of rule and group are the same. Which of two windows within one suppression becomes
 * the alert may differ. When a pair alerts once, all its windows belong to that alert, so its counts are the same.
 *
 * An absence waits for the arrival clock, so on a file that is posted in seconds it is reported that much later than its
 * deadline. The test checks that no rule with an absence alerts on these inputs.
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
  /** Whether the alert's id is determined: its event has its own id, and is the rule's only event at that instant. */
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

/** Posts the whole input. @returns the alerts when everything has been processed */
async function posted(input: RealInput, workers: number): Promise<{ readonly events: number; readonly alerts: readonly Alert[] }> {
  const env = { WEIR_RULES: join(root, 'rules'), WEIR_LATENESS: '5m', WEIR_WORKERS: String(workers) };
  await using engine = await startEngine({ rules: {}, env, program: shippedProgram });
  await engine.start('up');
  const events = await postLines(engine.url(), eventLinesOf(input));
  const { accepted, processed, dead, pending } = await engine.quiet();
  expect({ accepted, processed, dead, pending }).toEqual({ accepted: events, processed: events, dead: 0, pending: 0 });
  return { events, alerts: await engine.alerts() };
}

/** The alerts of pairs that alert once in both lists. */
function alertingOnce(alerts: readonly Alert[], others: readonly Alert[]): readonly Alert[] {
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
        // An absence waits for the arrival clock, which hardly moves while these files are posted: none may be due in them.
        const absences = new Set(ruleset.rules.filter(({ steps }) => steps.at(-1)!.negative).map(({ id }) => id));
        expect(expected.alerts.filter(({ rule }) => absences.has(rule.id))).toEqual([]);
      }, limitMs);

      it(
        'gives exactly the same alerts with one worker',
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
        'alerts for the same rules and groups with two workers',
        async () => {
          const { alerts } = await posted(input, 2);
          expect(sorted(new Set(alerts.map(pairOf)))).toEqual(sorted(new Set(expected.alerts.map(pairOf))));
          const [ours, theirs] = [alertingOnce(alerts, expected.alerts), alertingOnce(expected.alerts, alerts)];
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
