/**
 * Checks the INFO of a Redis against Weir's requirements. Each finding says what was found, what Weir needs, and the
 * command that fixes it. Pure, so that tests cover versions and modes that are not installed.
 */
import { isNewEnough, leastVersion } from '../embedded/find.ts';
import { limits } from '../../core/limits.ts';
import { memoryOf, type Info } from '../info.ts';

export type Finding = {
  readonly check: string;
  readonly level: 'ok' | 'warn' | 'fail';
  readonly message: string;
  /** What to do; empty when ok. */
  readonly remedy: string;
};

export function checkInfo(info: Info): Finding[] {
  return [version(info), mode(info), role(info), policy(info), memory(info), durability(info)].filter((finding) => finding !== undefined);
}

export const ok = (check: string, message: string): Finding => ({ check, level: 'ok', message, remedy: '' });
export const warn = (check: string, message: string, remedy: string): Finding => ({ check, level: 'warn', message, remedy });
export const fail = (check: string, message: string, remedy: string): Finding => ({ check, level: 'fail', message, remedy });

function version(info: Info): Finding {
  const valkey = info.get('valkey_version');
  const number = info.get('redis_version') ?? '';
  const name = valkey === undefined ? `Redis ${number}` : `Valkey ${valkey}`;
  return isNewEnough(number)
    ? ok('version', name)
    : fail(
        'version',
        `this is ${name || 'an unknown server'}; Weir needs ${leastVersion} or newer.`,
        `Upgrade it, or set REDIS_URL to another Redis.`,
      );
}

function mode(info: Info): Finding | undefined {
  const found = info.get('redis_mode') ?? info.get('server_mode') ?? 'standalone';
  if (found === 'sentinel')
    return fail(
      'mode',
      'this is a Sentinel, which holds no data.',
      'Set REDIS_URL to the primary it watches (SENTINEL get-master-addr-by-name NAME).',
    );
  if (found === 'cluster' || info.get('cluster_enabled') === '1') {
    return fail(
      'mode',
      'this Redis runs in cluster mode, in which a plain connection reaches only a part of the keys.',
      'Set REDIS_URL to a Redis with cluster-enabled no.',
    );
  }
  return undefined;
}

function role(info: Info): Finding | undefined {
  if (info.get('role') !== 'slave') return undefined;
  const primary = `${info.get('master_host')}:${info.get('master_port')}`;
  return fail(
    'role',
    'this Redis is a replica and takes no writes.',
    `Set REDIS_URL to its primary, ${primary}, or promote it: REPLICAOF NO ONE.`,
  );
}

function policy(info: Info): Finding {
  const found = info.get('maxmemory_policy') ?? 'unknown';
  if (found === 'noeviction') return ok('policy', 'maxmemory-policy noeviction');
  return fail(
    'policy',
    `maxmemory-policy is ${found}: Redis would throw away windows and alerts when it is full.`,
    'CONFIG SET maxmemory-policy noeviction, and the same in redis.conf (or the parameter group of a managed Redis).',
  );
}

/** As a share of maxmemory. */
const closesAt = `${limits.memoryShareMax * 100} %`;

function memory(info: Info): Finding {
  const { used, max } = memoryOf(info);
  if (max === 0)
    return warn(
      'memory',
      `${mebi(used)} used, maxmemory is not set: Redis grows until the system kills it.`,
      `CONFIG SET maxmemory to what it may use, for example 2gb; ingest then closes at ${closesAt} of it.`,
    );
  if (used > max * limits.memoryShareMax)
    return warn(
      'memory',
      `${mebi(used)} of ${mebi(max)} used: ingest is closed above ${closesAt}.`,
      'Let the workers drain it, raise maxmemory (embedded: WEIR_MAXMEMORY), or shorten WEIR_RETENTION.',
    );
  return ok('memory', `${mebi(used)} of ${mebi(max)} used`);
}

function durability(info: Info): Finding {
  if (info.get('aof_enabled') !== '1') {
    return warn(
      'aof',
      'the append-only file is off: a crash of Redis loses accepted events and alerts.',
      'CONFIG SET appendonly yes, and the same in redis.conf (or a replica and backups of a managed Redis).',
    );
  }
  if (info.get('aof_last_write_status') === 'err')
    return warn('aof', 'the last write of the append-only file failed.', 'Look at its disk: it is full, or read-only.');
  return ok('aof', 'append-only file on');
}

const mebi = (bytes: number): string => `${Math.round(bytes / 1_048_576)} MiB`;
