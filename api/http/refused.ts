/** Refused requests as problems: what is wrong, whether anything was done, and when to retry if that can help. */
import type { Scope } from '../../engine/core/access/api-key.ts';
import type { RateBound, RateVerdict } from '../../engine/runtime/access/rate.ts';
import type { Refusal } from '../../engine/runtime/ingest/sink.ts';
import type { KeyRefusal } from '../access/keys.ts';
import { HttpProblem } from './problem.ts';

const codes = { backlog: 'backlog', full: 'redis-full', away: 'redis-away' } as const;

/** 429 while the workers catch up, 503 while Redis is full or unavailable. */
export function refusedProblem(refusal: Refusal): HttpProblem {
  const { because, retryAfterSeconds } = refusal;
  const detail =
    refusal.doubtful === true
      ? `${refusal.detail}; the events may or may not have been accepted: retry in ${retryAfterSeconds} s, events with their own ids count once`
      : `${refusal.detail}; nothing was accepted, retry in ${retryAfterSeconds} s`;
  return new HttpProblem(because === 'backlog' ? 429 : 503, codes[because], detail, {}, { 'retry-after': String(retryAfterSeconds) });
}

/** Redis may hold keys, and has not answered since this process started. */
export const unreadKeys = (): HttpProblem =>
  new HttpProblem(503, 'redis-away', 'the API keys have not been read from Redis yet; retry in 2 s', {}, { 'retry-after': '2' });

const details: Readonly<Record<KeyRefusal, string>> = {
  'no-key': 'missing API key: send Authorization: Bearer <secret>',
  'malformed-key': 'malformed Authorization header: must be Bearer <secret>',
  'unknown-key': 'unknown API key',
  'revoked-key': 'the API key has been revoked',
  'expired-key': 'the API key has expired',
};

/** @param challenged true if the answer already says how to authenticate */
export function unauthorized(because: KeyRefusal, challenged: boolean): HttpProblem {
  const challenge = because === 'no-key' ? 'Bearer' : 'Bearer error="invalid_token"';
  return new HttpProblem(401, 'unauthorized', details[because], {}, challenged ? {} : { 'www-authenticate': challenge });
}

export const missingScope = (scope: Scope): HttpProblem =>
  new HttpProblem(
    403,
    'missing-scope',
    `the API key lacks the scope ${scope}`,
    { required_scope: scope },
    { 'www-authenticate': `Bearer error="insufficient_scope", scope="${scope}"` },
  );

export function foreign(what: 'foreign-host' | 'foreign-origin'): HttpProblem {
  return what === 'foreign-host'
    ? new HttpProblem(
        403,
        'foreign-host',
        'without API keys, only requests to localhost or 127.0.0.1 are served; set WEIR_KEYS to serve others',
      )
    : new HttpProblem(403, 'foreign-origin', 'without API keys, requests from other web pages are refused; set WEIR_KEYS to allow them');
}

export function rateLimited(bound: RateBound, { policy, waitMs }: RateVerdict): HttpProblem {
  const seconds = Math.max(1, Math.ceil(waitMs / 1000));
  const what = bound === 'events' ? 'events' : 'requests';
  const detail = `rate limit of this key exceeded: ${policy.quota} ${what} in ${policy.windowMs / 1000} s; nothing was done, retry in ${seconds} s`;
  return new HttpProblem(429, 'rate-limited', detail, {}, { 'retry-after': String(seconds) });
}
