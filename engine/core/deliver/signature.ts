/**
 * Signatures as in the Standard Webhooks specification: `v1,` and the base64 of an HMAC-SHA256 over `id.timestamp.body`,
 * one for each secret, separated by spaces. During rotation, the old and the new secret sign.
 */
import { createHmac } from 'node:crypto';

const prefix = 'whsec_';
const bytesLeast = 24;
const bytesMost = 64;

export const secretExpectation = `${prefix} followed by the base64 of ${bytesLeast} to ${bytesMost} random bytes, as printed by \`echo ${prefix}$(openssl rand -base64 32)\``;

/** The bytes of a secret; undefined if the text is not a valid secret. */
export function secretBytes(secret: string): Buffer | undefined {
  if (!secret.startsWith(prefix) || secret.length > 128) return undefined;
  const text = secret.slice(prefix.length);
  const bytes = Buffer.from(text, 'base64');
  const exact = bytes.toString('base64').replace(/=+$/, '') === text.replace(/=+$/, '');
  return exact && bytes.length >= bytesLeast && bytes.length <= bytesMost ? bytes : undefined;
}

export const secretOf = (bytes: Buffer): string => prefix + bytes.toString('base64');

export type SignedHeaders = {
  readonly 'webhook-id': string;
  /** Seconds. */
  readonly 'webhook-timestamp': string;
  readonly 'webhook-signature'?: string;
};

/**
 * @param nowMs time of this attempt: receivers refuse messages older than a few minutes
 * @throws RangeError for an invalid secret, which cannot happen with a checked target
 */
export function signedHeaders(id: string, nowMs: number, body: string, secrets: readonly string[]): SignedHeaders {
  const timestamp = String(Math.floor(nowMs / 1000));
  const signatures = secrets.map((secret) => {
    const bytes = secretBytes(secret);
    if (bytes === undefined) throw new RangeError('a webhook target has an invalid secret');
    return `v1,${createHmac('sha256', bytes).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
  });
  const headers = { 'webhook-id': id, 'webhook-timestamp': timestamp };
  return signatures.length === 0 ? headers : { ...headers, 'webhook-signature': signatures.join(' ') };
}
