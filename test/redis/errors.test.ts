import { MaxRetriesPerRequestError } from 'ioredis/built/errors/index.js';
import { globSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { isError, isOutage, passes, refusalFor, refusalOfError, unusable } from '../../engine/redis/errors.ts';

const failing = (message: string, code?: string): Error => Object.assign(new Error(message), code === undefined ? {} : { code });

describe('for the operator', () => {
  it.each([
    ['NOAUTH Authentication required.', 'asks for a password', 'redis://:PASSWORD@'],
    ['WRONGPASS invalid username-password pair or user is disabled.', 'does not accept', 'percent-encoded'],
    ['DENIED Redis is running in protected mode because protected mode is enabled', 'protected mode', 'requirepass'],
    ["NOPERM this user has no permissions to run the 'eval' command", 'may not do what Weir needs to: NOPERM this user', 'ACL SETUSER'],
    ["READONLY You can't write against a read only replica.", 'read-only replica', 'primary'],
    ['MISCONF Redis is configured to save RDB snapshots', 'cannot save', 'Make room'],
    ["OOM command not allowed when used memory > 'maxmemory'.", 'is full (maxmemory)', 'Raise maxmemory'],
    ['MOVED 3999 127.0.0.1:6381', 'cluster mode', 'cluster-enabled no'],
    ["CROSSSLOT Keys in request don't hash to the same slot", 'cluster mode', 'cluster-enabled no'],
    ['CLUSTERDOWN Hash slot not served', 'cluster mode', 'cluster-enabled no'],
    ['getaddrinfo ENOTFOUND db', 'host name is not known', 'name service'],
    ['connect ECONNREFUSED 127.0.0.1:1', 'nothing listens there', 'host and port'],
    ['connect ENOENT /no/such.sock', 'no such socket', 'correct the path'],
    ['connect EACCES /a.sock', 'may not open its socket', 'group of the socket'],
    ['connect ETIMEDOUT', 'does not answer', 'firewall'],
    ['Command timed out', 'does not answer', 'firewall'],
    ['write EPROTO 80:error:0A00010B:SSL routines:tls_validate_record_header:wrong version number', 'does not speak TLS', 'redis://'],
    ['self-signed certificate', 'not trusted', 'NODE_EXTRA_CA_CERTS'],
    ['read ECONNRESET', 'closed the connection', 'rediss://'],
    ['Connection is closed.', 'closed the connection', 'rediss://'],
    ['ERR something new', 'ERR something new', 'REDIS_URL'],
    ['LOADING Redis is loading the dataset in memory', 'cannot be used: LOADING', 'REDIS_URL'],
  ])('%s', (text, message, hint) => {
    const error = unusable(failing(text), 'db:6379');
    expect(error.message).toContain(`the Redis at db:6379 cannot be used: `);
    expect(error.message).toContain(message);
    expect(error.hint).toContain(hint);
  });

  it('the error code of the system is used when the message does not contain it', () => {
    expect(unusable(failing('', 'ECONNREFUSED'), 'db:6379').message).toContain('nothing listens there');
    expect(passes(failing('', 'ECONNREFUSED'))).toBe(true);
  });
});

describe('for a request in progress', () => {
  it.each([
    ["OOM command not allowed when used memory > 'maxmemory'.", 'full', 'Redis has reached its maxmemory', 5],
    // Redis 6 wraps the error of a script like this.
    [
      "ERR Error running script (call to f_1): @user_script:5: -OOM command not allowed when used memory > 'maxmemory'.",
      'full',
      'maxmemory',
      5,
    ],
    ['ERR Error running script (call to f_1): @user_script:5: -READONLY You can not write', 'away', 'Redis answers READONLY', 2],
    ['LOADING Redis is loading the dataset in memory', 'away', 'Redis answers LOADING', 2],
    ['MISCONF Redis is configured to save RDB snapshots', 'away', 'Redis answers MISCONF', 2],
    ['BUSY Redis is busy running a script.', 'away', 'Redis answers BUSY', 2],
    ['UNBLOCKED force unblock from blocking operation', 'away', 'Redis answers UNBLOCKED', 2],
    ['NOSCRIPT No matching script. Please use EVAL.', 'away', 'Redis answers NOSCRIPT', 2],
    ['CLUSTERDOWN Hash slot not served', 'away', 'Redis answers CLUSTERDOWN', 2],
    ['NOAUTH Authentication required.', 'away', 'Redis answers NOAUTH', 2],
    ["NOPERM this user has no permissions to run the 'eval' command", 'away', 'Redis answers NOPERM', 2],
    ['Command timed out', 'away', 'Redis did not answer in time', 2],
    ['Connection is closed.', 'away', 'Redis is not reachable', 2],
    ["Stream isn't writeable and enableOfflineQueue options is false", 'away', 'Redis is not reachable', 2],
    ['Reached the max retries per request limit (which is 0).', 'away', 'Redis is not reachable', 2],
    ["Socket timeout. Expecting data, but didn't receive any in 4000ms.", 'away', 'Redis is not reachable', 2],
    ['ERR max number of clients reached', 'away', 'Redis is not reachable', 2],
    ['Command aborted due to connection close', 'away', 'Redis is not reachable', 2],
    ['connect ENOENT /a.sock', 'away', 'Redis is not reachable', 2],
    ['getaddrinfo EAI_AGAIN db', 'away', 'Redis is not reachable', 2],
  ])('%s', (text, because, detail, retryAfterSeconds) => {
    expect(refusalOfError(failing(text))).toEqual({
      kind: 'refused',
      because,
      detail: expect.stringContaining(detail) as string,
      retryAfterSeconds,
    });
  });

  it.each([
    'WRONGTYPE Operation against a key holding the wrong kind of value',
    'ERR value is not an integer or out of range',
    "NOGROUP No such key 'a' or consumer group 'b'",
    'BUSYGROUP Consumer Group name already exists',
    'INVALIDOBJ Corrupted HLL object detected',
    "ERR Protocol error: expected '$', got 'x'",
    "ERR wrong number of arguments for 'get' command",
    'ERR user_script:5: attempt to index a nil value script: f, on @user_script:5.',
    'ERR Error running script (call to f_1): @user_script:5: user_script:5: bad argument #1',
    'EXEC without MULTI',
    'Cannot read properties of undefined',
    // What an event says of itself, in an error that quotes it.
    `Unexpected token 'L', "LOADING Redis is loading" is not valid JSON`,
    'unknown field "Command aborted due to connection close"',
    'no user named "ECONNRESET"',
    "ENOENT: no such file or directory, open 'x'",
    'Invalid count value: READONLY',
    'the entry is from BUSY',
  ])('%s is no outage', (text) => {
    expect(refusalOfError(failing(text))).toBeUndefined();
    expect(refusalFor(failing(text))).toMatchObject({ because: 'away', detail: 'Redis refused the write' });
  });
});

/** As ioredis spells them, gathered from its sources: a new version may bring others. */
describe('each error of the client library', () => {
  const built = join(dirname(createRequire(import.meta.url).resolve('ioredis')));
  const sources = globSync('**/*.js', { cwd: built }).map((file) =>
    readFileSync(join(built, file), 'utf8').replaceAll(/\/\*[^]*?\*\//g, ''),
  );
  const texts = sources.flatMap((source) =>
    [...source.matchAll(/new (?:[\w.]*\.)?(?:Error|AbortError|RedisError)\(\s*(["'`])((?:(?!\1)[^\\]|\\.)+)\1/g)].map((match) =>
      match[2]!.replaceAll(/\$\{[^}]*\}/g, '1').replaceAll(/\\(.)/g, '$1'),
    ),
  );
  /** Of calls that Weir does not make: wrong arguments, options, modes. */
  const misuse =
    /^(?:Invalid (?:argument|option|node key|role)|Requires |The "resp3"|"sendCommand" is not|All (?:the )?keys in (?:a|the) pipeline|Pipeline cannot be used|Connection is in monitoring mode|Sharded subscriber|No sharded subscriber|Possible CROSSSLOT|No subscriber for|`startupNodes`|timeout$)/;

  it('is an outage, or a misuse of the library', () => {
    expect(texts.length).toBeGreaterThan(25);
    expect(texts).toContain('Command aborted due to connection close');
    expect(texts.filter((text) => !misuse.test(text) && !isOutage(new Error(text)))).toEqual([]);
    expect(texts.filter((text) => misuse.test(text) && isOutage(new Error(text)))).toEqual([]);
  });

  it('also where its text stands apart', () => {
    const apart = sources.join('\n').match(/CONNECTION_CLOSED_ERROR_MSG = "([^"]+)"/)![1]!;
    const retries = new MaxRetriesPerRequestError(3);
    expect([new Error(apart), retries].filter((error) => !isOutage(error))).toEqual([]);
  });
});

describe('each error of the socket', () => {
  const codes = [
    'EADDRNOTAVAIL',
    'EAI_AGAIN',
    'EAI_FAIL',
    'ECONNABORTED',
    'ECONNREFUSED',
    'ECONNRESET',
    'EHOSTDOWN',
    'EHOSTUNREACH',
    'EMFILE',
    'ENETDOWN',
    'ENETRESET',
    'ENETUNREACH',
    'ENOBUFS',
    'ENOTCONN',
    'ENOTFOUND',
    'EPIPE',
    'EPROTO',
    'ERR_SSL_WRONG_VERSION_NUMBER',
    'ERR_STREAM_DESTROYED',
    'ERR_STREAM_WRITE_AFTER_END',
    'ERR_SOCKET_CLOSED',
    'ERR_TLS_CERT_ALTNAME_INVALID',
    'CERT_HAS_EXPIRED',
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    'ETIMEDOUT',
  ];
  it.each(codes)('%s, whether its text names it or not', (code) => {
    expect(isOutage(failing('what happened', code))).toBe(true);
    expect(isOutage(failing('', code))).toBe(true);
    if (/^E[A-Z]/.test(code) && !code.startsWith('ERR')) expect(isOutage(failing(`read ${code}`, code))).toBe(true);
  });

  it('of a socket in the file system, but not of a file', () => {
    for (const code of ['ENOENT', 'EACCES', 'EPERM']) {
      expect(isOutage(failing(`connect ${code} /a.sock`, code))).toBe(true);
      expect(isOutage(failing(`${code}: no, open '/a.yaml'`, code))).toBe(false);
    }
  });
});

describe('each answer by which Redis refuses to work', () => {
  const answers = [
    'ASK 3999 127.0.0.1:6381',
    'BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.',
    'CLUSTERDOWN The cluster is down',
    "CROSSSLOT Keys in request don't hash to the same slot",
    'DENIED Redis is running in protected mode because protected mode is enabled',
    'EXECABORT Transaction discarded because of previous errors.',
    'IOERR error or timeout connecting to the client',
    'LOADING Redis is loading the dataset in memory',
    "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
    'MISCONF Errors writing to the AOF file: No space left on device',
    'MOVED 3999 127.0.0.1:6381',
    'NOAUTH Authentication required.',
    "NOPERM this user has no permissions to run the 'evalsha' command",
    'NOREPLICAS Not enough good replicas to write.',
    'NOSCRIPT No matching script. Please use EVAL.',
    "OOM allow-oom flag is not set on the script, can not run it when used memory > 'maxmemory'",
    'READONLY Can not run script with write flag on readonly replica',
    'TRYAGAIN Multiple keys request during rehashing of slot',
    'UNBLOCKED the stream key no longer exists',
    'WRONGPASS invalid username-password pair or user is disabled.',
    'ERR DB index is out of range',
    'ERR invalid password',
    'ERR max number of clients + cluster connections reached',
    "ERR unknown command 'XAUTOCLAIM', with args beginning with: ",
    'ERR Unknown Redis command called from script script: f, on @user_script:9.',
    "ERR The user executing the script can't run this command or subcommand script: f, on @user_script:9.",
  ];
  it.each(answers)('%s', (text) => {
    expect(isOutage(failing(text))).toBe(true);
    const inScript = `ERR Error running script (call to f_9): @user_script:9: -${text}`;
    if (!text.startsWith('ERR')) expect(isOutage(failing(inScript))).toBe(true);
  });
});

test('a start waits for errors that pass by themselves', () => {
  const waited = [
    'connect ECONNREFUSED 127.0.0.1:1',
    'connect ENOENT /a.sock',
    'getaddrinfo EAI_AGAIN db',
    'connect ETIMEDOUT',
    'connect EHOSTUNREACH 10.0.0.1',
    'Command timed out',
    'read ECONNRESET',
    'Connection is closed.',
    'LOADING Redis is loading the dataset in memory',
    'MASTERDOWN Link with MASTER is down',
  ];
  const not = [
    'NOAUTH Authentication required.',
    'getaddrinfo ENOTFOUND db',
    'write EPIPE',
    'connect ENETUNREACH 10.0.0.1',
    'OOM command not allowed',
  ];
  expect(waited.filter((text) => !passes(failing(text)))).toEqual([]);
  expect(not.filter((text) => passes(failing(text)))).toEqual([]);
});

test('isError() finds an error by its code', () => {
  expect(isError(failing('BUSYGROUP Consumer Group name already exists'), 'BUSYGROUP')).toBe(true);
  expect(isError(failing('BUSYGROUP Consumer Group name already exists'), 'BUSY')).toBe(false);
  // Redis 6 wraps the error of a script like this.
  expect(isError(failing("ERR Error running script (call to f_1): @user_script:8: -NOGROUP No such key 'a'"), 'NOGROUP')).toBe(true);
  expect(isError('NOGROUP', 'NOGROUP')).toBe(false);
});
