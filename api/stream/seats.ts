/** How many clients of the stream there may be, in all and for each key: an open stream costs memory for as long as it lasts. */
import { HttpProblem } from '../http/problem.ts';

export type Seats = {
  /** @returns what gives the seat back. @throws HttpProblem 429 */
  take(who: string): () => void;
};

export function seats(max: number, perKeyMax: number): Seats {
  const byKey = new Map<string, number>();
  let taken = 0;
  return {
    take(who) {
      const mine = byKey.get(who) ?? 0;
      if (mine >= perKeyMax) throw full(`this key has ${mine} streams open, which is the most`);
      if (taken >= max) throw full(`${taken} streams are open here, which is the most`);
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
