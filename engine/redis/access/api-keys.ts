/**
 * API keys in Redis: a hash of records that never change (name → record), and a hash of when each was revoked. Both
 * are written with HSETNX, so that no key replaces another and no revocation is taken back, whoever does it twice.
 *
 * API processes hold a snapshot and read it anew each second. While Redis is away the last one counts: whoever had a
 * key keeps it, and a request is not made to wait. Tried: asking Redis at each request, which put a round trip in
 * front of every answer.
 */
import { lapsed } from '../../core/access/api-key.ts';
import { limits } from '../../core/limits.ts';
import type { KeySnapshot, KeyStore, StoredKey } from '../../runtime/access/api-keys.ts';
import type { Redis } from '../connection.ts';
import { keys } from '../keys.ts';

export function openKeyStore(redis: Redis): KeyStore {
  async function list(): Promise<StoredKey[]> {
    const [records, revoked] = await Promise.all([redis.hgetall(keys.apiKeys), redis.hgetall(keys.apiKeysRevoked)]);
    return Object.entries(records)
      .map(([name, text]) => ({
        ...(JSON.parse(text) as StoredKey),
        name,
        ...(revoked[name] === undefined ? {} : { revoked: Number(revoked[name]) }),
      }))
      .toSorted((a, b) => a.created - b.created || (a.name < b.name ? -1 : 1));
  }

  /** Makes room by forgetting what no longer counts, the oldest first. */
  async function hasRoom(now: number): Promise<boolean> {
    const all = await list();
    const excess = all.length + 1 - limits.apiKeysMax;
    if (excess <= 0) return true;
    const dead = all.filter((key) => lapsed(key, now) !== undefined).slice(0, excess);
    for (const { name } of dead) {
      await redis.hdel(keys.apiKeys, name);
      await redis.hdel(keys.apiKeysRevoked, name);
    }
    return dead.length === excess;
  }

  return {
    list,
    async create({ name, ...record }) {
      if ((await redis.hexists(keys.apiKeys, name)) === 1) return 'taken';
      if (!(await hasRoom(record.created))) return 'full';
      return (await redis.hsetnx(keys.apiKeys, name, JSON.stringify(record))) === 1 ? 'made' : 'taken';
    },
    async revoke(name, now) {
      if ((await redis.hexists(keys.apiKeys, name)) === 0) return 'missing';
      return (await redis.hsetnx(keys.apiKeysRevoked, name, String(now))) === 1 ? 'revoked' : 'already';
    },
  };
}

export type OpenSnapshot = KeySnapshot &
  Disposable & {
    /** Fulfilled when Redis was first read; never while it is away. */
    readonly opened: Promise<void>;
  };

export function openKeySnapshot(
  redis: Redis,
  store: KeyStore = openKeyStore(redis),
  refreshMs: number = limits.apiKeysRefreshMs,
): OpenSnapshot {
  const first = Promise.withResolvers<void>();
  let last: readonly StoredKey[] | undefined;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  async function refresh(): Promise<void> {
    last = await store.list();
    first.resolve();
  }
  async function loop(): Promise<void> {
    if (redis.status === 'ready') await refresh().catch(() => undefined);
    if (!stopped) timer = setTimeout(() => void loop(), last === undefined ? Math.min(refreshMs, 50) : refreshMs).unref();
  }
  void loop();
  return {
    opened: first.promise,
    current: () => last,
    refresh,
    [Symbol.dispose]() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
