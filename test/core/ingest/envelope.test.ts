import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Dataset, type Datasets } from '../../../engine/core/ingest/dataset.ts';
import { noDatasets } from '../../support/datasets.ts';
import {
  envelope,
  eventOf,
  tagBits,
  type Envelope,
  type EnvelopeContext,
  type EventDefaults,
} from '../../../engine/core/ingest/envelope.ts';
import { fieldPath } from '../../../engine/core/match/fields.ts';
import { limits } from '../../../engine/core/limits.ts';

const receivedMs = Date.parse('2026-03-01T12:00:00Z');
const context: EnvelopeContext = { datasets: noDatasets, receivedMs, futureMsMax: limits.futureMsMax, dataset: undefined };
const inferred = (): string => 'inferred';
const take = (raw: unknown, given: Partial<EnvelopeContext> = {}) => envelope(raw, { ...context, ...given }, inferred);
/** Parsed from JSON, so that `__proto__` is a key like any other. */
const parse = (text: string): unknown => JSON.parse(text);

const cloud: Dataset = {
  name: 'aws.cloudtrail',
  id: fieldPath('eventID'),
  time: fieldPath('meta.when'),
  fields: [{ to: 'user.name', from: fieldPath('userIdentity.userName') }],
  constants: { 'event.module': 'aws' },
  recognise: (raw) => Object.hasOwn(raw, 'eventID'),
};
const datasets: Datasets = { byName: new Map([[cloud.name, cloud]]), recognisable: [cloud] };

describe('id', () => {
  test.each<[string, unknown, string]>([
    ['event.id, flat', { 'event.id': 'a', id: 'b' }, 'a'],
    ['event.id, nested', { event: { id: 'a' }, id: 'b' }, 'a'],
    ['id', { id: 'b' }, 'b'],
    ['a number as text', { id: 42 }, '42'],
    ['the largest safe integer', { id: Number.MAX_SAFE_INTEGER }, '9007199254740991'],
    ['a fraction', { id: 1.5 }, '1.5'],
    ['source and id of a CloudEvent', { specversion: '1.0', id: '1', source: '/shop' }, '/shop 1'],
    ['id alone without a specversion', { id: '1', source: '/shop' }, '1'],
    ['a lone surrogate, made well-formed', parse('{"id":"a\\ud800"}'), 'a\ufffd'],
    ['nothing: inferred', {}, 'inferred'],
    ['null: looked further', { event: { id: null }, id: 'b' }, 'b'],
    ['empty: looked further, then inferred', { 'event.id': '', id: '' }, 'inferred'],
  ])('%s', (_, raw, id) => expect(take(raw)).toMatchObject({ kind: 'taken', id }));

  test.each<[string, unknown, string]>([
    ['2^53 + 1', parse('{"id":9007199254740993}'), 'unsafe-integer'],
    ['1e300', { id: 1e300 }, 'unsafe-integer'],
    ['an object', { id: {} }, 'bad-id'],
    ['true', { id: true }, 'bad-id'],
    ['too long', { id: 'x'.repeat(limits.idLengthMax + 1) }, 'bad-id'],
    ['too long with its source', { specversion: '1.0', source: 'x'.repeat(500), id: 'x'.repeat(20) }, 'bad-id'],
  ])('rejected: %s', (_, raw, code) => expect(take(raw)).toMatchObject({ kind: 'rejected', code }));

  test('accepts the longest id', () => expect(take({ id: 'x'.repeat(limits.idLengthMax) })).toMatchObject({ kind: 'taken' }));
  test('tags what was inferred', () => {
    expect((take({ id: 'a' }) as Envelope).tags & tagBits.id_inferred).toBe(0);
    expect((take({}) as Envelope).tags & tagBits.id_inferred).toBe(tagBits.id_inferred);
  });
});

