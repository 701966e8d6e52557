/**
 * Every error of Redis and of the connection to it that Weir distinguishes: its text, its meaning for a request in
 * progress, whether a start waits for it to pass, and what an operator can do about it. One row each. If several rows
 * match a text, the first one that has the requested meaning is used.
 */
import { WeirError } from '../errors.ts';
import type { Refusal } from '../runtime/ingest/sink.ts';

type Meaning = {
  readonly code: string;
  /** Matches the text. Before Redis 7, a script's error is in the middle of a sentence. */
  readonly reads: RegExp;
  /** For a request in progress: nothing was acknowledged, and the client should retry later. Undefined: a bug or a wrong setting. */
  readonly serving?: { readonly because: Refusal['because']; readonly detail: string };
  /** The server or the connection to it is coming up: a start waits for it. */
  readonly passes?: true;
  /** If the message has no full stop, the text of Redis is added. */
  readonly operator?: { readonly message: string; readonly hint: string };
};

/** The permissions that Weir's Redis user needs, as arguments of ACL SETUSER. */
const rights = '~weir:* ~w{* ~{weir-siem}* &* +@all -@admin -@dangerous +info +keys';

const away = (detail: string) => ({ because: 'away', detail }) as const;
const answers = (code: string) => away(`Redis answers ${code}`);
const unreachable = away('Redis is not reachable');

const noHost = { message: 'its host name is not known.', hint: 'Correct the host in REDIS_URL, or the name service.' };
const noAnswer = { message: 'it does not answer.', hint: 'Look for a firewall in between, or a wrong address in REDIS_URL.' };
const isCluster = { message: 'it runs in cluster mode.', hint: 'Set REDIS_URL to a Redis with cluster-enabled no.' };
const closed = {
  message: 'it closed the connection.',
  hint: 'It may want TLS (rediss:// in REDIS_URL), or is not a Redis.',
};

