/**
 * What a route says of who may use it: each names the one scope that it needs (`config: { scope: 'triage' }`). The few
 * that name none stand here; any other is refused when it is registered, so that none is open by being forgotten.
 */
import type { Scope } from '../../engine/core/access/api-key.ts';

export { scopes, type Scope } from '../../engine/core/access/api-key.ts';

/** Who asks where no keys are configured. */
export const anybody = 'local';

declare module 'fastify' {
  interface FastifyContextConfig {
    scope?: Scope;
    /** A browser itself asks: the secret may come as the password of Basic authentication. Only where nothing can be changed. */
    browser?: boolean;
    /** The answer hands out a secret, once; of all others secrets are left out. */
    givesSecret?: boolean;
    /** Costs its key nothing: who has used up his rate is still watched. */
    unrated?: boolean;
  }
  interface FastifyRequest {
    /** Name of the key that was given, or `anybody`. */
    who: string;
    /** Events that the request brought: what it costs its key. Set by routes that take events. */
    events: number;
    /** Whether it would pass the gate now: for answers that go on. */
    mayStill(): boolean;
  }
}

/** What an orchestrator's probes ask, the description of the API, and the console's own files (its data needs a key). */
const open: ReadonlySet<string> = new Set(['/healthz', '/readyz', '/openapi.json', '/']);

/** @param url the route's pattern */
export const isOpenRoute = (url: string): boolean => open.has(url) || url.startsWith('/console/');

/** The board of the queue. Its routes are a library's: they get their scope from where they lie. */
export const boardPath = '/admin/queues';
export const isOfBoard = (url: string): boolean => url === boardPath || url.startsWith(`${boardPath}/`);
