import { expect, it } from 'vitest';
import type { Alert } from '../../../engine/core/alert/alert.ts';
import { wants, type WebhookTarget } from '../../../engine/core/deliver/target.ts';
import { alertOf } from '../../support/alerts.ts';

const all: WebhookTarget = {
  id: 't',
  url: 'https://example.com/',
  form: 'standard',
  secrets: [],
  headers: {},
  minLevel: 'informational',
  rules: [],
  tags: [],
  events: ['alert.created'],
  evidence: true,
};
const high = alertOf('a', { level: 'high' });

it.each<[string, Partial<WebhookTarget>, Alert, boolean]>([
  ['everything, by default', {}, high, true],
  ['its level', { minLevel: 'high' }, high, true],
  ['a higher level', { minLevel: 'low' }, high, true],
  ['no lower level', { minLevel: 'critical' }, high, false],
  ['its rule', { rules: ['x', 'card-testing'] }, high, true],
  ['no other rule', { rules: ['x'] }, high, false],
  ['one of its tags', { tags: ['x', 'attack.t1110'] }, high, true],
  ['none of its tags', { tags: ['x'] }, high, false],
  ['rule and tag together', { rules: ['card-testing'], tags: ['x'] }, high, false],
  ['never an alert of a shadow rule', {}, alertOf('a', { shadow: true }), false],
])('wants %s', (_what, differences, alert, wanted) => {
  expect(wants({ ...all, ...differences }, alert, 'alert.created')).toBe(wanted);
});

it('wants only the events it is configured for', () => {
  expect(wants(all, high, 'alert.closed')).toBe(false);
  expect(wants({ ...all, events: ['alert.closed'] }, high, 'alert.closed')).toBe(true);
  expect(wants({ ...all, events: ['alert.closed'] }, high, 'alert.created')).toBe(false);
});
