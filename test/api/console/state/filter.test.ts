import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fits, readFilter, searchOf, startFilter, statuses, writeFilter, type Filter } from '../../../../api/console/state/filter.ts';
import { levels } from '../../../../api/console/lib/format.ts';
import { readRoute, writeRoute, type Route } from '../../../../api/console/state/route.ts';
import { alertStatuses } from '../../../../engine/core/alert/alert.ts';
import { alertOf } from '../../../support/alerts.ts';

const filters: fc.Arbitrary<Filter> = fc.record({
  status: fc.constantFrom(...statuses, undefined),
  level: fc.constantFrom(...levels, undefined),
  rule: fc.string({ unit: 'grapheme', maxLength: 40 }),
  entity: fc.oneof(
    fc.constant(''),
    fc.tuple(fc.stringMatching(/^[^:]{1,10}$/), fc.string({ minLength: 1, unit: 'grapheme' })).map((pair) => pair.join(':')),
  ),
  order: fc.constantFrom('priority', 'newest'),
  shadow: fc.boolean(),
});

test('every filter survives being written to an address and read again', () => {
  fc.assert(
    fc.property(filters, (filter) => {
      expect(readFilter(writeFilter(filter))).toEqual(filter);
      expect(readRoute(writeRoute({ view: 'list', filter }))).toEqual({ view: 'list', filter });
    }),
  );
});

test.each<[string, Route]>([
  ['', { view: 'list', filter: startFilter }],
  ['#', { view: 'list', filter: startFilter }],
  ['#/alerts', { view: 'list', filter: startFilter }],
  ['#/alerts?status=any&level=high', { view: 'list', filter: { ...startFilter, status: undefined, level: 'high' } }],
  ['#/alerts?level=urgent&entity=nothing&order=x', { view: 'list', filter: startFilter }],
  ['#/alerts/al_1', { view: 'alert', id: 'al_1' }],
  ['#/alerts/%E0%A4%A', { view: 'alert', id: '%E0%A4%A' }],
  ['#/rules', { view: 'rules' }],
  ['#/nonsense', { view: 'list', filter: startFilter }],
])('%s', (hash, route) => expect(readRoute(hash)).toEqual(route));

test('any id survives being written to an address and read again', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (id) => {
      expect(readRoute(writeRoute({ view: 'alert', id }))).toEqual({ view: 'alert', id });
    }),
  );
});

test('statuses are those of the engine', () => expect(statuses).toEqual([...alertStatuses]));

describe('whether a new alert matches the filter', () => {
  const alert = alertOf('1', { level: 'high', ruleId: 'r', entities: [{ field: 'source.ip', value: '2001:db8::1', risk: 1 }] });
  test.each<[Partial<Filter>, boolean]>([
    [{}, true],
    [{ status: 'closed' }, false],
    [{ status: undefined }, true],
    [{ level: 'high' }, true],
    [{ level: 'low' }, false],
    [{ rule: 'r' }, true],
    [{ rule: 'q' }, false],
    [{ entity: 'source.ip:2001:db8::1' }, true],
    [{ entity: 'source.ip:2001' }, false],
    [{ shadow: true }, false],
  ])('%j', (part, does) => expect(fits({ ...startFilter, ...part }, alert)).toBe(does));
});

test('the search has the parameters of the filter, except for the level', () => {
  expect(searchOf({ ...startFilter, level: 'high', entity: 'a:b', shadow: true })).toEqual({
    status: 'open',
    entity: 'a:b',
    shadow: 'true',
  });
});
