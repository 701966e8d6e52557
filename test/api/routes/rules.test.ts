/** The running rules, and checking and testing other rules. */
import { describe, expect, test } from 'vitest';
import { checkAnswer, ruleList, testAnswer } from '../../../api/schemas/rules.ts';
import { alertOf } from '../../support/alerts.ts';
import { idleParts } from '../../support/api.ts';
import { get, open, post } from '../app.support.ts';

describe('rules', () => {
  const running = { id: 'r', title: 'R', status: 'live', level: 'high', tags: [], file: 'rules/r.yaml', hash: 'h', risk: 60 } as const;
  const finding = { file: 'body.yaml', line: 1, column: 2, severity: 'error', code: 'unknown-operator', message: 'm', hint: '' } as const;

  test('lists the running set, returns one rule, and answers 404 for an unknown one', async () => {
    const idle = idleParts().rules;
    await open({
      rules: {
        ...idle,
        list: async () => ({ hash: 'h', rules: [running], problems: [finding] }),
        get: async (id) => (id === 'r' ? running : undefined),
      },
    });
    expect(ruleList.parse((await get('/v1/rules')).json()).rules).toHaveLength(1);
    expect((await get('/v1/rules/r')).json()).toMatchObject({ ...running, counts: { alerts: 0, precision: null, last_alert: null } });
    expect((await get('/v1/rules/x')).json()).toMatchObject({ status: 404, code: 'no-such-rule' });
  });

  test('checks the text of a file unchanged', async () => {
    const asked: string[][] = [];
    await open({
      rules: { ...idleParts().rules, check: async (text, file) => (asked.push([text, file]), { rules: 1, problems: [finding] }) },
    });
    expect(checkAnswer.parse((await post('/v1/rules/check', 'id: x\n', 'application/yaml')).json())).toEqual({
      rules: 1,
      problems: [finding],
    });
    await post('/v1/rules/check?file=mine.json', '{ "id": 1,, }');
    await post('/v1/rules/check', '{}');
    expect(asked).toEqual([
      ['id: x\n', 'body.yaml'],
      ['{ "id": 1,, }', 'mine.json'],
      ['{}', 'body.json'],
    ]);
    expect((await post('/v1/rules/check', ' ')).json()).toMatchObject({ status: 400, code: 'empty-body' });
    expect((await post('/v1/rules/check', 'x'.repeat(3_000_000), 'text/yaml')).json()).toMatchObject({ status: 413, code: 'too-large' });
  });

  test('tests rules given as text or as JSON, or the running ones', async () => {
    const asked: unknown[] = [];
    await open({
      rules: {
        ...idleParts().rules,
        test: async (text, events) => (asked.push([text, events]), { problems: [], alerts: [alertOf('1')], rejected: [], faults: [] }),
      },
    });
    testAnswer.parse((await post('/v1/rules/test', { rules: 'id: x', events: [{ a: 1 }] })).json());
    await post('/v1/rules/test', { rules: { id: 'x' }, events: [] });
    await post('/v1/rules/test', { events: [{ a: 1 }] });
    expect(asked).toEqual([
      ['id: x', [{ a: 1 }]],
      ['{"id":"x"}', []],
      [undefined, [{ a: 1 }]],
    ]);
    expect((await post('/v1/rules/test', { events: [{}, 5] })).json()).toMatchObject({
      status: 400,
      errors: [{ pointer: '/body/events/1' }],
    });
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    expect((await post('/v1/rules/test', `{"events":[{"a":${deep}}]}`)).json()).toMatchObject({ status: 400, code: 'too-deep' });
    expect((await post('/v1/rules/test', `{"rules":{"a":${deep}},"events":[]}`)).json()).toMatchObject({ status: 400, code: 'too-deep' });
  });
});