describe('what the protocol says of the event', () => {
  const said = { id: 'said', time: Date.parse('2026-02-01T00:00:00Z'), dataset: 'feed' };
  const takeSaid = (raw: unknown, defaults: EventDefaults = said, given: Partial<EnvelopeContext> = {}) =>
    envelope(raw, { ...context, ...given }, inferred, defaults);

  test('counts where the event itself says nothing, and is not inferred', () => {
    expect(takeSaid({})).toEqual({ kind: 'taken', ...said, tags: 0 });
    expect(takeSaid({ id: '', time: null, 'event.dataset': '' })).toMatchObject(said);
    expect(takeSaid({}, {})).toEqual(take({}));
  });
  test('not where the event does', () => {
    const own = { id: 'own', time: '2026-01-01T00:00:00Z', event: { dataset: 'logins' } };
    expect(takeSaid(own)).toEqual(take(own));
  });
  test('comes before the dataset of the request, and may have a mapping', () => {
    expect(takeSaid({}, said, { dataset: 'of-the-request' })).toMatchObject({ dataset: 'feed' });
    const raw = { eventID: 'mapped', meta: { when: '2026-01-01T00:00:00Z' } };
    expect(takeSaid(raw, { dataset: cloud.name }, { datasets })).toMatchObject({ id: 'mapped', dataset: cloud.name, tags: 0 });
  });
  test('is checked as if the event said it', () => {
    expect(takeSaid({}, { dataset: 'a\n' })).toMatchObject({ kind: 'rejected', code: 'bad-dataset' });
    expect(takeSaid({}, { id: 'x'.repeat(limits.idLengthMax + 1) })).toMatchObject({ kind: 'rejected', code: 'bad-id' });
    expect(takeSaid({}, { time: receivedMs + limits.futureMsMax + 1 })).toMatchObject({ time: receivedMs, tags: 6 });
  });
});

describe('time', () => {
  test.each<[string, unknown, string]>([
    ['@timestamp first', { '@timestamp': '2026-01-01T00:00:00Z', time: '2026-01-02T00:00:00Z' }, '2026-01-01T00:00:00Z'],
    ['then time', { '@timestamp': null, time: '2026-01-02T00:00:00Z', timestamp: '2026-01-03T00:00:00Z' }, '2026-01-02T00:00:00Z'],
    ['then timestamp', { timestamp: 1_767_398_400 }, '2026-01-03T00:00:00Z'],
    ['five minutes ahead is believed', { time: receivedMs + 300_000 }, '2026-03-01T12:05:00Z'],
  ])('%s', (_, raw, time) => expect(take(raw)).toMatchObject({ time: Date.parse(time) }));

  test('if missing, is the time of receipt, tagged', () => {
    for (const raw of [{ id: 1 }, { id: 1, '@timestamp': '' }, { id: 1, time: null }]) {
      expect(take(raw)).toMatchObject({ time: receivedMs, tags: tagBits.time_inferred });
    }
  });
  test('if more than five minutes ahead, is clamped and tagged', () => {
    for (const time of [receivedMs + 300_001, '9999-12-31T23:59:59Z', '2027-03-01T12:00:00Z']) {
      expect(take({ id: 1, time })).toMatchObject({ time: receivedMs, tags: tagBits.time_clamped });
    }
  });
  test('if unreadable, rejects the event, even if another field has a readable time', () => {
    expect(take({ '@timestamp': 'soon', time: 0 })).toMatchObject({ kind: 'rejected', code: 'bad-time' });
    expect(take(parse('{"time":9007199254740993}'))).toMatchObject({ kind: 'rejected', code: 'unsafe-integer' });
  });
});

