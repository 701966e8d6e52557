/**
 * API keys that were made by command or API, as the API needs them: a snapshot to check requests with, and the
 * changes. They lie in Redis (redis/api-keys.ts), and are never deleted while they count: a revoked one stays to be seen.
 */
import type { ApiKey } from '../../core/access/api-key.ts';

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
