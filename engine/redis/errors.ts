/**
 * Every error of Redis and of the connection to it that Weir distinguishes: its text, its meaning for a request in
 * progress, whether a start waits for it to pass, and what an operator can do about it. One row each. If several rows
 * match a text, the first one that has the requested meaning is used.
 *
 * Everything that must tell an outage from a fault of its own work asks isOutage() or refusalOfError(): workers, ticker,
 * forwarder, deliverer, ingest and the API. A text counts only where Redis, the system or the client library puts its
 * name: an error that quotes an event must not pass for an outage, or the event would be tried for ever.
 */
import { WeirError } from '../errors.ts';
import type { Refusal } from '../runtime/ingest/sink.ts';

type Meaning = {
  readonly code: string;
  readonly reads: RegExp;
  /** For a request in progress: nothing was acknowledged, and the client should retry later. Undefined: a bug, or data that is not Weir's. */
  readonly serving?: { readonly because: Refusal['because']; readonly detail: string };
  /** Redis answered, and refuses to work: the connection is open, so only this says that something is wrong. */
  readonly answered?: true;
  /** The server or the connection to it is coming up: a start waits for it. */
  readonly passes?: true;
  /** If the message has no full stop, the text of Redis is added. */
  readonly operator?: { readonly message: string; readonly hint: string };
};

/** An answer of Redis that begins with this name. Before Redis 7, the error of a script puts its own words before it. */
const answer = (name: string): RegExp => new RegExp(`^(?:ERR Error running script [^@]*@user_script: ?\\d+: ?-?)?(?:${name})(?![\\w-])`);

/** An error of the system: its code, or what was attempted and the code. */
const system = (...codes: string[]): RegExp => new RegExp(`^(?:(?:connect|read|write|shutdown|getaddrinfo) )?(?:${codes.join('|')})\\b`);

/** The permissions that Weir's Redis user needs, as arguments of ACL SETUSER. */
const rights = '~weir:* ~w{* ~{weir-siem}* &* +@all -@admin -@dangerous +info +keys';

const away = (detail: string) => ({ because: 'away', detail }) as const;
const unreachable = away('Redis is not reachable');

