/** The list of dead letters. */
import { expect, test } from 'vitest';
import { deadLetterPage } from '../../../api/schemas/operations.ts';
import { get, open } from '../app.support.ts';

test('lists dead letters page by page', async () => {
  const letter = { id: '0-5-1-0', at: '2026-01-01T00:00:00.000Z', stage: 'decode', cause: 'not JSON', body: 'x' };
  await open({ deadLetters: { list: async ({ after }) => ({ letters: [letter], next: after === undefined ? 'p' : undefined }) } });
  const first = deadLetterPage.parse((await get('/v1/dead-letters?limit=1')).json());
  expect(first.dead_letters).toEqual([letter]);
  expect(deadLetterPage.parse((await get(`/v1/dead-letters?cursor=${first.next_cursor}`)).json()).next_cursor).toBeNull();
  expect((await get('/v1/dead-letters?cursor=zz')).statusCode).toBe(400);
});
