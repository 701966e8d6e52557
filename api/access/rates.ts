/**
 * Limits the rate of each key, and reports it in the RateLimit header fields of the IETF's draft 11. Requests without a
 * key are not limited: there is no way to tell clients apart.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Meter } from '../../engine/runtime/metering/meter.ts';
import type { RateBound, RateLimiter, RateVerdict } from '../../engine/runtime/access/rate.ts';
import { anonymous } from './access.ts';
import { sendProblem } from '../http/problem.ts';
import { rateLimited } from '../http/refused.ts';
import type { RefusalLog } from './refusal-log.ts';

/** Register after the hook that identifies the client. */
export function useRates(app: FastifyInstance, limiter: RateLimiter, meter: Meter, log: RefusalLog): void {
  app.addHook('onRequest', async (request, reply) => {
    if (request.who === anonymous || request.routeOptions.config.unrated === true) return undefined;
    const bound = boundOf(request);
    const verdict = limiter.take(bound, request.who);
    if (verdict === undefined) return undefined;
    setHeaders(reply, bound, verdict);
    if (verdict.allowed) return undefined;
    meter.addTo('rateLimited', bound);
    if (bound === 'events') meter.addTo('turnedAway', 'rate-limited');
    log(request, 429, 'rate-limited', request.who);
    return sendProblem(request, reply, rateLimited(bound, verdict));
  });
  app.addHook('onResponse', async (request) => {
    // The first event was charged when the request arrived.
    if (request.who !== anonymous && request.events > 1) limiter.charge(boundOf(request), request.who, request.events - 1);
  });
}

const boundOf = (request: FastifyRequest): RateBound => (request.routeOptions.config.scope === 'ingest' ? 'events' : 'key');

function setHeaders(reply: FastifyReply, bound: RateBound, { policy, left, refillMs }: RateVerdict): void {
  void reply.header('ratelimit-policy', `"${bound}";q=${policy.quota};w=${policy.windowMs / 1000}`);
  void reply.header('ratelimit', `"${bound}";r=${left};t=${Math.ceil(refillMs / 1000)}`);
}