/** Redis, or the user it gives to Weir, is in a state in which it does not work for anybody. */
const refusing = <C extends string>(code: C) =>
  ({ code, reads: answer(code), serving: away(`Redis answers ${code}`), answered: true }) as const;

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
    ...refusing('OOM'),
    serving: { because: 'full', detail: 'Redis has reached its maxmemory' },
    operator: {
      message: 'it is full (maxmemory) and was not set up for Weir before.',
      hint: 'Raise maxmemory, or remove what else is in it.',
    },
  },
  {
    ...refusing('NOAUTH'),
    operator: {
      message: 'it asks for a password.',
      hint: 'Put it into REDIS_URL: redis://:PASSWORD@HOST:PORT, or redis://USER:PASSWORD@HOST:PORT.',
    },
  },
  {
    ...refusing('WRONGPASS'),
    reads: answer('WRONGPASS|ERR invalid (?:username-)?password'),
    operator: {
      message: 'it does not accept the user or password of REDIS_URL.',
      hint: 'Correct them; characters such as @ : / # must be percent-encoded in a URL.',
    },
  },
  {
    ...refusing('NOPERM'),
    // From a script, older versions say it in a sentence of their own.
    reads: answer('NOPERM|(?:ERR )?The user executing the script'),
    operator: {
      message: 'its user may not do what Weir needs to',
      hint: `Give the user the rights: ACL SETUSER NAME on >PASSWORD ${rights}`,
    },
  },
  {
    ...refusing('DENIED'),
    operator: {
      message: 'it is in protected mode, which serves only its own machine.',
      hint: 'Give it a password (requirepass, then REDIS_URL=redis://:PASSWORD@HOST:PORT), or bind it to a private address.',
    },
  },
  {
    ...refusing('READONLY'),
    operator: { message: 'it is a read-only replica.', hint: 'Set REDIS_URL to the primary.' },
  },
  {
    ...refusing('MISCONF'),
    operator: {
      message: 'it refuses writes because it cannot save to its disk.',
      hint: 'Make room on its disk, or make it writable; then it goes on by itself.',
    },
  },
  { ...refusing('CLUSTERDOWN'), operator: isCluster },
  { ...refusing('MOVED'), reads: answer('MOVED|CROSSSLOT|ASK|ERR SELECT is not allowed in cluster mode'), operator: isCluster },
  { ...refusing('LOADING'), passes: true },
  { ...refusing('MASTERDOWN'), passes: true },
  {
    ...refusing('NOREPLICAS'),
    operator: {
      message: 'it refuses writes because too few replicas follow it (min-replicas-to-write).',
      hint: 'Bring its replicas back; then it goes on by itself.',
    },
  },
  {
    ...refusing('BUSY'),
    operator: { message: 'it is busy with a script or a module.', hint: 'End the script: SCRIPT KILL.' },
  },
  refusing('TRYAGAIN'),
  refusing('UNBLOCKED'),
  refusing('NOSCRIPT'),
  refusing('IOERR'),
  // Only ever the consequence of one of the others, which stands at another command of the transaction.
  refusing('EXECABORT'),
  {
    ...refusing('unknown-command'),
    reads: answer('ERR unknown (?:sub)?command|(?:ERR )?Unknown Redis command called from (?:Lua )?script'),
    serving: away('Redis lacks a command'),
  },
  {
    ...refusing('no-database'),
    reads: answer('ERR (?:DB index is out of range|invalid DB index)'),
    serving: away('Redis has no such database'),
    operator: {
      message: 'it has no database of the number at the end of REDIS_URL.',
      hint: 'Correct the number, or raise databases in redis.conf: CONFIG GET databases shows how many there are, counted from 0.',
    },
  },
  { code: 'NOGROUP', reads: answer('NOGROUP') },
  { code: 'BUSYGROUP', reads: answer('BUSYGROUP') },
  { code: 'max-clients', reads: answer('ERR max number of clients'), serving: unreachable },
  // Errors of the system.
  { code: 'ENOTFOUND', reads: system('ENOTFOUND'), serving: unreachable, operator: noHost },
  { code: 'EAI_AGAIN', reads: system('EAI_AGAIN'), serving: unreachable, passes: true, operator: noHost },
  { code: 'EAI', reads: system('EAI_\\w+'), serving: unreachable, operator: noHost },
  {
    code: 'ECONNREFUSED',
    reads: system('ECONNREFUSED'),
    serving: unreachable,
    passes: true,
    operator: {
      message: 'nothing listens there.',
      hint: 'Start it, or correct host and port in REDIS_URL. Without REDIS_URL Weir runs a Redis of its own.',
    },
  },
  {
    code: 'ENOENT',
    reads: /^connect ENOENT\b/,
    serving: unreachable,
    passes: true,
    operator: {
      message: 'there is no such socket.',
      hint: 'Start it, or correct the path in REDIS_URL. Without REDIS_URL Weir runs a Redis of its own.',
    },
  },
  {
    code: 'EACCES',
    reads: /^connect (?:EACCES|EPERM)\b/,
    serving: unreachable,
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
  { code: 'ETIMEDOUT', reads: system('ETIMEDOUT', 'EHOSTUNREACH'), serving: unreachable, passes: true, operator: noAnswer },
  { code: 'ENETUNREACH', reads: system('ENETUNREACH', 'ENETDOWN', 'EHOSTDOWN'), serving: unreachable, operator: noAnswer },
  {
    code: 'no-tls',
    reads:
      /^(?:write )?EPROTO\b.*(?:WRONG_VERSION_NUMBER|wrong version number|packet length too long)|^ERR_SSL_(?:WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG)\b/i,
    serving: unreachable,
    operator: { message: 'it does not speak TLS.', hint: 'Use redis:// in place of rediss:// in REDIS_URL.' },
  },
  {
    code: 'certificate',
    reads:
      /^(?:CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH|INVALID_CA|ERR_TLS_CERT_|self.signed certificate|certificate |unable to (?:verify|get))/,
    serving: unreachable,
    operator: { message: 'its certificate is not trusted.', hint: 'Name the authority that signed it in NODE_EXTRA_CA_CERTS.' },
  },
  { code: 'tls', reads: system('EPROTO', 'ERR_SSL_\\w+', 'ERR_TLS_\\w+'), serving: unreachable, operator: closed },
  {
    code: 'ECONNRESET',
    reads: system('ECONNRESET', 'ECONNABORTED', 'ENETRESET'),
    serving: unreachable,
    passes: true,
    operator: closed,
  },
  { code: 'EPIPE', reads: system('EPIPE', 'ENOTCONN', 'ERR_STREAM_\\w+', 'ERR_SOCKET_\\w+'), serving: unreachable, operator: closed },
  { code: 'exhausted', reads: system('EADDRNOTAVAIL', 'EADDRINUSE', 'EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM'), serving: unreachable },
  // Errors of the client library.
  { code: 'closed', reads: /^Connection is closed\.$/, serving: unreachable, passes: true, operator: closed },
  // A pipeline or a transaction was answered in part.
  { code: 'aborted', reads: /^Command aborted due to connection close$/, serving: unreachable },
  {
    code: 'not-sent',
    reads:
      /^(?:Stream isn't writeable|Reached the max retries|Socket timeout\. |Redis is already connecting|Connection is (?:discarded|aborted)|Connection in subscriber mode)/,
    serving: unreachable,
  },
  // What answers is not a Redis, or something in between spoke for it.
  { code: 'no-redis', reads: /^(?:Unknown RESP type|Command queue state error)/, serving: unreachable, operator: closed },
  {
    code: 'cluster-client',
    reads:
      /^(?:None of startup nodes is available|Failed to refresh slots cache|Cluster is(?:n't ready| ended| disconnect)|Too many Cluster redirections|Node is disconnected|No master node is available|All sentinels are unreachable)/,
    serving: unreachable,
  },
  { code: 'protocol', reads: answer('ERR Protocol error'), operator: closed },
] as const satisfies readonly Meaning[];

const rows: readonly Meaning[] = meanings;

type Code = (typeof meanings)[number]['code'];

/** True if the error is the given row of the table. */
export function isError(error: unknown, code: Code): boolean {
  return error instanceof Error && rows.some((row) => row.code === code && row.reads.test(error.message));
}

/** An answer by which Redis refuses to work, in its own words, and what to do about it. */
export type Refusing = { readonly code: string; readonly text: string; readonly hint: string | undefined };

/** Undefined when the error is something else, as when Redis cannot be reached. */
export function refusingOf(error: unknown): Refusing | undefined {
  const text = textOf(error);
  const row = rows.find(({ answered, reads }) => answered === true && reads.test(text));
  return row === undefined ? undefined : { code: row.code, text: withoutScript(text), hint: row.operator?.hint };
}

/** Without what Redis says of the script that met the error. */
const withoutScript = (text: string): string =>
  text.replace(/^ERR Error running script [^@]*@user_script: ?\d+: ?-?/, '').replace(/ script: \w+, on @user_script:\d+\.?$/, '');

const retryAfterSeconds = { backlog: 1, full: 5, away: 2 } as const;

export const refused = (because: Refusal['because'], detail: string): Refusal => ({
  kind: 'refused',
  because,
  detail,
  retryAfterSeconds: retryAfterSeconds[because],
});

/** Undefined when the error is neither an outage of Redis nor its being full: then it is a fault of the work itself. */
export function refusalOfError(error: unknown): Refusal | undefined {
  const text = textOf(error);
  const serving = rows.find((row) => row.serving !== undefined && row.reads.test(text))?.serving;
  return serving === undefined ? undefined : refused(serving.because, serving.detail);
}

/** Whether Redis, or the way to it, is at fault, and not the work: it is to be done again later, and nothing is given up. */
export const isOutage = (error: unknown): boolean => refusalOfError(error) !== undefined;

/** As refusalOfError(), but never undefined, for clients that must not see a bug as such: whatever failed, nothing was acknowledged. */
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
