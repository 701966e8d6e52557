import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sseReader } from '../../../../api/console/lib/sse.ts';

const text =
  'retry: 2000\n\nid: 1-0\n\n: beat\n\nid: 2-0\nevent: alert.created\ndata: {"a":1}\n\nid: 3-0\r\nevent: alert.updated\r\ndata: x\r\ndata:y\r\n\r\ndata\n\n';
const events = [
  { event: 'alert.created', data: '{"a":1}' },
  { event: 'alert.updated', data: 'x\ny' },
  { event: 'message', data: '' },
];

test('parses events, ids, comments and the three kinds of line ends', () => {
  const reader = sseReader();
  expect(reader.push(text)).toEqual(events);
  expect(reader.lastId).toBe('3-0');
  expect(sseReader('7-0').lastId).toBe('7-0');
});

test('parses the same however the text is split', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(text.length)), (cuts) => {
      const reader = sseReader();
      const ends = [0, ...cuts.toSorted((a, b) => a - b), text.length];
      expect(ends.slice(1).flatMap((end, i) => reader.push(text.slice(ends[i], end)))).toEqual(events);
      expect(reader.lastId).toBe('3-0');
    }),
  );
});

test('returns an event only when it is complete', () => {
  const reader = sseReader();
  expect(reader.push('data: half')).toEqual([]);
  expect(reader.push('\n')).toEqual([]);
  expect(reader.push('\n')).toEqual([{ event: 'message', data: 'half' }]);
});
