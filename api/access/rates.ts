/**
 * The rate of each key, and what its holder is told of it, as the IETF's draft 11 of RateLimit fields spells it. Who
 * asks without a key has no rate: there is nobody to tell apart.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Meter } from '../../engine/runtime/metering/meter.ts';
import type { RateBound, RateLimiter, RateVerdict } from '../../engine/runtime/access/rate.ts';
import { anybody } from './access.ts';
import { sendProblem } from '../http/problem.ts';
import { rateLimited } from '../http/refused.ts';
import type { RefusalLog } from './refusal-log.ts';

/** Behind the hook that says who asks. */
export function useRates(app: FastifyInstance, limiter: RateLimiter, meter: Meter, log: RefusalLog): void {
  app.addHook('onRequest', async (request, reply) => {
    if (request.who === anybody || request.routeOptions.config.unrated === true) return undefined;
    const bound = boundOf(request);
    const verdict = limiter.take(bound, request.who);
    if (verdict === undefined) return undefined;
    tell(reply, bound, verdict);
    if (verdict.allowed) return undefined;
    meter.addTo('rateLimited', bound);
    if (bound === 'events') meter.addTo('turnedAway', 'rate-limited');
    log(request, 429, 'rate-limited', request.who);
    return sendProblem(request, reply, rateLimited(bound, verdict));
  });
  app.addHook('onResponse', async (request) => {
    // The first was taken when the request came.
    if (request.who !== anybody && request.events > 1) limiter.charge(boundOf(request), request.who, request.events - 1);
  });
}

const boundOf = (request: FastifyRequest): RateBound => (request.routeOptions.config.scope === 'ingest' ? 'events' : 'key');

function tell(reply: FastifyReply, bound: RateBound, { policy, left, refillMs }: RateVerdict): void {
  void reply.header('ratelimit-policy', `"${bound}";q=${policy.quota};w=${policy.windowMs / 1000}`);
  void reply.header('ratelimit', `"${bound}";r=${left};t=${Math.ceil(refillMs / 1000)}`);
}
