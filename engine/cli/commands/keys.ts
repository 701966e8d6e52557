/**
 * `weir keys`: API keys in Redis, and hashes for those in the settings. It speaks to Redis itself and not to the API:
 * whoever may write there may do everything anyhow, and the first key has to come from somewhere.
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
  summary: 'make, list and revoke API keys',
  usage: `weir keys create NAME --scope SCOPES [--expires WHEN]
weir keys list
weir keys revoke NAME
weir keys hash [NAME --scope SCOPES] [--new]

  --scope SCOPES    what the key may do, such as ingest or read+triage: ${scopes.join(' ')}; admin may all
  --expires WHEN    from when on it does not count: a duration from now (90d) or a time (RFC 3339)
  --new             hash a new secret instead of one from stdin

create   prints the secret on stdout, once: only its hash is kept, in Redis (REDIS_URL, or the one in WEIR_DATA)
revoke   a running API notices within a second
hash     reads a secret from stdin and prints what WEIR_KEYS takes in its place

  weir keys create shop --scope ingest --expires 90d > shop.key
  weir keys hash soc --scope read+triage --new

From the first key on, every request to the API needs one.`,
  async run(args, io) {
    const { values, positionals } = readArgs('keys', args, options, [1, 2]);
    const [verb, name] = positionals as [string, string?];
    const given = values.scope === undefined ? undefined : scopesOf(values.scope);
    const only = (...allowed: (keyof typeof values)[]): void => {
      for (const option of Object.keys(values) as (keyof typeof values)[])
        if (!allowed.includes(option)) throw usageError('keys', `--${option} has no meaning with ${verb}`);
    };
    if (name !== undefined && !keyNamePattern.test(name)) throw usageError('keys', 'a name has 1 to 64 characters from A-Z a-z 0-9 . _ -');
    switch (verb) {
      case 'create': {
        only('scope', 'expires');
        if (given === undefined) throw usageError('keys', '--scope is missing');
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
        if ((name === undefined) !== (given === undefined)) throw usageError('keys', 'NAME and --scope belong together');
        return hashKey(name === undefined || given === undefined ? undefined : { name, scopes: given }, values.new === true, io);
      default:
        throw usageError('keys', `there is no 'weir keys ${verb}'; there are create, list, revoke and hash`);
    }
  },
};

const options = {
  scope: { type: 'string', multiple: true },
  expires: { type: 'string' },
  new: { type: 'boolean' },
} as const;

function needed(name: string | undefined): string {
  if (name === undefined) throw usageError('keys', 'the name is missing');
  return name;
}

function scopesOf(words: readonly string[]): readonly Scope[] {
  const given = readScopes(words.join('+'));
  if (given === undefined) throw usageError('keys', `--scope takes some of ${scopes.join(', ')}, joined by +`);
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
