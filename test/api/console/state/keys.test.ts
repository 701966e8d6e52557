import { expect, test } from 'vitest';
import { actionOf, bindings, verdictOf } from '../../../../api/console/state/keys.ts';
import { verdicts, words } from '../../../../api/console/lib/format.ts';

const press = (key: string, view: 'list' | 'alert' | 'rules', more: object = {}) =>
  actionOf({ key, ctrlKey: false, altKey: false, metaKey: false, ...more }, view);

test('a shortcut works only in the views it is defined for', () => {
  expect([press('j', 'list'), press('j', 'alert'), press('j', 'rules')]).toEqual(['next', 'next', undefined]);
  expect([press('u', 'alert'), press('u', 'list')]).toEqual(['back', undefined]);
  expect([press('?', 'rules'), press('x', 'list'), press('1', 'alert')]).toEqual(['help', undefined, undefined]);
});

test('shortcuts do not work with a modifier, and Enter is left to the focused link', () => {
  expect([
    press('c', 'list', { ctrlKey: true }),
    press('c', 'list', { metaKey: true }),
    press('c', 'list', { altKey: true }),
    press('Enter', 'list'),
  ]).toEqual([undefined, undefined, undefined, undefined]);
});

test('no key is bound twice', () => {
  expect(new Set(bindings.map(({ key }) => key)).size).toBe(bindings.length);
});

test('the digits choose the verdicts in order', () => {
  expect(verdicts.map((_, i) => verdictOf(String(i + 1)))).toEqual([0, 1, 2, 3]);
  expect([verdictOf('0'), verdictOf('5'), verdictOf('c')]).toEqual([undefined, undefined, undefined]);
  expect(bindings.filter(({ where }) => where === 'verdict').map(({ does }) => does)).toEqual(verdicts.map(words));
});
