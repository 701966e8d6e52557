/**
 * API keys that were made by command or API, as the API needs them: a snapshot to check requests with, and the
 * changes. They lie in Redis (redis/api-keys.ts), and are never deleted while they count: a revoked one stays to be seen.
 */
import { type ApiKey, hashOf, secretLength, secretPrefix, scopes, type Scope } from '../../core/access/api-key.ts';
import { randomBytes } from 'node:crypto';

export type StoredKey = ApiKey & {
  /** Epoch ms. */
  readonly created: number;
  /** Name of the key, or of the command, that made it. */
  readonly by: string;
};

/** `taken`: the name was given before, to a key that may be revoked. `full`: as many keys as there may be are in force. */
export type KeyMade = 'made' | 'taken' | 'full';

export type KeyStore = {
  list(): Promise<readonly StoredKey[]>;
  create(key: StoredKey): Promise<KeyMade>;
  /** `already`: it was revoked before, and stays so. */
  revoke(name: string, now: number): Promise<'revoked' | 'already' | 'missing'>;
};

export type KeySnapshot = {
  /** What was last read, at most `limits.apiKeysRefreshMs` old while Redis answers; undefined: Redis was not read yet. */
  current(): readonly ApiKey[] | undefined;
  /** Reads again, so that a change made here counts at once. */
  refresh(): Promise<void>;
};

/** A new API key: its record, which is kept, and its secret, which is shown once. */
export type KeyWish = {
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** Epoch ms; undefined: never. */
  readonly expires: number | undefined;
  /** Name of the key, or of the command, that makes it. */
  readonly by: string;
};

/** @param now epoch ms */
export function newKey({ name, scopes: wished, expires, by }: KeyWish, now: number): { readonly key: StoredKey; readonly secret: string } {
  const secret = newSecret();
  const given = scopes.filter((scope) => wished.includes(scope));
  return { key: { name, scopes: given, hash: hashOf(secret), created: now, by, ...(expires === undefined ? {} : { expires }) }, secret };
}

/** 40 characters, each of 62 with equal chance. */
export function newSecret(): string {
  let characters = '';
  while (characters.length < secretLength) characters += randomBytes(secretLength).toString('base64url').replace(/[-_]/g, '');
  return secretPrefix + characters.slice(0, secretLength);
}