describe('dataset', () => {
  test.each<[string, unknown, Partial<EnvelopeContext>, string]>([
    ['event.dataset', { event: { dataset: 'a' }, eventID: '1' }, { dataset: 'b', datasets }, 'a'],
    ["the request's", { eventID: '1' }, { dataset: 'b', datasets }, 'b'],
    ['the one that recognises it', { eventID: '1' }, { datasets }, 'aws.cloudtrail'],
    ['default', { id: 1 }, { datasets }, 'default'],
    ['default when null', { 'event.dataset': null }, {}, 'default'],
  ])('%s', (_, raw, given, dataset) => expect(take(raw, given)).toMatchObject({ dataset }));

  test.each<[string, unknown]>([
    ['a number', 5],
    ['a list', ['a']],
    ['a line break', 'a\nb'],
    ['half of a surrogate pair', 'a\ud800'],
    ['too long', 'x'.repeat(limits.datasetLengthMax + 1)],
  ])('rejected: %s', (_, dataset) => expect(take({ event: { dataset } })).toMatchObject({ kind: 'rejected', code: 'bad-dataset' }));

  test('with a mapping provides id, time and fields; the event itself is unchanged', () => {
    const raw = {
      eventID: 'e1',
      id: 'other',
      meta: { when: '2026-01-01T00:00:00Z' },
      time: 'not asked',
      userIdentity: { userName: 'alice' },
    };
    const taken = take(raw, { datasets }) as Envelope;
    expect(taken).toMatchObject({ kind: 'taken', id: 'e1', time: Date.parse('2026-01-01T00:00:00Z'), tags: 0 });
    const event = eventOf(taken, raw, datasets);
    expect(event.raw).toBe(raw);
    expect({ ...event.mapped }).toEqual({ 'user.name': 'alice', 'event.module': 'aws' });
  });
  test('falls back to the common fields where its mapping finds nothing', () => {
    expect(take({ eventID: '', id: 'x', time: '2026-01-01T00:00:00Z' }, { datasets })).toMatchObject({
      id: 'x',
      time: Date.parse('2026-01-01T00:00:00Z'),
    });
  });
});

describe('bounds', () => {
  const nested = (levels: number): unknown => parse('{"a":'.repeat(levels - 1) + '{}' + '}'.repeat(levels - 1));
  const lists = (levels: number): unknown => parse(`{"a":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}}`);
  const keys = (count: number): unknown => Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, 1]));

  test('limit the depth', () => {
    expect(take(nested(limits.eventDepthMax))).toMatchObject({ kind: 'taken' });
    expect(take(lists(limits.eventDepthMax))).toMatchObject({ kind: 'taken' });
    expect(take(nested(limits.eventDepthMax + 1))).toMatchObject({ code: 'too-deep' });
    expect(take(lists(5000))).toMatchObject({ code: 'too-deep' });
  });
  test('limit the number of keys, all levels together', () => {
    expect(take(keys(limits.eventKeysMax))).toMatchObject({ kind: 'taken' });
    expect(take({ a: keys(256), b: keys(255) })).toMatchObject({ code: 'too-many-keys' });
  });
  test('exclude numbers that JSON cannot represent', () => {
    expect(take(parse('{"a":[{"b":1e999}]}'))).toMatchObject({ code: 'not-finite' });
    expect(take(parse('{"a":-1e999}'))).toMatchObject({ code: 'not-finite' });
    expect(take(parse('{"a":-0,"b":9007199254740993}'))).toMatchObject({ kind: 'taken' });
  });
  test('can be overridden', () => {
    const bounds = { eventBytesMax: 100, eventDepthMax: 2, eventKeysMax: 2 };
    expect(take(nested(3), { bounds })).toMatchObject({ code: 'too-deep' });
    expect(take(keys(3), { bounds })).toMatchObject({ code: 'too-many-keys' });
  });
  test.each([[null], [1], ['x'], [true], [[]], [[{}]]])('%j is rejected: not an object', (value) =>
    expect(take(value)).toMatchObject({ code: 'not-an-object' }),
  );
});

test('__proto__, constructor and prototype are plain data', () => {
  const raw = parse(
    '{"__proto__":{"id":"p","event":{"id":"p"}},"constructor":{"prototype":{"x":1}},"toString":1,"hasOwnProperty":2,"length":3}',
  );
  expect(take(raw)).toMatchObject({ kind: 'taken', id: 'inferred' });
  expect(take(parse('{"event":{"__proto__":{"id":"p","dataset":"p"}}}'))).toMatchObject({ id: 'inferred', dataset: 'default' });
  expect(({} as { x?: unknown }).x).toBeUndefined();
});

test('any JSON value is accepted or rejected without an exception', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const result = take(value, { datasets });
      if (result.kind === 'taken') {
        expect(result.id).not.toBe('');
        expect(Number.isSafeInteger(result.time)).toBe(true);
      } else expect(result.detail).not.toBe('');
    }),
    { numRuns: 2000 },
  );
});
