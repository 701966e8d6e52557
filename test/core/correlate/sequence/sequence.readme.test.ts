/** The code does what the worked example of the README says. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { evaluate } from '../../../../engine/core/correlate/evaluate.ts';
import { tableOf } from '../../../../engine/core/correlate/sequence/ordered.ts';
import { partsOf, splitLog } from '../../../../engine/core/correlate/sequence/sequence.ts';
import { later, log, sequenceRule, told } from '../evaluate.support.ts';

const page = readFileSync(`${import.meta.dirname}/../../../../engine/core/correlate/sequence/README.md`, 'utf8');
const example = log(/^ {4}((?:[A-Z]\d+ ?)+)$/m.exec(page)![1]!);
const rule = sequenceRule('temporal_ordered', [{ gte: 2, inMs: 5 }, { withinMs: 10 }, { not: true }, {}], { timespanMs: 30 });

it('the table has the rows that the page shows', () => {
  const rows = [...page.matchAll(/^\| `([A-Z])` \w+ +\| ([^|]+?) +\|/gm)].map(([, step, cells]) => [step, cells]);
  const { rows: found } = tableOf(partsOf(rule.steps), splitLog(example, rule.steps), example, 30);
  const shown = found.map(({ positive, list, first, start }) => {
    const { name } = rule.steps[positive.step]!;
    return [name, list.map(({ time }, i) => `${name}${time}: ${first[i]! < 0 ? '–' : start[i]}`).join(', ')];
  });
  expect(rows).toEqual(shown);
  expect(rows).toHaveLength(3);
});

it('the rule is fulfilled where the page says', () => {
  expect(told(evaluate(rule, example, later).fulfilments)).toEqual(['20: 4 by e8 of e5+e6+e7+e8']);
  expect(page).toContain('at\nminute 20, by D20, with value 4');
  expect(page).toContain('D20, B13, A12 and A11');
});
