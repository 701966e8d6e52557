/** The rules as the API shows and tries them, with the real compiler and the in-memory stores. */
import { describe, expect, it } from 'vitest';
import { testAnswer } from '../../../api/schemas/rules.ts';
import { compile } from '../../../engine/compile/index.ts';
import { replayStores } from '../../../engine/memory/replay-stores.ts';
import { rulesService } from '../../../engine/runtime/rules/service.ts';

const text = `
id: running
title: The running one
level: high
conditions: { all: [{ fact: k, operator: equal, value: a }] }
`;
const running = compile([{ path: 'rules/running.yaml', text }]);
const service = rulesService({ current: () => running, stores: replayStores, latenessMs: 1000 });

describe('the running set', () => {
  it('is listed with its problems, and returned rule by rule', async () => {
    const { hash, rules, problems } = await service.list();
    expect(hash).toBe(running.ruleset.hash);
    expect(rules).toMatchObject([{ id: 'running', title: 'The running one', status: 'live', level: 'high', file: 'rules/running.yaml' }]);
    expect(problems).toBe(running.problems);
    expect(await service.get('running')).toEqual(rules[0]);
    expect(await service.get('constructor')).toBeUndefined();
  });
});

describe('a trial', () => {
  it('runs the running rules, or those of a text', async () => {
    const events = [{ k: 'a' }, { k: 'b' }];
    expect((await service.test(undefined, events)).alerts.map(({ rule }) => rule.id)).toEqual(['running']);
    const other = await service.test(text.replace('running', 'other').replace('value: a', 'value: b'), events);
    expect(other.alerts.map(({ rule, events: [shown] }) => [rule.id, shown])).toEqual([['other', { k: 'b' }]]);
  });

  it('reports events that ingest would reject, and runs the others', async () => {
    const answer = await service.test(undefined, [{ k: 'a', time: 'noon' }, { k: 'a' }, { k: 'a', id: {} }]);
    expect(answer.alerts).toHaveLength(1);
    expect(answer.rejected.map(({ index, code }) => [index, code])).toEqual([
      [0, 'bad-time'],
      [2, 'bad-id'],
    ]);
    expect(testAnswer.parse(answer)).toEqual(answer);
  });

  it('reports problems in the rules, and fires pending absences', async () => {
    const broken = await service.test('id: broken', [{ k: 'a' }]);
    expect(broken.problems.some(({ severity }) => severity === 'error')).toBe(true);
    expect(broken.alerts).toEqual([]);
    const absence = `
id: unfinished
steps:
  - { name: start, conditions: { all: [{ fact: k, operator: equal, value: a }] } }
  - { name: done, not: true, conditions: { all: [{ fact: k, operator: equal, value: b }] }, within: 1h }
correlation: { type: temporal_ordered, group-by: [job], timespan: 1h }
`;
    expect((await service.test(absence, [{ k: 'a', job: 'x' }])).alerts).toMatchObject([{ group: { job: 'x' } }]);
  });
});

describe('a check', () => {
  it('checks a text under the given file name', async () => {
    const { rules, problems } = await service.check('id: broken', 'mine.yaml');
    expect(rules).toBe(0);
    expect(problems[0]).toMatchObject({ file: 'mine.yaml', severity: 'error' });
  });
});
