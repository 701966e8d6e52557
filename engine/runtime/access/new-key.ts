/** A new API key: its record, which is kept, and its secret, which is shown once. */
import { randomBytes } from 'node:crypto';
import { hashOf, secretLength, secretPrefix } from '../../core/access/api-key.ts';
import { scopes, type Scope } from '../../core/scope.ts';
import type { StoredKey } from './api-keys.ts';

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
