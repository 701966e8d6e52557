/**
 * Who may ask. With keys configured, every request but those of probes names one, as `Authorization: Bearer <secret>`.
 * Only hashes are kept and compared, all of them and in constant time, so that neither length nor position of a
 * difference shows. Without keys nobody is asked, and the server listens on loopback only (server.ts).
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { anybody } from './access.ts';
import { HttpProblem } from './problem.ts';

/** Who it was given to, and the secret itself. */
export type ApiKey = { readonly name: string; readonly secret: string };

const hashed = (secret: string): Buffer => createHash('sha256').update(secret).digest();

/** What an orchestrator's probes ask, the description of the API, and the console's own files (its data needs a key). */
const open: ReadonlySet<string> = new Set(['/healthz', '/readyz', '/openapi.json', '/']);
const isOpen = (path: string): boolean => open.has(path) || path.startsWith('/console/');

/** @returns the name of the key that was given. @throws the 401 */
export type KeyCheck = (path: string, authorization: string | undefined) => string;

export function keyCheck(keys: readonly ApiKey[]): KeyCheck {
  const known = keys.map(({ secret }) => hashed(secret));
  return (path, authorization) => {
    if (known.length === 0 || isOpen(path)) return anybody;
    const secret = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
    const given = hashed(secret ?? '');
    const matches = known.map((one) => timingSafeEqual(one, given));
    const key = keys[matches.lastIndexOf(true)];
    if (secret !== undefined && key !== undefined) return key.name;
    const detail = secret === undefined ? 'this needs a key: Authorization: Bearer <secret>' : 'the key is not known here';
    throw new HttpProblem(401, 'unauthorized', detail, {}, { 'www-authenticate': 'Bearer' });
  };
}
