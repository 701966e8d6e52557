/**
 * Finds the key that a secret belongs to. Only hashes are kept, and all of them are compared in constant time, so that
 * timing reveals neither the length nor the position of a difference (0.1 µs each; `limits.apiKeysMax` bounds their number).
 *
 * Keys come from the settings and from Redis. Once there is a key, or ever was one in Redis, every request needs one:
 * revoking the last key, letting it expire, or a loss of Redis' data, does not open the API until the process ends.
 */
import { timingSafeEqual } from 'node:crypto';
import { hashOf, lapsed, type ApiKey } from '../../engine/core/access/api-key.ts';

export type { ApiKey } from '../../engine/core/access/api-key.ts';

export type KeyRefusal = 'no-key' | 'malformed-key' | 'unknown-key' | 'revoked-key' | 'expired-key';

export type KeyCheck =
  | { readonly kind: 'open' }
  | { readonly kind: 'key'; readonly key: ApiKey }
  /** `unread`: the keys in Redis have not been read yet. `who`: the name of a revoked or expired key. */
  | { readonly kind: 'refused'; readonly because: KeyRefusal | 'unread'; readonly who?: string };

export type KeyRing = {
  /** Whether requests need no key. */
  isOpen(): boolean;
  check(authorization: string | undefined, now: number): KeyCheck;
  /** Whether a text is the secret of a key, valid or not. */
  isSecret(text: string): boolean;
};

/** @param stored the keys in Redis; undefined if they have not been read yet */
export function keyRing(settings: readonly ApiKey[], stored: () => readonly ApiKey[] | undefined): KeyRing {
  let from: readonly ApiKey[] | undefined;
  let keys: readonly ApiKey[] = settings;
  let hashes = bytesOf(settings);
  let required = settings.length > 0;

  function follow(): void {
    const now = stored();
    if (now === from) return;
    from = now;
    keys = [...settings, ...(now ?? [])];
    required ||= keys.length > 0;
    hashes = bytesOf(keys);
  }

  /** Keys with that secret: two only if a key in Redis has the same secret as one in the settings. */
  function owners(secret: string): ApiKey[] {
    const given = Buffer.from(hashOf(secret), 'hex');
    const same = hashes.map((hash) => timingSafeEqual(hash, given));
    return keys.filter((_, index) => same[index] === true);
  }

  function isOpen(): boolean {
    follow();
    return !required && stored()?.length === 0;
  }

  return {
    isOpen,
    check(authorization, now) {
      if (isOpen()) return { kind: 'open' };
      // Perhaps no key is needed: a shipper drops its events on 401, and retries them on 503.
      if (settings.length === 0 && stored() === undefined) return { kind: 'refused', because: 'unread' };
      if (authorization === undefined) return { kind: 'refused', because: 'no-key' };
      const secret = /^Bearer +([A-Za-z0-9._~+/=-]{1,512})$/i.exec(authorization)?.[1];
      if (secret === undefined) return { kind: 'refused', because: 'malformed-key' };
      const found = owners(secret);
      const key = found.find((one) => lapsed(one, now) === undefined);
      if (key !== undefined) return { kind: 'key', key };
      const [first] = found;
      if (first !== undefined) return { kind: 'refused', because: `${lapsed(first, now)!}-key`, who: first.name };
      return { kind: 'refused', because: stored() === undefined ? 'unread' : 'unknown-key' };
    },
    isSecret(text) {
      follow();
      return owners(text).length > 0;
    },
  };
}

const bytesOf = (keys: readonly ApiKey[]): Buffer[] => keys.map(({ hash }) => Buffer.from(hash, 'hex'));
