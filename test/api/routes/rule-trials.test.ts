/** Checking and testing rules over HTTP: what the thread is given, and how its outcomes are answered. */
import { describe, expect, test } from 'vitest';
import { checkAnswer, testAnswer } from '../../../api/schemas/rules.ts';
import { compile } from '../../../engine/compile/index.ts';
import type { TrialOutcome, TrialTask } from '../../../engine/runtime/rules/trial.ts';
import type { RuleTrials } from '../../../engine/runtime/rules/trials.ts';
import { idleParts } from '../../support/api.ts';
import { trialsHere } from '../../support/trials.ts';
import { open, post } from '../app.support.ts';

const openWith = (trials: RuleTrials): Promise<void> => open({ rules: { ...idleParts().rules, trials } });

/** Trials that record their tasks, and have this outcome. */
function recorder(outcome: TrialOutcome) {
  const tasks: TrialTask[] = [];
  const held = { seats: 0 };
  const trials: RuleTrials = {
    take() {
      held.seats += 1;
      return { run: async (task) => (tasks.push(task), outcome), release: () => void (held.seats -= 1) };
    },
  };
  return { trials, tasks, held };
}

const empty: TrialOutcome = { kind: 'answer', json: new TextEncoder().encode('{"rules":0,"problems":[]}') };

describe('a check', () => {
  test('gets the text of the file unchanged', async () => {
    const { trials, tasks } = recorder(empty);
    await openWith(trials);
    expect(checkAnswer.parse((await post('/v1/rules/check', 'id: x\n', 'application/yaml')).json())).toEqual({ rules: 0, problems: [] });
    await post('/v1/rules/check?file=mine.json', '{ "id": 1,, }');
    await post('/v1/rules/check', '{}');
    expect(tasks).toEqual([
      { kind: 'check', text: 'id: x\n', file: 'body.yaml' },
      { kind: 'check', text: '{ "id": 1,, }', file: 'mine.json' },
      { kind: 'check', text: '{}', file: 'body.json' },
    ]);
    expect((await post('/v1/rules/check', ' ')).json()).toMatchObject({ status: 400, code: 'empty-body' });
    expect((await post('/v1/rules/check', 'x'.repeat(3_000_000), 'text/yaml')).json()).toMatchObject({ status: 413, code: 'too-large' });
  });
});

describe('a test', () => {
  test('runs rules given as text or as JSON, or the running ones', async () => {
    const rule = { id: 'x', conditions: { all: [{ fact: 'a', operator: 'equal', value: 1 }] } };
    const running = compile([{ path: 'r.json', text: JSON.stringify({ ...rule, id: 'running' }) }]);
    await openWith(trialsHere(async () => running));
    for (const [rules, id] of [
      [JSON.stringify(rule), 'x'],
      [rule, 'x'],
      [undefined, 'running'],
    ] as const) {
      const answer = await post('/v1/rules/test', { rules, events: [{ a: 1 }] });
      expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
      expect(testAnswer.parse(answer.json()).alerts.map((alert) => alert.rule.id)).toEqual([id]);
    }
    expect((await post('/v1/rules/test', { events: [{}, 5] })).json()).toMatchObject({
      status: 400,
      code: 'invalid-request',
      errors: [{ pointer: '/body/events/1' }],
    });
    expect((await post('/v1/rules/test', '{')).json()).toMatchObject({ status: 400, code: 'invalid-json' });
    expect((await post('/v1/rules/test', '"x"', 'text/plain')).json()).toMatchObject({ status: 400, code: 'invalid-request' });
  });
});

test.each(['/v1/rules/check', '/v1/rules/test'])('%s refuses when all seats are taken, and gives its seat back', async (url) => {
  await openWith({ take: () => undefined });
  const busy = await post(url, '{}');
  expect(busy.json()).toMatchObject({ status: 503, code: 'busy' });
  expect(busy.headers['retry-after']).toBe('1');
});

test('every end of a request gives its seat back', async () => {
  const { trials, held } = recorder({ kind: 'stopped', bound: 'time' });
  await openWith(trials);
  expect((await post('/v1/rules/check', 'id: x', 'text/yaml')).json()).toMatchObject({ status: 422, code: 'trial-too-costly' });
  await post('/v1/rules/check', ' ', 'text/yaml');
  await post('/v1/rules/check', 'x'.repeat(3_000_000), 'text/yaml');
  await post('/v1/rules/test', {});
  expect(held.seats).toBe(0);
});
