/** The running rules. */
import { describe, expect, test } from 'vitest';
import { ruleList } from '../../../api/schemas/rules.ts';
import { idleParts } from '../../support/api.ts';
import { get, open } from '../app.support.ts';

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
});
