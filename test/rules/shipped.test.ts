import { beforeAll, describe, expect, it } from 'vitest';
import type { Problem } from '../../engine/core/problem.ts';
import type { Rule, RuleSet } from '../../engine/core/rule.ts';
import { readEvents } from '../../engine/runtime/rules/rule-tests.ts';
import { mutantsOf } from './mutants.ts';
import { resultsOf, shipped, stillPasses } from './shipped.ts';

let ruleset: RuleSet;
let problems: readonly Problem[];
beforeAll(async () => {
  ({ ruleset, problems } = await shipped());
});

/** The datasets of the events in a rule's firing tests. */
function datasetsOf(rule: Rule): Set<string> {
  const firing = rule.tests.filter(({ alerts }) => alerts.length > 0);
  return new Set(firing.flatMap((test) => readEvents(ruleset, test.events).events.map(({ dataset }) => dataset)));
}

describe('the shipped rules', () => {
  it('compile without errors and warnings', () => {
    expect(problems).toEqual([]);
    expect(ruleset.rules.length).toBeGreaterThanOrEqual(40);
  });

  it('pass their own tests', async () => {
    const failed = (await resultsOf(ruleset)).filter(({ passed }) => !passed);
    expect(failed.map(({ rule, test, faults, missing, unexpected }) => ({ rule, test, faults, missing, unexpected }))).toEqual([]);
  });

  it('have a title, a description, tags, a message and entities', () => {
    for (const rule of ruleset.rules) {
      expect(rule, rule.id).toMatchObject({ title: expect.stringMatching(/\S/), description: expect.stringMatching(/\S/) });
      expect([rule.id, rule.message !== undefined, rule.entities.length > 0, rule.tags.length > 0]).toEqual([rule.id, true, true, true]);
      expect(rule.title, 'the title is only the id').not.toBe(rule.id);
    }
  });

  it('each have a firing test and a near miss, and a wrong-order test where order matters', () => {
    for (const { id, tests, correlation } of ruleset.rules) {
      expect([id, tests.some(({ alerts }) => alerts.length > 0), tests.some(({ alerts }) => alerts.length === 0)]).toEqual([id, true, true]);
      if (correlation?.kind.name === 'temporal_ordered') expect([id, tests.some(({ name }) => name.startsWith('wrong order'))]).toEqual([id, true]);
    }
  });

  it('join two or more sources in at least fifteen rules, most of them under different field names', () => {
    const across = ruleset.rules.filter((rule) => datasetsOf(rule).size > 1);
    expect(across.map(({ id }) => id).length).toBeGreaterThanOrEqual(15);
    const renamed = across.filter(({ correlation, steps }) =>
      steps.some((step) => step.groupBy.some(({ name }, index) => name !== correlation?.groupBy[index])),
    );
    expect(renamed.map(({ id }) => id).length).toBeGreaterThanOrEqual(12);
  });

  it('are found by the equality index for the events that fire them', () => {
    const view = ruleset.view();
    for (const rule of ruleset.rules) {
      for (const test of rule.tests.filter(({ alerts }) => alerts.length > 0)) {
        const { events } = readEvents(ruleset, test.events);
        const matched = events.some((event) => ruleset.match(view.load(event)).some((matcher) => matcher.rule.id === rule.id));
        expect([rule.id, test.name, matched]).toEqual([rule.id, test.name, true]);
      }
    }
  });

  it('have tests that fail on a wrong threshold, a step that never or always matches, and an empty window', async () => {
    const unnoticed: string[] = [];
    for (const rule of ruleset.rules) {
      for (const mutant of mutantsOf(rule)) if (await stillPasses(ruleset, mutant.rule)) unnoticed.push(mutant.name);
    }
    expect(unnoticed).toEqual([]);
  });
});
