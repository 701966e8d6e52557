/**
 * Limits the open streams, in total and for each key: an open stream uses memory for as long as it lasts. A seat belongs to
 * a connection and is given back at the latest when that closes, however far the request has come by then.
 */
import type { Socket } from 'node:net';
import { HttpProblem } from '../http/problem.ts';

export type Seats = {
  /** @returns a function that gives the seat back, once. @throws HttpProblem 429 */
  take(who: string, connection: Socket): () => void;
};

export function seats(max: number, perKeyMax: number): Seats {
  const byKey = new Map<string, number>();
  let taken = 0;
  return {
    take(who, connection) {
      // It has closed before: nothing would give the seat back.
      if (connection.destroyed) return () => undefined;
      const mine = byKey.get(who) ?? 0;
      if (mine >= perKeyMax) throw full(`this key already has ${mine} open streams, the maximum`);
      if (taken >= max) throw full(`this process already has ${taken} open streams, the maximum`);
      taken += 1;
      byKey.set(who, mine + 1);
      let given = false;
      const leave = (): void => {
        if (given) return;
        given = true;
        connection.off('close', leave);
        taken -= 1;
        const left = byKey.get(who)! - 1;
        if (left === 0) byKey.delete(who);
        else byKey.set(who, left);
      };
      connection.once('close', leave);
      return leave;
    },
  };
}

const full = (detail: string): HttpProblem =>
  new HttpProblem(429, 'too-many-streams', `${detail}; close one first`, {}, { 'retry-after': '10' });
