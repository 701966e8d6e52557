import { describe, expect, it, test } from 'vitest';
import { isError, passes, refusalFor, refusalOfError, unusable } from '../../engine/redis/errors.ts';

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
    'MOVED 3999 127.0.0.1:6381',
    'WRONGPASS invalid username-password pair or user is disabled.',
    'Cannot read properties of undefined',
  ])('%s is a bug or a wrong setting', (text) => {
    expect(refusalOfError(failing(text))).toBeUndefined();
    expect(refusalFor(failing(text))).toMatchObject({ because: 'away', detail: 'Redis refused the write' });
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
