/** Dead letters over HTTP: listed, retried and discarded, one by one and in bulk. On a running engine: test/faults/dead-letters.test.ts. */
import { expect, test } from 'vitest';
import { deadLetterPage, letterBulkAnswer } from '../../../api/schemas/dead-letters.ts';
import { idleParts } from '../../support/api.ts';
import { get, inject, open, post } from '../app.support.ts';

const unreadable = { id: 'unreadable', at: '2026-01-01T00:00:00.000Z', stage: 'decode', cause: 'not JSON', body: 'x', retryable: false };

test('lists dead letters page by page', async () => {
  await open({
    deadLetters: {
      ...idleParts().deadLetters,
      list: async ({ after }) => ({ letters: [unreadable], next: after === undefined ? 'p' : undefined }),
    },
  });
  const first = deadLetterPage.parse((await get('/v1/dead-letters?limit=1')).json());
  expect(first.dead_letters).toEqual([unreadable]);
  expect(deadLetterPage.parse((await get(`/v1/dead-letters?cursor=${first.next_cursor}`)).json()).next_cursor).toBeNull();
  expect((await get('/v1/dead-letters?cursor=zz')).statusCode).toBe(400);
});

test('a letter that cannot be retried says so before anything is written down, and one that is gone is not found', async () => {
  const audited: unknown[] = [];
  await open({
    audit: async (entry) => void audited.push(entry),
    deadLetters: { ...idleParts().deadLetters, get: async (id) => (id === 'unreadable' ? unreadable : undefined) },
  });
  expect((await post('/v1/dead-letters/unreadable/retry')).json()).toMatchObject({ status: 409, code: 'not-retryable' });
  expect((await post('/v1/dead-letters/gone/retry')).json()).toMatchObject({ status: 404, code: 'no-such-dead-letter' });
  expect((await inject({ method: 'DELETE', url: '/v1/dead-letters/gone' })).statusCode).toBe(404);
  expect(audited).toEqual([]);
});

test('letters that are named are each decided on once, and answered by what became of them', async () => {
  const audited: string[] = [];
  const fates = { a: 'retried', b: 'not_retryable', c: 'gone' } as const;
  const asked: string[][] = [];
  await open({
    audit: async ({ action, subject }) => void audited.push(`${action} ${subject}`),
    deadLetters: {
      ...idleParts().deadLetters,
      retry: async (ids) => (asked.push([...ids]), ids.map((id) => fates[id as keyof typeof fates])),
    },
  });
  const ids = ['a', 'b', 'a', 'c'];
  const dry = letterBulkAnswer.parse((await post('/v1/dead-letters/retry', { ids, dry_run: true })).json());
  expect([dry.matched, dry.done, asked, audited]).toEqual([3, 0, [], []]);
  expect(letterBulkAnswer.parse((await post('/v1/dead-letters/retry', { ids })).json())).toEqual({
    dry_run: false,
    matched: 3,
    done: 1,
    not_retryable: ['b'],
    gone: ['c'],
    more: false,
    next_cursor: null,
  });
  expect(asked).toEqual([['a', 'b', 'c']]);
  expect(audited).toEqual(['dead-letter.retry a', 'dead-letter.retry b', 'dead-letter.retry c']);
});

test('those of a stage are discarded page by page; a cursor is good for its stage alone', async () => {
  const letters = [unreadable, { ...unreadable, id: 'other', stage: 'correlate' }];
  await open({
    deadLetters: {
      ...idleParts().deadLetters,
      list: async ({ after }) => ({ letters, next: after === undefined ? 'p' : undefined }),
      discard: async (ids) => ids.map(() => 'discarded' as const),
    },
  });
  const first = letterBulkAnswer.parse((await post('/v1/dead-letters/discard', { stage: 'decode' })).json());
  expect(first).toMatchObject({ matched: 1, done: 1, more: true });
  const cursor = first.next_cursor;
  expect((await post('/v1/dead-letters/discard', { stage: 'decode', cursor })).json()).toMatchObject({ done: 1, more: false });
  expect((await post('/v1/dead-letters/discard', { stage: 'correlate', cursor })).statusCode).toBe(400);
  expect((await post('/v1/dead-letters/retry', { stage: 'decode', cursor })).statusCode).toBe(400);
});
