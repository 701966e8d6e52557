/**
 * `weir keys`: manages API keys in Redis, and hashes secrets for keys in the configuration. It connects to Redis directly
 * instead of the API: write access to Redis allows everything anyway, and the first key has to come from somewhere.
 */
import { keyNamePattern, readScopes, scopes, type Scope } from '../../core/access/api-key.ts';
import { parseDuration } from '../../core/util/duration.ts';
import { readTime } from '../../core/ingest/time.ts';
import { readArgs, usageError } from '../args.ts';
import type { Command } from '../command.ts';
import { createKey, listKeys, revokeKey } from '../keys/stored.ts';
import { hashKey } from '../keys/hash.ts';

export const command: Command = {
  name: 'keys',
  summary: 'create, list and revoke API keys',
  usage: `weir keys create NAME --scope SCOPES [--expires WHEN]
weir keys list
weir keys revoke NAME
weir keys hash [NAME --scope SCOPES] [--new]

  --scope SCOPES    scopes joined by +, such as read+triage, of: ${scopes.join(' ')}; admin grants every scope
  --expires WHEN    when the key expires: a duration from now (90d) or a time (RFC 3339)
  --new             hash a new secret instead of one from stdin

create   prints the secret to stdout, once: Redis (REDIS_URL, or the one in WEIR_DATA) keeps only its hash
revoke   takes effect in a running API within a second
hash     reads a secret from stdin and prints the entry to put into WEIR_KEYS instead

  weir keys create shop --scope ingest --expires 90d > shop.key
  weir keys hash soc --scope read+triage --new

As soon as there is a key, every request to the API needs one.`,
  async run(args, io) {
    const { values, positionals } = readArgs('keys', args, options, [1, 2]);
    const [verb, name] = positionals as [string, string?];
    const given = values.scope === undefined ? undefined : scopesOf(values.scope);
    const only = (...allowed: (keyof typeof values)[]): void => {
      for (const option of Object.keys(values) as (keyof typeof values)[])
        if (!allowed.includes(option)) throw usageError('keys', `--${option} cannot be used with ${verb}`);
    };
    if (name !== undefined && !keyNamePattern.test(name))
      throw usageError('keys', 'NAME must be 1 to 64 characters from A-Z a-z 0-9 . _ -');
    switch (verb) {
      case 'create': {
        only('scope', 'expires');
        if (given === undefined) throw usageError('keys', '--scope is required');
        return createKey({ name: needed(name), scopes: given, expires: expiryOf(values.expires, Date.now()) }, io);
      }
      case 'list':
        only();
        if (name !== undefined) throw usageError('keys', `unexpected argument '${name}'`);
        return listKeys(io);
      case 'revoke':
        only();
        return revokeKey(needed(name), io);
      case 'hash':
        only('scope', 'new');
        if ((name === undefined) !== (given === undefined)) throw usageError('keys', 'NAME and --scope must be used together');
        return hashKey(name === undefined || given === undefined ? undefined : { name, scopes: given }, values.new === true, io);
      default:
        throw usageError('keys', `unknown subcommand '${verb}'; must be one of create, list, revoke, hash`);
    }
  },
};

const options = {
  scope: { type: 'string', multiple: true },
  expires: { type: 'string' },
  new: { type: 'boolean' },
} as const;

function needed(name: string | undefined): string {
  if (name === undefined) throw usageError('keys', 'NAME is required');
  return name;
}

function scopesOf(words: readonly string[]): readonly Scope[] {
  const given = readScopes(words.join('+'));
  if (given === undefined) throw usageError('keys', `--scope takes one or more of ${scopes.join(', ')}, joined by +`);
  return given;
}

/** Epoch ms. */
function expiryOf(text: string | undefined, now: number): number | undefined {
  if (text === undefined) return undefined;
  const span = parseDuration(text);
  const at = span === undefined ? readTime(text) : now + span;
  if (typeof at !== 'number') throw usageError('keys', '--expires takes a duration such as 90d, or a time such as 2030-01-01T00:00:00Z');
  if (at <= now) throw usageError('keys', '--expires is in the past');
  return at;
}
