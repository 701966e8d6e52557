/** How Weir differs from json-rules-engine: what is read, refused, or has another meaning. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { decorators, operators } from '../../../engine/compile/condition/operators.ts';
import { compileText, findings, holds, onlyRule, problemOf } from '../../support/compiled.ts';

const rule = (parts: object): string =>
  JSON.stringify({ name: 'A rule', event: { type: 'seen' }, conditions: { all: [{ fact: 'a', operator: 'equal', value: 1 }] }, ...parts });
const compiled = (parts: object) => compileText(rule(parts), 'rules/rule.json');
const withLeaf = (leaf: object) => compiled({ conditions: { all: [leaf] } });

describe('name and event', () => {
  test('the name becomes the title, and its slug the id', () => {
    const named = onlyRule(rule({ name: 'Großer Zufluss: 5 Karten!' }), 'r.json').rule;
    expect(named).toMatchObject({ id: 'grosser-zufluss-5-karten', title: 'Großer Zufluss: 5 Karten!' });
    expect(onlyRule(rule({ name: 7 }), 'r.json').rule).toMatchObject({ id: '7', title: '7' });
  });
  test('without a name, the event type becomes the id', () => {
    expect(onlyRule(rule({ name: undefined, event: { type: 'cardTesting' } }), 'r.json').rule.id).toBe('card-testing');
  });
  test('if the name is taken, the event type becomes the id, and a third rule is a duplicate', () => {
    const rules = [rule({}), rule({}), rule({})].join(',');
    const { ruleset, problems } = compileText(`[${rules}]`, 'r.json');
    expect(ruleset.rules.map(({ id }) => id)).toEqual(['a-rule', 'seen']);
    expect(problems.map(({ code }) => code)).toContain('duplicate-id');
  });
  test('a rule with neither name nor event type is a problem', () => {
    expect(findings(compiled({ name: undefined, event: undefined }))).toEqual(['1:1 error id-missing']);
  });
  test('event.params.message is the message', () => {
    const { message } = onlyRule(rule({ event: { type: 'seen', params: { message: 'by {{user.id}}' } } }), 'r.json').rule;
    expect(message).toEqual(['by ', { place: 'user.id' }]);
  });
});

test('priority of rules and conditions is accepted, without effect', () => {
  const { ruleset, problems } = compiled({ priority: 7, conditions: { all: [{ fact: 'a', operator: 'equal', value: 1, priority: 3 }] } });
  expect(problems.map(({ code }) => code)).toEqual(['no-tests']);
  expect(ruleset.rules).toHaveLength(1);
});

describe('code in rules', () => {
  test('fact functions, params and callbacks are problems with hints', () => {
    expect(findings(withLeaf({ fact: { function: 'f' }, operator: 'equal', value: 1 }))).toEqual([
      expect.stringContaining('text-expected'),
    ]);
    expect(problemOf(withLeaf({ fact: 'a', params: { x: 1 }, operator: 'equal', value: 1 }), 'params-unsupported').hint).toContain(
      'rules over alerts',
    );
    expect(problemOf(withLeaf({ fact: 'a', operator: 'equal', value: { fact: 'b', params: {} } }), 'params-unsupported').severity).toBe(
      'error',
    );
    expect(problemOf(compiled({ onSuccess: 'almanac.addFact()' }), 'callback-unsupported').hint).toContain('rules over alerts');
  });
  test('named conditions are a problem', () => {
    expect(problemOf(withLeaf({ condition: 'shared' }), 'named-condition-unsupported').severity).toBe('error');
  });
  test.each([
    ["$..[?(@.x.toUpperCase()=='Q')]", 'path-code'],
    ['$.a[(@.length-1)]', 'path-code'],
    ['$.*', 'path-costly'],
    ['$..a', 'path-costly'],
    ['$.a[0:2]', 'path-costly'],
    ['$.a[0,1]', 'path-costly'],
    ['$.a[', 'bad-path'],
    ['a b', 'bad-path'],
    ['', 'bad-path'],
  ])('the path %s is refused: %s', (path, code) => {
    expect(problemOf(withLeaf({ fact: 'a', path, operator: 'equal', value: 1 }), code).severity).toBe('error');
  });
});

test('plain paths read own properties only', () => {
  const raw = { a: { b: [{ 'c d': 7 }], length: 3 }, list: [1, 2] };
  const at = (path: string, value: unknown) => holds({ fact: 'a', path, operator: 'equal', value }, raw);
  expect([
    at('$.b[0]["c d"]', 7),
    at("b[0]['c d']", 7),
    at('$.length', 3),
    at('$.b.length', 1),
    at('$.constructor.name', 'Object'),
  ]).toEqual([true, true, true, false, false]);
  expect(holds({ fact: 'list', path: '[1]', operator: 'equal', value: 2 }, raw)).toBe(true);
  for (const inherited of ['__proto__', 'constructor', 'toString']) {
    expect(holds({ fact: 'a', path: `$.${inherited}`, operator: 'exists', value: true }, raw)).toBe(false);
    expect(holds({ fact: inherited, operator: 'exists', value: true }, raw)).toBe(false);
    expect(holds({ fact: `a.${inherited}`, operator: 'exists', value: true }, raw)).toBe(false);
  }
});

test('contains and doesNotContain search in texts', () => {
  expect(holds({ fact: 'a', operator: 'contains', value: 'curl' }, { a: 'curl/8.5' })).toBe(true);
  expect(holds({ fact: 'a', operator: 'doesNotContain', value: 'curl' }, { a: 'curl/8.5' })).toBe(false);
  expect(holds({ fact: 'a', operator: 'doesNotContain', value: 'wget' }, { a: 'curl/8.5' })).toBe(true);
});

test('two missing fields are not equal', () => {
  expect(holds({ fact: 'a', operator: 'equal', value: { fact: 'b' } }, {})).toBe(false);
  expect(holds({ fact: 'a', operator: 'notEqual', value: { fact: 'b' } }, {})).toBe(false);
  expect(holds({ fact: 'a', operator: 'equal', value: { fact: 'b' } }, { a: 1, b: 1 })).toBe(true);
});

describe('what the library throws on, ignores or coerces', () => {
  test.each([
    [{ fact: 'a', operator: 'in', value: 'x' }, 'list-expected'],
    [{ fact: 'a', operator: 'notIn', value: 5 }, 'list-expected'],
    [{ fact: 'a', operator: 'someValue:equal', value: 'x' }, 'list-expected'],
    [{ fact: 'a', operator: 'greaterThan', value: null }, 'number-expected'],
    [{ fact: 'a', operator: 'everyValue:lessThan', value: [1, null] }, 'number-expected'],
    [{ all: [{ fact: 'a', operator: 'equal', value: 1 }], any: [{ fact: 'b', operator: 'equal', value: 1 }] }, 'ambiguous-condition'],
    [{ all: [] }, 'empty-conditions'],
    [{ any: [] }, 'empty-conditions'],
    [{ fact: 'a', operator: 'equal' }, 'condition-incomplete'],
  ])('%j is refused with a hint: %s', (leaf, code) => {
    const problem = problemOf(withLeaf(leaf), code);
    expect([problem.severity, problem.hint === '']).toEqual(['error', false]);
  });
  test('a leaf as root is refused with a hint', () => {
    expect(problemOf(compiled({ conditions: { fact: 'a', operator: 'equal', value: 1 } }), 'leaf-as-root').hint).toContain('all: [');
  });
  test('an in over a field that is not a list is false, and nothing throws', () => {
    expect(holds({ fact: 'a', operator: 'in', value: { fact: 'b' } }, { a: 1, b: 7 })).toBe(false);
    expect(holds({ fact: 'a', operator: 'notIn', value: { fact: 'b' } }, { a: 1 })).toBe(true);
    expect(holds({ fact: 'a', operator: 'greaterThan', value: { fact: 'b' } }, { a: 1, b: null })).toBe(false);
    expect(holds({ fact: 'a', operator: 'greaterThan', value: 1 }, { a: [{ toString: 1 }] })).toBe(false);
  });
});

test('types are strict: 5 is not "5"', () => {
  expect(holds({ fact: 'a', operator: 'equal', value: 5 }, { a: '5' })).toBe(false);
  expect(holds({ fact: 'a', operator: 'in', value: [5] }, { a: '5' })).toBe(false);
  expect(holds({ fact: 'a', operator: 'in', value: [1, 2, 3, 4, 5, 6] }, { a: '5' })).toBe(false);
  expect(holds({ fact: 'a', operator: 'in', value: [1, 2, 3, 4, 5, 6] }, { a: 5 })).toBe(true);
});

/** The tables of docs/conditions.md: the result of each operator and decorator for a missing field. */
const rows = readFileSync(new URL('../../../docs/conditions.md', import.meta.url), 'utf8')
  .split('\n')
  .flatMap((line): [string, string][] => {
    const row = /^\| `([A-Za-z]+:?)` .*\| ([a-z ]+?) *\|$/.exec(line);
    return row === null ? [] : [[row[1]!, row[2]!]];
  });

