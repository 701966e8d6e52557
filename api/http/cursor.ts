/**
 * Cursors: where the next page starts, opaque to the client. A cursor is bound to its filters and carries a MAC, so that
 * one that was altered, cut, or used with another query is refused instead of giving a page that skips or repeats
 * alerts.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { HttpProblem } from './problem.ts';

export type Cursors = {
  /** @param scope what the cursor is for: route and filters, always written the same way */
  seal(position: string, scope: string): string;
  /** The position. @throws HttpProblem 400 `invalid-cursor` */
  open(cursor: string, scope: string): string;
};

/** @param key must be the same in every API process that serves the same clients */
export function cursors(key: string): Cursors {
  const mac = (position: string, scope: string): Buffer =>
    createHmac('sha256', key).update(`${scope.length}:${scope}${position}`).digest().subarray(0, 12);
  return {
    seal: (position, scope) => Buffer.concat([mac(position, scope), Buffer.from(position)]).toString('base64url'),
    open(cursor, scope) {
      const bytes = Buffer.from(cursor, 'base64url');
      const position = bytes.subarray(12).toString();
      if (bytes.length > 12 && bytes.toString('base64url') === cursor && timingSafeEqual(mac(position, scope), bytes.subarray(0, 12)))
        return position;
      throw invalidCursor();
    },
  };
}

export const invalidCursor = (): HttpProblem =>
  new HttpProblem(400, 'invalid-cursor', 'the cursor was not issued for these filters; start again without it', {
    errors: [{ pointer: '/query/cursor', detail: 'is invalid' }],
  });
