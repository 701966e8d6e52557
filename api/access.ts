/**
 * What a key may do. Each route names the one scope that it needs (`config: { scope: 'triage' }`); a route that names
 * none is open to everybody, as probes are. `request.who` is the name of the key that asked.
 */

/** `ingest` sends events, `read` looks, `triage` changes alerts and dead letters, `siem` drains the queue, `admin` may all and configures. */
export const scopes = ['ingest', 'read', 'triage', 'siem', 'admin'] as const;
export type Scope = (typeof scopes)[number];

/** Who asks where no keys are configured. */
export const anybody = 'local';

declare module 'fastify' {
  interface FastifyContextConfig {
    scope?: Scope;
  }
  interface FastifyRequest {
    /** Name of the key that was given, or `anybody`. */
    who: string;
  }
}
