/** Trials of rules, with the real compiler and the in-memory stores. */
import { describe, expect, it } from 'vitest';
import { checkAnswer, testAnswer } from '../../../api/schemas/rules.ts';
import { compile } from '../../../engine/compile/index.ts';
import { limits } from '../../../engine/core/limits.ts';
import { replayStores } from '../../../engine/memory/replay-stores.ts';
import { runTrial, type TrialOutcome, type TrialTask } from '../../../engine/runtime/rules/trial.ts';

const text = `
id: running
title: The running one
level: high
conditions: { all: [{ fact: k, operator: equal, value: a }] }
`;
const running = compile([{ path: 'rules/running.yaml', text }]);
const run = (task: TrialTask): Promise<TrialOutcome> =>
  runTrial(task, { stores: replayStores, latenessMs: 1000, running: async () => running });
const answered = (outcome: TrialOutcome): unknown => {
  if (outcome.kind !== 'answer') throw new Error(JSON.stringify(outcome));
  return JSON.parse(new TextDecoder().decode(outcome.json));
};
const given = (body: string): TrialTask => ({ kind: 'test', body: Buffer.from(body) });
const test = async (rules: unknown, events: readonly object[]) => testAnswer.parse(answered(await run(given(JSON.stringify({ rules, events })))));
const check = async (rules: string, file: string) => checkAnswer.parse(answered(await run({ kind: 'check', text: rules, file })));

describe('a trial', () => {
  it('runs the running rules, or those of a text', async () => {
    const events = [{ k: 'a' }, { k: 'b' }];
    expect((await test(undefined, events)).alerts.map(({ rule }) => rule.id)).toEqual(['running']);
    const other = await test(text.replace('running', 'other').replace('value: a', 'value: b'), events);
    expect(other.alerts.map(({ rule, events: [shown] }) => [rule.id, shown])).toEqual([['other', { k: 'b' }]]);
  });

  it('reports events that ingest would reject, and runs the others', async () => {
    const answer = await test(undefined, [{ k: 'a', time: 'noon' }, { k: 'a' }, { k: 'a', id: {} }]);
    expect(answer.alerts).toHaveLength(1);
    expect(answer.rejected.map(({ index, code }) => [index, code])).toEqual([
      [0, 'bad-time'],
      [2, 'bad-id'],
    ]);
  });

  it('reports problems in the rules, and fires pending absences', async () => {
    const broken = await test('id: broken', [{ k: 'a' }]);
    expect(broken.problems.some(({ severity }) => severity === 'error')).toBe(true);
    expect(broken.alerts).toEqual([]);
    const absence = `
id: unfinished
steps:
  - { name: start, conditions: { all: [{ fact: k, operator: equal, value: a }] } }
  - { name: done, not: true, conditions: { all: [{ fact: k, operator: equal, value: b }] }, within: 1h }
correlation: { type: temporal_ordered, group-by: [job], timespan: 1h }
`;
    expect((await test(absence, [{ k: 'a', job: 'x' }])).alerts).toMatchObject([{ group: { job: 'x' } }]);
  });
});

describe('a check', () => {
  it('checks a text under the given file name', async () => {
    const { rules, problems } = await check('id: broken', 'mine.yaml');
    expect(rules).toBe(0);
    expect(problems[0]).toMatchObject({ file: 'mine.yaml', severity: 'error' });
  });
});

describe('the body of a trial', () => {
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
  it.each([
    ['[', 'invalid-json', undefined],
    ['[]', 'invalid-request', '/body'],
    ['{"rule":1,"events":[]}', 'invalid-request', '/body/rule'],
    ['{"rules":"id: x"}', 'invalid-request', '/body/events'],
    ['{"rules":[1],"events":[]}', 'invalid-request', '/body/rules'],
    [`{"events":[${'{},'.repeat(10_000)}{}]}`, 'invalid-request', '/body/events'],
    ['{"events":[{},5]}', 'invalid-request', '/body/events/1'],
    [`{"events":[{"a":${'['.repeat(40)}${']'.repeat(40)}}]}`, 'too-deep', '/body/events/0'],
    [`{"events":[{"a":${deep}}]}`, 'too-deep', '/body'],
    [`{"rules":{"a":${deep}},"events":[]}`, 'too-deep', '/body'],
    ['['.repeat(limits.requestBytesMax), 'too-deep', '/body'],
  ])('is refused with its code: %.40s', async (body, code, pointer) => {
    const refused = await run(given(body));
    expect(refused).toMatchObject({ kind: 'invalid', code });
    expect(refused.kind === 'invalid' ? refused.pointer : refused).toBe(pointer);
  });

  it('may hold rules as JSON', async () => {
    const rule = { id: 'j', conditions: { all: [{ fact: 'k', operator: 'equal', value: 'a' }] } };
    for (const rules of [rule, [rule]]) expect((await test(rules, [{ k: 'a' }])).alerts).toHaveLength(1);
    const quoted = await test(undefined, [{ k: 'a', note: '[[[['.repeat(100) }]);
    expect(quoted.alerts).toHaveLength(1);
  });
});

describe('the answer of a trial', () => {
  it('is bounded', async () => {
    const events = Array.from({ length: 5000 }, (_, id) => ({ k: 'a', id, text: 'x'.repeat(1000) }));
    const many = ['a', 'b', 'c'].map((id) => ({ id, suppress: '0s', conditions: { all: [{ fact: 'k', operator: 'equal', value: 'a' }] } }));
    expect(await run(given(JSON.stringify({ rules: many, events })))).toEqual({ kind: 'stopped', bound: 'answer' });
  });
});