describe('a missing field', () => {
  const values: Record<string, unknown> = {
    in: [1],
    notIn: [1],
    startsWith: 'a',
    endsWith: 'a',
    inCidr: '10.0.0.0/8',
    notInCidr: '10.0.0.0/8',
    exists: true,
  };
  const missing = (operator: string, value: unknown): boolean => holds({ fact: 'a', operator, value }, {});

  test('every operator and decorator is in the tables', () => {
    expect(rows.map(([word]) => word)).toEqual([...operators.keys(), ...[...decorators.keys()].map((word) => `${word}:`)]);
  });
  test.each(rows.filter(([word]) => !word.endsWith(':')))('%s: %s', (operator, answer) => {
    expect(missing(operator, values[operator] ?? 1)).toBe(answer === 'true');
    if (answer === 'depends on the value') expect(missing(operator, false)).toBe(true);
  });
  test.each(rows.filter(([word]) => word.endsWith(':')))('%s %s', (decorator, answer) => {
    const list = decorator.endsWith('Value:');
    for (const base of ['equal', 'notEqual']) {
      const rest = missing(base, 1);
      const expected = { false: false, 'same as the inner operator': rest, 'the opposite': !rest }[answer];
      expect(missing(decorator + base, list ? [1] : 1)).toBe(expected);
    }
  });
});
