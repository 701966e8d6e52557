/**
 * The gate that every request passes before its body is read: is it from another web page? whose key is it? does the key
 * have the route's scope? is its rate exceeded? A refusal is a problem, counted by reason and logged without the secret.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { withoutSecrets, allows, type Scope } from '../../engine/core/access/api-key.ts';
import type { Meter } from '../../engine/runtime/metering/meter.ts';
import type { RateLimiter } from '../../engine/runtime/access/rate.ts';
import { anonymous, isOfBoard, isOpenRoute } from './access.ts';
import { foreignBrowser } from './browser-guard.ts';
import type { KeyRing } from './keys.ts';
import { sendProblem, type HttpProblem } from '../http/problem.ts';
import { useRates } from './rates.ts';
import { refusalLog } from './refusal-log.ts';
import { foreign, missingScope, unauthorized, unreadKeys } from '../http/refused.ts';

export type Gate = {
  readonly ring: KeyRing;
  /** Undefined: rates are not limited. */
  readonly limiter?: RateLimiter;
  readonly meter: Meter;
  /** Epoch ms. */
  readonly now: () => number;
};

/** Call before any route is registered. */
export function useGate(app: FastifyInstance, { ring, limiter, meter, now }: Gate): void {
  const log = refusalLog(now);

  app.addHook('onRoute', (route) => {
    if (isOfBoard(route.url)) route.config = { ...route.config, scope: 'admin', browser: true };
    if (route.config?.scope === undefined && !isOpenRoute(route.url))
      throw new Error(`the route ${route.url} declares no scope: add config: { scope: … }`);
  });

  app.decorateRequest('who', anonymous);
  app.decorateRequest('events', 0);
  app.decorateRequest('mayStill', function (this: FastifyRequest) {
    const { scope } = this.routeOptions.config;
    const found = ring.check(this.headers.authorization, now());
    return found.kind === 'open' || (found.kind === 'key' && (scope === undefined || allows(found.key.scopes, scope)));
  });
  // Answered here instead of thrown: the routes of a library may have their own error handler.
  app.addHook('onRequest', async (request, reply) => {
    const problem = refusal(request, reply);
    return problem === undefined ? undefined : sendProblem(request, reply, problem);
  });
  if (limiter !== undefined) useRates(app, limiter, meter, log);

  function refusal(request: FastifyRequest, reply: FastifyReply): HttpProblem | undefined {
    const { scope } = request.routeOptions.config;
    const browser = ring.isOpen() ? foreignBrowser(request.method, request.headers) : undefined;
    if (browser !== undefined) return refuse(request, browser, foreign(browser), anonymous);
    // Unknown paths need a key too, so that a client without one cannot probe which routes exist.
    return scope === undefined && !request.is404 ? undefined : identify(request, reply, scope);
  }

  function identify(request: FastifyRequest, reply: FastifyReply, scope: Scope | undefined): HttpProblem | undefined {
    const takesPassword = request.routeOptions.config.browser === true;
    const found = ring.check(takesPassword ? bearerOf(request.headers.authorization) : request.headers.authorization, now());
    if (found.kind === 'open') return undefined;
    if (found.kind === 'refused') {
      if (found.because === 'unread') return unreadKeys();
      if (takesPassword) void reply.header('www-authenticate', 'Basic realm="Weir: any user name, an API key as the password"');
      return refuse(request, found.because, unauthorized(found.because, takesPassword), found.who);
    }
    request.who = found.key.name;
    if (scope === undefined || allows(found.key.scopes, scope)) return undefined;
    return refuse(request, 'missing-scope', missingScope(scope), found.key.name);
  }

  function refuse(request: FastifyRequest, reason: string, problem: HttpProblem, who: string | undefined): HttpProblem {
    meter.addTo('refused', reason);
    log(request, problem.status, reason, who);
    return problem;
  }

  const known = (run: string): string => (ring.isSecret(run) ? '…' : run);
  app.addHook('onSend', async (request, reply, payload) => {
    if (typeof payload !== 'string' || request.routeOptions.config.givesSecret === true) return payload;
    const text = withoutSecrets(payload);
    // Errors quote what was sent. A secret chosen by the operator has no known shape, and is recognised by its hash.
    return reply.statusCode >= 400 ? text.replace(/[A-Za-z0-9._~+-]{16,256}/g, known) : text;
  });
}

/** The password of Basic authentication as a bearer token; any other header unchanged. */
function bearerOf(authorization: string | undefined): string | undefined {
  const encoded = /^Basic +([A-Za-z0-9+/=]{1,1024})$/i.exec(authorization ?? '')?.[1];
  if (encoded === undefined) return authorization;
  const text = Buffer.from(encoded, 'base64').toString();
  return `Bearer ${text.slice(text.indexOf(':') + 1)}`;
}
