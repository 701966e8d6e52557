/**
 * API keys created by the command line or the API: a snapshot to check requests against, and the changes. They are stored
 * in Redis (redis/access/api-keys.ts). Keys in force are never deleted, and a revoked key stays listed.
 */
import { type ApiKey, hashOf, secretLength, secretPrefix, scopes, type Scope } from '../../core/access/api-key.ts';
import { randomBytes } from 'node:crypto';

export type StoredKey = ApiKey & {
  /** Epoch ms. */
  readonly created: number;
  /** Name of the key, or of the command, that created it. */
  readonly by: string;
};

/** `taken`: another key has or had this name, and may be revoked. `full`: the maximum number of keys is in force. */
export type KeyMade = 'made' | 'taken' | 'full';

export type KeyStore = {
  list(): Promise<readonly StoredKey[]>;
  create(key: StoredKey): Promise<KeyMade>;
  /** `already`: it had been revoked before. */
  revoke(name: string, now: number): Promise<'revoked' | 'already' | 'missing'>;
};

export type KeySnapshot = {
  /** The keys as last read, at most `limits.apiKeysRefreshMs` ago while Redis answers; undefined before the first read. Once there are some, there always are. */
  current(): readonly ApiKey[] | undefined;
  /** Reads the keys again, so that a change made by this process takes effect at once. */
  refresh(): Promise<void>;
};

/** What a new API key should be. */
export type KeyWish = {
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** Epoch ms; undefined: never. */
  readonly expires: number | undefined;
  /** Name of the key, or of the command, that creates it. */
  readonly by: string;
};

/** Makes a key: its record, which is stored, and its secret, which is shown once. @param now epoch ms */
export function newKey({ name, scopes: wished, expires, by }: KeyWish, now: number): { readonly key: StoredKey; readonly secret: string } {
  const secret = newSecret();
  const given = scopes.filter((scope) => wished.includes(scope));
  return { key: { name, scopes: given, hash: hashOf(secret), created: now, by, ...(expires === undefined ? {} : { expires }) }, secret };
}

/** The prefix and 40 characters, each chosen from 62 with equal probability. */
export function newSecret(): string {
  let characters = '';
  while (characters.length < secretLength) characters += randomBytes(secretLength).toString('base64url').replace(/[-_]/g, '');
  return secretPrefix + characters.slice(0, secretLength);
}