const meanings = [
  // Errors that Redis answers.
  {
    code: 'OOM',
    reads: /OOM command not allowed/,
    serving: { because: 'full', detail: 'Redis has reached its maxmemory' },
    operator: {
      message: 'it is full (maxmemory) and was not set up for Weir before.',
      hint: 'Raise maxmemory, or remove what else is in it.',
    },
  },
  {
    code: 'NOAUTH',
    reads: /\bNOAUTH\b|Authentication required/,
    serving: answers('NOAUTH'),
    operator: {
      message: 'it asks for a password.',
      hint: 'Put it into REDIS_URL: redis://:PASSWORD@HOST:PORT, or redis://USER:PASSWORD@HOST:PORT.',
    },
  },
  {
    code: 'WRONGPASS',
    reads: /^WRONGPASS|invalid (username-password|password)/,
    operator: {
      message: 'it does not accept the user or password of REDIS_URL.',
      hint: 'Correct them; characters such as @ : / # must be percent-encoded in a URL.',
    },
  },
  {
    code: 'NOPERM',
    reads: /\bNOPERM\b|no permissions/,
    serving: answers('NOPERM'),
    operator: {
      message: 'its user may not do what Weir needs to',
      hint: `Give the user the rights: ACL SETUSER NAME on >PASSWORD ${rights}`,
    },
  },
  {
    code: 'DENIED',
    reads: /^DENIED/,
    operator: {
      message: 'it is in protected mode, which serves only its own machine.',
      hint: 'Give it a password (requirepass, then REDIS_URL=redis://:PASSWORD@HOST:PORT), or bind it to a private address.',
    },
  },
  {
    code: 'READONLY',
    reads: /\bREADONLY\b/,
    serving: answers('READONLY'),
    operator: { message: 'it is a read-only replica.', hint: 'Set REDIS_URL to the primary.' },
  },
  {
    code: 'MISCONF',
    reads: /\bMISCONF\b/,
    serving: answers('MISCONF'),
    operator: {
      message: 'it refuses writes because it cannot save to its disk.',
      hint: 'Make room on its disk, or make it writable; then it goes on by itself.',
    },
  },
  { code: 'CLUSTERDOWN', reads: /\bCLUSTERDOWN\b/, serving: answers('CLUSTERDOWN'), operator: isCluster },
  { code: 'MOVED', reads: /^(MOVED|CROSSSLOT)|SELECT is not allowed in cluster mode/, operator: isCluster },
  {
    code: 'no-database',
    reads: /DB index is out of range|invalid DB index/i,
    operator: {
      message: 'it has no database of the number at the end of REDIS_URL.',
      hint: 'Correct the number, or raise databases in redis.conf: CONFIG GET databases shows how many there are, counted from 0.',
    },
  },
  { code: 'LOADING', reads: /\bLOADING\b/, serving: answers('LOADING'), passes: true },
  { code: 'MASTERDOWN', reads: /\bMASTERDOWN\b/, serving: answers('MASTERDOWN'), passes: true },
  { code: 'NOREPLICAS', reads: /\bNOREPLICAS\b/, serving: answers('NOREPLICAS') },
  { code: 'BUSY', reads: /\bBUSY\b/, serving: answers('BUSY') },
  { code: 'TRYAGAIN', reads: /\bTRYAGAIN\b/, serving: answers('TRYAGAIN') },
  { code: 'UNBLOCKED', reads: /\bUNBLOCKED\b/, serving: answers('UNBLOCKED') },
  { code: 'NOSCRIPT', reads: /\bNOSCRIPT\b/, serving: answers('NOSCRIPT') },
  { code: 'NOGROUP', reads: /\bNOGROUP\b/ },
  { code: 'BUSYGROUP', reads: /\bBUSYGROUP\b/ },
  { code: 'max-clients', reads: /max number of clients/, serving: unreachable },
  // Errors of the system and the client library.
  { code: 'ENOTFOUND', reads: /ENOTFOUND/, serving: unreachable, operator: noHost },
  { code: 'EAI_AGAIN', reads: /EAI_AGAIN/, serving: unreachable, passes: true, operator: noHost },
  {
    code: 'ECONNREFUSED',
    reads: /ECONNREFUSED/,
    serving: unreachable,
    passes: true,
    operator: {
      message: 'nothing listens there.',
      hint: 'Start it, or correct host and port in REDIS_URL. Without REDIS_URL Weir runs a Redis of its own.',
    },
  },
  {
    code: 'ENOENT',
    reads: /ENOENT/,
    serving: unreachable,
    passes: true,
    operator: {
      message: 'there is no such socket.',
      hint: 'Start it, or correct the path in REDIS_URL. Without REDIS_URL Weir runs a Redis of its own.',
    },
  },
  {
    code: 'EACCES',
    reads: /EACCES|EPERM/,
    operator: {
      message: 'this user may not open its socket.',
      hint: 'Add the user to the group of the socket, or set unixsocketperm.',
    },
  },
  {
    code: 'command-timeout',
    reads: /^Command timed out$/,
    serving: away('Redis did not answer in time'),
    passes: true,
    operator: noAnswer,
  },
  { code: 'ETIMEDOUT', reads: /ETIMEDOUT|EHOSTUNREACH/, serving: unreachable, passes: true, operator: noAnswer },
  { code: 'ENETUNREACH', reads: /ENETUNREACH/, serving: unreachable, operator: noAnswer },
  { code: 'timeout', reads: /timed out/i, passes: true, operator: noAnswer },
  {
    code: 'no-tls',
    reads: /WRONG_VERSION_NUMBER|wrong version number|packet length too long/i,
    operator: { message: 'it does not speak TLS.', hint: 'Use redis:// in place of rediss:// in REDIS_URL.' },
  },
  {
    code: 'certificate',
    reads: /CERT|certificate|self.signed/i,
    operator: { message: 'its certificate is not trusted.', hint: 'Name the authority that signed it in NODE_EXTRA_CA_CERTS.' },
  },
  { code: 'ECONNRESET', reads: /ECONNRESET|Connection is closed/i, serving: unreachable, passes: true, operator: closed },
  { code: 'EPIPE', reads: /EPIPE/, serving: unreachable, operator: closed },
  { code: 'protocol', reads: /Protocol error/i, operator: closed },
  // A pipeline was answered in part.
  { code: 'aborted', reads: /aborted due to connection close/, serving: unreachable },
  { code: 'not-sent', reads: /isn't writeable|Reached the max retries|Socket timeout/, serving: unreachable },
] as const satisfies readonly Meaning[];

const rows: readonly Meaning[] = meanings;

type Code = (typeof meanings)[number]['code'];

/** True if the error is the given row of the table. */
export function isError(error: unknown, code: Code): boolean {
  return error instanceof Error && rows.some((row) => row.code === code && row.reads.test(error.message));
}

const retryAfterSeconds = { backlog: 1, full: 5, away: 2 } as const;

export const refused = (because: Refusal['because'], detail: string): Refusal => ({
  kind: 'refused',
  because,
  detail,
  retryAfterSeconds: retryAfterSeconds[because],
});

/** Undefined when the error does not mean that Redis is unavailable or full: then it is a bug. */
export function refusalOfError(error: unknown): Refusal | undefined {
  const text = textOf(error);
  const serving = rows.find((row) => row.serving !== undefined && row.reads.test(text))?.serving;
  return serving === undefined ? undefined : refused(serving.because, serving.detail);
}

/** The same, but never undefined, for clients that must not see a bug as such: whatever failed, nothing was acknowledged. */
export const refusalFor = (error: unknown): Refusal => refusalOfError(error) ?? refused('away', 'Redis refused the write');

/** True if a start waits for the error to pass. */
export const passes = (error: Error): boolean => {
  const text = textOf(error);
  return rows.some((row) => row.passes === true && row.reads.test(text));
};

/**
 * The reason why a Redis cannot be used, and what to do about it.
 * @param where its address without the password
 */
export function unusable(error: Error, where: string): WeirError {
  const text = textOf(error);
  const operator = rows.find((row) => row.operator !== undefined && row.reads.test(text))?.operator;
  if (operator === undefined)
    return new WeirError(`the Redis at ${where} cannot be used: ${text}`, 'Correct REDIS_URL. Without it Weir runs a Redis of its own.');
  const detail = operator.message.endsWith('.') ? operator.message : `${operator.message}: ${text}.`;
  return new WeirError(`the Redis at ${where} cannot be used: ${detail}`, operator.hint);
}

/** The message, preceded by the system's error code if the message does not contain it. */
function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as NodeJS.ErrnoException;
  return error.message === '' || (code !== undefined && !error.message.includes(code))
    ? `${code ?? error.name} ${error.message}`.trim()
    : error.message;
}
