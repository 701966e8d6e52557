/** What a Redis, or the way to it, answers instead of serving us, in words that say what to do. */
import { WeirError } from '../errors.ts';

type Refusal = { readonly says: RegExp; readonly message: string; readonly hint: string };

/** The rights Weir needs of a user, as ACL SETUSER takes them. */
const rights = '~weir:* ~w{* ~{weir-siem}* &* +@all -@admin -@dangerous +info +keys';

const refusals: readonly Refusal[] = [
  {
    says: /^NOAUTH|Authentication required/,
    message: 'it asks for a password.',
    hint: 'Put it into REDIS_URL: redis://:PASSWORD@HOST:PORT, or redis://USER:PASSWORD@HOST:PORT.',
  },
  {
    says: /^WRONGPASS|invalid (username-password|password)/,
    message: 'it does not accept the user or password of REDIS_URL.',
    hint: 'Correct them; characters such as @ : / # must be percent-encoded in a URL.',
  },
  {
    says: /^NOPERM|no permissions/,
    message: 'its user may not do what Weir needs to',
    hint: `Give the user the rights: ACL SETUSER NAME on >PASSWORD ${rights}`,
  },
  {
    says: /^DENIED/,
    message: 'it is in protected mode, which serves only its own machine.',
    hint: 'Give it a password (requirepass, then REDIS_URL=redis://:PASSWORD@HOST:PORT), or bind it to a private address.',
  },
  { says: /^READONLY/, message: 'it is a read-only replica.', hint: 'Set REDIS_URL to the primary.' },
  {
    says: /^MISCONF/,
    message: 'it refuses writes because it cannot save to its disk.',
    hint: 'Make room on its disk, or make it writable; then it goes on by itself.',
  },
  {
    says: /^OOM/,
    message: 'it is full (maxmemory) and was not set up for Weir before.',
    hint: 'Raise maxmemory, or remove what else is in it.',
  },
  {
    says: /^(MOVED|CROSSSLOT|CLUSTERDOWN)/,
    message: 'it runs in cluster mode.',
    hint: 'Set REDIS_URL to a Redis with cluster-enabled no.',
  },
  { says: /ENOTFOUND|EAI_AGAIN/, message: 'its host name is not known.', hint: 'Correct the host in REDIS_URL, or the name service.' },
  {
    says: /ECONNREFUSED/,
    message: 'nothing listens there.',
    hint: 'Start it, or correct host and port in REDIS_URL. Without REDIS_URL Weir runs a Redis of its own.',
  },
  {
    says: /ENOENT/,
    message: 'there is no such socket.',
    hint: 'Start it, or correct the path in REDIS_URL. Without REDIS_URL Weir runs a Redis of its own.',
  },
  {
    says: /EACCES|EPERM/,
    message: 'this user may not open its socket.',
    hint: 'Add the user to the group of the socket, or set unixsocketperm.',
  },
  {
    says: /ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|timed out/i,
    message: 'it does not answer.',
    hint: 'Look for a firewall in between, or a wrong address in REDIS_URL.',
  },
  {
    says: /WRONG_VERSION_NUMBER|wrong version number|packet length too long/i,
    message: 'it does not speak TLS.',
    hint: 'Use redis:// in place of rediss:// in REDIS_URL.',
  },
  {
    says: /CERT|certificate|self.signed/i,
    message: 'its certificate is not trusted.',
    hint: 'Name the authority that signed it in NODE_EXTRA_CA_CERTS.',
  },
  {
    says: /ECONNRESET|Connection is closed|Protocol error|EPIPE/i,
    message: 'it closed the connection.',
    hint: 'It may want TLS (rediss:// in REDIS_URL), or is not a Redis.',
  },
];

/** Answers that pass with time: the server, or the way to it, is on its way up. */
const passing = /ECONNREFUSED|ENOENT|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|timed out|ECONNRESET|Connection is closed|^LOADING|^MASTERDOWN/i;

export const passes = (error: Error): boolean => passing.test(textOf(error));

/** @param where the address without its password */
export function refusalOf(error: Error, where: string): WeirError {
  const text = textOf(error);
  const known = refusals.find((refusal) => refusal.says.test(text));
  if (known === undefined)
    return new WeirError(`the Redis at ${where} cannot be used: ${text}`, 'Correct REDIS_URL. Without it Weir runs a Redis of its own.');
  const detail = known.message.endsWith('.') ? known.message : `${known.message}: ${text}.`;
  return new WeirError(`the Redis at ${where} cannot be used: ${detail}`, known.hint);
}

const textOf = (error: Error): string => {
  const code = (error as NodeJS.ErrnoException).code;
  return error.message === '' || (code !== undefined && !error.message.includes(code)) ? `${code} ${error.message}`.trim() : error.message;
};
