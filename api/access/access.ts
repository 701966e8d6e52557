/**
 * Who may use a route: each route declares the one scope that it needs (`config: { scope: 'triage' }`). The few open
 * routes are listed here; any other without a scope fails to register, so that no route is open by mistake.
 */
import type { Scope } from '../../engine/core/access/api-key.ts';

/** The name of every client while no keys are configured. */
export const anonymous = 'local';

declare module 'fastify' {
  interface FastifyContextConfig {
    scope?: Scope;
    /** Opened by a browser directly: the secret may come as the password of Basic authentication. For read-only routes alone. */
    browser?: boolean;
    /** The answer contains a new secret. Secrets are removed from all other answers. */
    givesSecret?: boolean;
    /** Does not count against the key's rate, so that monitoring keeps working. */
    unrated?: boolean;
  }
  interface FastifyRequest {
    /** Name of the key, or `anonymous`. */
    who: string;
    /** Number of events in the request, which count against the key's rate. Set by routes that take events. */
    events: number;
    /** Whether the request would pass the gate now: for answers that stay open. */
    mayStill(): boolean;
  }
}

/** The probes of an orchestrator, the API description, and the files of the console (its data needs a key). */
const open: ReadonlySet<string> = new Set(['/healthz', '/readyz', '/openapi.json', '/']);

/** @param url the route's pattern */
export const isOpenRoute = (url: string): boolean => open.has(url) || url.startsWith('/console/');

/** The queue board. Its routes come from a library, and get their scope from their path. */
export const boardPath = '/admin/queues';
export const isOfBoard = (url: string): boolean => url === boardPath || url.startsWith(`${boardPath}/`);
