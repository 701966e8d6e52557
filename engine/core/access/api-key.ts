/**
 * API keys. What is kept of one is its name, its scopes and the SHA-256 of its secret: a secret that Weir makes has 238
 * random bits, so nothing slower than one hash is needed to keep it from being guessed back.
 *
 * Those secrets look like nothing else, `weir_` and 40 letters and digits, so that scanners find one that leaked, and
 * Weir itself can leave them out of what it writes.
 */
import { createHash } from 'node:crypto';

/**
 * What an API key may do. A route needs one scope; a key has one or more: `ingest` sends events, `read` looks, `triage` changes alerts and dead letters, `siem` drains the queue, `admin` configures and grants every scope.
 */
export const scopes = ['ingest', 'read', 'triage', 'siem', 'admin'] as const;
export type Scope = (typeof scopes)[number];

export const allows = (given: readonly Scope[], needed: Scope): boolean => given.includes(needed) || given.includes('admin');

/** `ingest+read`, `ingest,read`: each once, in the order of the list above. Undefined: one of the words is no scope, or there is none. */
export function readScopes(text: string): readonly Scope[] | undefined {
  const words = text.split(/[+,]/);
  return words.every((word) => (scopes as readonly string[]).includes(word)) ? scopes.filter((scope) => words.includes(scope)) : undefined;
}

export type ApiKey = {
  /** Who it was given to. */
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** SHA-256 of the secret, 64 hex digits. */
  readonly hash: string;
  /** Epoch ms. */
  readonly expires?: number;
  readonly revoked?: number;
};

export const secretPrefix = 'weir_';
/** Letters and digits behind the prefix. */
export const secretLength = 40;

export const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('hex');

export const keyNamePattern = /^[A-Za-z0-9_.-]{1,64}$/;
export const secretPattern = /^[A-Za-z0-9._~+/-]{16,256}$/;

/** Why a key does not count at that time; undefined: it does. */
export function lapsed({ revoked, expires }: Pick<ApiKey, 'revoked' | 'expires'>, now: number): 'revoked' | 'expired' | undefined {
  if (revoked !== undefined) return 'revoked';
  return expires !== undefined && now >= expires ? 'expired' : undefined;
}

/**
 * One key as settings spell it: `name:scope+scope=sha256:HEX`, or the secret itself behind the `=`. Without scopes it may do all.
 * @param nth names a key that has no name
 */
export function readKey(text: string, nth: number): ApiKey | undefined {
  const found = /^(?:([^:=]*)(?::([^=]*))?=)?(?:sha256:([0-9a-f]{64})|([A-Za-z0-9._~+/-]+))$/i.exec(text);
  if (found === null) return undefined;
  const [, name = `key-${nth}`, words, hash, secret] = found;
  const given = words === undefined ? (['admin'] as const) : readScopes(words);
  if (given === undefined || !keyNamePattern.test(name)) return undefined;
  if (hash !== undefined) return { name, scopes: given, hash: hash.toLowerCase() };
  return secretPattern.test(secret!) ? { name, scopes: given, hash: hashOf(secret!) } : undefined;
}

/** What readKey() reads. */
export const keyText = ({ name, scopes: given, hash }: ApiKey): string => `${name}:${given.join('+')}=sha256:${hash}`;

export const keyExpectation =
  'each `name:scope+scope=sha256:HEX` (made by `weir keys hash`) or `name:scope+scope=secret`; ' +
  `scopes: ${scopes.join(' ')} (default: all); secrets: 16 to 256 characters from A-Z a-z 0-9 . _ ~ + / -; names and secrets must be unique`;

/** All of them, when no name and no secret stands there twice. */
export function distinctKeys(keys: readonly ApiKey[]): boolean {
  return new Set(keys.map(({ name }) => name)).size === keys.length && new Set(keys.map(({ hash }) => hash)).size === keys.length;
}

const leaked = new RegExp(`weir(?:_|%5F)[0-9A-Za-z]{${secretLength},}`, 'gi');

/** A text without the secrets that Weir made. */
export const withoutSecrets = (text: string): string => text.replace(leaked, `${secretPrefix}…`);
