/** A refusal of the store as the client sees it: nothing happened, and when to come back. */
import type { Refusal } from '../engine/runtime/sink.ts';
import { HttpProblem } from './problem.ts';

const codes = { backlog: 'backlog', full: 'redis-full', away: 'redis-away' } as const;

/** 429 while the workers catch up, 503 while Redis is full or away. */
export function refusedProblem(refusal: Refusal): HttpProblem {
  const { because, retryAfterSeconds } = refusal;
  const detail = `${refusal.detail}; nothing was accepted, send it again in ${retryAfterSeconds} s`;
  return new HttpProblem(because === 'backlog' ? 429 : 503, codes[because], detail, {}, { 'retry-after': String(retryAfterSeconds) });
}
