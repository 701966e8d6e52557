/** Limits the open streams, in total and for each key: an open stream uses memory for as long as it lasts. */
import { HttpProblem } from '../http/problem.ts';

export type Seats = {
  /** @returns a function that gives the seat back. @throws HttpProblem 429 */
  take(who: string): () => void;
};

export function seats(max: number, perKeyMax: number): Seats {
  const byKey = new Map<string, number>();
  let taken = 0;
  return {
    take(who) {
      const mine = byKey.get(who) ?? 0;
      if (mine >= perKeyMax) throw full(`this key already has ${mine} open streams, the maximum`);
      if (taken >= max) throw full(`this process already has ${taken} open streams, the maximum`);
      taken += 1;
      byKey.set(who, mine + 1);
      let given = false;
      return () => {
        if (given) return;
        given = true;
        taken -= 1;
        const left = byKey.get(who)! - 1;
        if (left === 0) byKey.delete(who);
        else byKey.set(who, left);
      };
    },
  };
}

const full = (detail: string): HttpProblem =>
  new HttpProblem(429, 'too-many-streams', `${detail}; close one first`, {}, { 'retry-after': '10' });
