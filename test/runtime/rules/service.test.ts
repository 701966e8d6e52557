/** The rules as the API shows them, with the real compiler. */
import { describe, expect, it } from 'vitest';
import { compile } from '../../../engine/compile/index.ts';
import { rulesService } from '../../../engine/runtime/rules/service.ts';
import { noTrials } from '../../support/trials.ts';

const text = `
id: running
title: The running one
level: high
conditions: { all: [{ fact: k, operator: equal, value: a }] }
`;
const running = compile([{ path: 'rules/running.yaml', text }]);
const service = rulesService({ current: () => running, trials: noTrials });

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
