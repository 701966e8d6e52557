/**
 * A lease, opaque to its holder: the id of the alert, and the token with which BullMQ has locked the job. The token
 * contains the end of the lease, so that the locks alone are enough to find expired leases:
 *
 *     lease  =  <alert id> . <token>          token  =  <epoch ms, base 36> . <96 random bits>
 */
import { randomBytes } from 'node:crypto';
import { alertIdShape } from '../../core/alert/query.ts';

export type Lease = { readonly id: string; readonly token: string; readonly expiresMs: number };

const tokenShape = /^([0-9a-z]{1,9})\.[A-Za-z0-9_-]{16}$/;

export const newToken = (expiresMs: number): string => `${expiresMs.toString(36)}.${randomBytes(12).toString('base64url')}`;

/** When the lease of this token ends, epoch ms; undefined for a token that is not ours. */
export function expiryOf(token: string): number | undefined {
  const found = tokenShape.exec(token);
  return found === null ? undefined : parseInt(found[1]!, 36);
}

export const leaseText = (id: string, token: string): string => `${id}.${token}`;

/** Undefined for a text that this service cannot have issued. */
export function readLease(text: string): Lease | undefined {
  const dot = text.indexOf('.');
  const id = text.slice(0, Math.max(dot, 0));
  const token = text.slice(dot + 1);
  const expiresMs = expiryOf(token);
  return expiresMs === undefined || !alertIdShape.test(id) ? undefined : { id, token, expiresMs };
}
