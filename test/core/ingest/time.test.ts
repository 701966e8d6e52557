import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isAbsent, readTime } from '../../../engine/core/ingest/time.ts';

const utc = (text: string): number => Date.parse(text);

describe('a time is read as', () => {
  test.each<[string, unknown, number]>([
    ['RFC 3339 in UTC', '2026-01-01T00:00:00Z', utc('2026-01-01T00:00:00Z')],
    ['milliseconds', '2026-01-01T00:00:00.123Z', utc('2026-01-01T00:00:00.123Z')],
    ['one digit of a fraction', '2026-01-01T00:00:00.5Z', utc('2026-01-01T00:00:00.500Z')],
    ['nanoseconds, cut off', '2026-01-01T00:00:00.123999999Z', utc('2026-01-01T00:00:00.123Z')],
    ['a comma before the fraction', '2026-01-01 00:00:00,123', utc('2026-01-01T00:00:00.123Z')],
    ['a positive offset', '2026-01-01T01:30:00+01:30', utc('2026-01-01T00:00:00Z')],
    ['a negative offset', '2025-12-31T19:00:00-05:00', utc('2026-01-01T00:00:00Z')],
    ['an offset without a colon', '2026-01-01T01:00:00+0100', utc('2026-01-01T00:00:00Z')],
    ['small letters', '2026-01-01t00:00:00z', utc('2026-01-01T00:00:00Z')],
    ['a space', '2026-01-01 00:00:00Z', utc('2026-01-01T00:00:00Z')],
    ['no offset: UTC', '2026-01-01T00:00:00', utc('2026-01-01T00:00:00Z')],
    ['a leap second', '2016-12-31T23:59:60Z', utc('2017-01-01T00:00:00Z')],
    ['29 February of a leap year', '2024-02-29T00:00:00Z', utc('2024-02-29T00:00:00Z')],
    ['year 9999', '9999-12-31T23:59:59Z', utc('9999-12-31T23:59:59Z')],
    ['the first moment', '1970-01-01T00:00:00Z', 0],
    ['1969 that an offset brings into 1970', '1969-12-31T23:30:00-01:00', 1_800_000],
    ['0', 0, 0],
    ['-0', -0, 0],
    ['seconds', 1_767_225_600, 1_767_225_600_000],
    ['seconds with a fraction', 1_767_225_600.123, 1_767_225_600_123],
    ['seconds with a fraction that binary numbers miss', 1_700_000_000.001, 1_700_000_000_001],
    ['a tiny number', 1e-9, 0],
    ['milliseconds as a number', 1_767_225_600_123, 1_767_225_600_123],
    ['microseconds', 1_767_225_600_123_456, 1_767_225_600_123],
    ['seconds as text', '1767225600', 1_767_225_600_000],
    ['seconds with a fraction as text', '1767225600.98765', 1_767_225_600_987],
    ['milliseconds as text', '1767225600123', 1_767_225_600_123],
    ['microseconds as text', '1767225600123456', 1_767_225_600_123],
    ['nanoseconds as text', '1767225600123456789', 1_767_225_600_123],
    ['leading zeros', '0001767225600', 1_767_225_600_000],
  ])('%s: %j', (_, value, ms) => expect(readTime(value)).toBe(ms));
});

describe('a time is rejected', () => {
  test.each<[string, unknown, string]>([
    ['nanoseconds as a number: digits are lost', JSON.parse('1767225600123456789'), 'unsafe-integer'],
    ['2^53 + 1', JSON.parse('9007199254740993'), 'unsafe-integer'],
    ['a negative number', -1, 'bad-time'],
    ['a negative text', '-1', 'bad-time'],
    ['a time before 1970', '1969-12-31T23:59:59Z', 'bad-time'],
    ['year 0001, which means unset', '0001-01-01T00:00:00Z', 'bad-time'],
    ['a date alone', '2026-01-01', 'bad-time'],
    ['no seconds', '2026-01-01T00:00Z', 'bad-time'],
    ['30 February', '2026-02-30T00:00:00Z', 'bad-time'],
    ['29 February of a common year', '2100-02-29T00:00:00Z', 'bad-time'],
    ['month 13', '2026-13-01T00:00:00Z', 'bad-time'],
    ['hour 24', '2026-01-01T24:00:00Z', 'bad-time'],
    ['second 61', '2026-01-01T00:00:61Z', 'bad-time'],
    ['an empty fraction', '2026-01-01T00:00:00.Z', 'bad-time'],
    ['an offset cut short', '2026-01-01T00:00:00+01:', 'bad-time'],
    ['text after the time', '2026-01-01T00:00:00Z ', 'bad-time'],
    ['a name of a month', 'Thu Jan  1 00:00:00 2026', 'bad-time'],
    ['a word', 'yesterday', 'bad-time'],
    ['21 digits', '1'.repeat(21), 'bad-time'],
    ['a list', [1], 'bad-time'],
    ['an object', {}, 'bad-time'],
    ['true', true, 'bad-time'],
  ])('%s: %j', (_, value, code) => expect(readTime(value)).toMatchObject({ kind: 'rejected', code }));
});

test('missing, null and the empty string count as absent', () => {
  expect([undefined, null, ''].map(isAbsent)).toEqual([true, true, true]);
  expect([0, false, ' ', '0'].map(isAbsent)).toEqual([false, false, false, false]);
});

test('reads every RFC 3339 time like Date.parse', () => {
  const offset = fc.oneof(
    fc.constant('Z'),
    fc
      .tuple(fc.constantFrom('+', '-'), fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
      .map(([sign, h, m]) => `${sign}${pad(h)}:${pad(m)}`),
  );
  const moment = fc.date({ min: new Date('1971-01-01T00:00:00Z'), max: new Date('9998-12-31T00:00:00Z'), noInvalidDate: true });
  fc.assert(
    fc.property(moment, offset, (date, zone) => {
      const text = date.toISOString().slice(0, -1) + zone;
      expect(readTime(text)).toBe(Date.parse(text));
    }),
    { numRuns: 2000 },
  );
});

test('the four epoch units agree, and no value throws', () => {
  fc.assert(
    fc.property(fc.integer({ min: 100_000_000_000, max: 9_999_999_999_999 }), (ms) => {
      expect([`${ms / 1000}`, `${ms}`, `${ms}000`, `${ms}000000`].map((text) => readTime(text))).toEqual([ms, ms, ms, ms]);
      expect([readTime(ms / 1000), readTime(ms)]).toEqual([ms, ms]);
    }),
  );
  fc.assert(fc.property(fc.oneof(fc.jsonValue(), fc.string()), (value) => void readTime(value)));
});

const pad = (n: number): string => String(n).padStart(2, '0');
