/** Refusals as the client sees them: what is wrong, whether anything happened, and where it can pass when to come back. */
import type { Scope } from '../../engine/core/access/api-key.ts';
import type { RateBound, RateVerdict } from '../../engine/runtime/access/rate.ts';
import type { Refusal } from '../../engine/runtime/ingest/sink.ts';
import type { KeyRefusal } from '../access/keys.ts';
import { HttpProblem } from './problem.ts';

const codes = { backlog: 'backlog', full: 'redis-full', away: 'redis-away' } as const;

/** 429 while the workers catch up, 503 while Redis is full or away. */
export function refusedProblem(refusal: Refusal): HttpProblem {
  const { because, retryAfterSeconds } = refusal;
  const detail =
    refusal.doubtful === true
      ? `${refusal.detail}; whether the events were accepted is not known: send the same again in ${retryAfterSeconds} s, those with ids of their own count once`
      : `${refusal.detail}; nothing was accepted, send it again in ${retryAfterSeconds} s`;
  return new HttpProblem(because === 'backlog' ? 429 : 503, codes[because], detail, {}, { 'retry-after': String(retryAfterSeconds) });
}

/** Keys may be in a Redis that has not answered since this process began. */
export const unreadKeys = (): HttpProblem =>
  new HttpProblem(503, 'redis-away', 'the keys in Redis are not known yet; send it again in 2 s', {}, { 'retry-after': '2' });

const details: Readonly<Record<KeyRefusal, string>> = {
  'no-key': 'this needs a key: Authorization: Bearer <secret>',
  'malformed-key': 'the key is not given as Authorization: Bearer <secret>',
  'unknown-key': 'the key is not known here',
  'revoked-key': 'the key was revoked',
  'expired-key': 'the key has expired',
};

/** @param challenged the answer says already how to authenticate */
export function unauthorized(because: KeyRefusal, challenged: boolean): HttpProblem {
  const challenge = because === 'no-key' ? 'Bearer' : 'Bearer error="invalid_token"';
  return new HttpProblem(401, 'unauthorized', details[because], {}, challenged ? {} : { 'www-authenticate': challenge });
}

export const missingScope = (scope: Scope): HttpProblem =>
  new HttpProblem(
    403,
    'missing-scope',
    `the key may not do this: it needs the scope ${scope}`,
    { required_scope: scope },
    { 'www-authenticate': `Bearer error="insufficient_scope", scope="${scope}"` },
  );

export function foreign(what: 'foreign-host' | 'foreign-origin'): HttpProblem {
  return what === 'foreign-host'
    ? new HttpProblem(
        403,
        'foreign-host',
        'without keys only this machine is served, under localhost or 127.0.0.1; set WEIR_KEYS to serve others',
      )
    : new HttpProblem(403, 'foreign-origin', 'without keys no web page but those of this address is served; set WEIR_KEYS to serve others');
}

export function rateLimited(bound: RateBound, { policy, waitMs }: RateVerdict): HttpProblem {
  const seconds = Math.max(1, Math.ceil(waitMs / 1000));
  const what = bound === 'events' ? 'events' : 'requests';
  const detail = `this key may send ${policy.quota} ${what} in ${policy.windowMs / 1000} s; nothing was done, send it again in ${seconds} s`;
  return new HttpProblem(429, 'rate-limited', detail, {}, { 'retry-after': String(seconds) });
}
