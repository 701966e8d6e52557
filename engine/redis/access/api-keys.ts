/**
 * API keys in Redis: a hash of records that never change (name → record), and a hash of when each was revoked. Both
 * are written with HSETNX, so a repeated write neither replaces a key nor changes a revocation.
 *
 * API processes hold a snapshot and refresh it each second. While Redis is unavailable they use the last snapshot: known
 * keys stay valid, and no request waits. The same holds if Redis lost its keys (FLUSHALL, a new Redis in its place), so
 * that an API that required keys does not open. Tried: asking Redis at each request, which added a round trip to every
 * response.
 */
import { lapsed } from '../../core/access/api-key.ts';
import { limits } from '../../core/limits.ts';
import type { KeySnapshot, KeyStore, StoredKey } from '../../runtime/access/api-keys.ts';
import { commandsOn, type RedisNodes } from '../commands.ts';
import { command } from '../commands/call.ts';
import { keys } from '../keys.ts';

export function openKeyStore(nodes: RedisNodes): KeyStore {
  const redis = commandsOn(nodes);

  async function list(): Promise<StoredKey[]> {
    const [records, revoked] = (
      await redis.send<Record<string, string>>([command('hgetall', keys.apiKeys), command('hgetall', keys.apiKeysRevoked)])
    ).map((row) => new Map(Object.entries(row)));
    return [...records!]
      .map(([name, text]) => ({
        ...(JSON.parse(text) as StoredKey),
        name,
        ...(revoked!.has(name) ? { revoked: Number(revoked!.get(name)) } : {}),
      }))
      .toSorted((a, b) => a.created - b.created || (a.name < b.name ? -1 : 1));
  }

  /** Makes room by deleting keys that are no longer valid, the oldest first. */
  async function hasRoom(now: number): Promise<boolean> {
    const all = await list();
    const excess = all.length + 1 - limits.apiKeysMax;
    if (excess <= 0) return true;
    const dead = all.filter((key) => lapsed(key, now) !== undefined).slice(0, excess);
    for (const { name } of dead) {
      await redis.ask(command('hdel', keys.apiKeys, name));
      await redis.ask(command('hdel', keys.apiKeysRevoked, name));
    }
    return dead.length === excess;
  }

  const exists = async (name: string): Promise<boolean> => (await redis.ask(command('hexists', keys.apiKeys, name))) === 1;

  return {
    list,
    async create({ name, ...record }) {
      if (await exists(name)) return 'taken';
      if (!(await hasRoom(record.created))) return 'full';
      return (await redis.ask(command('hsetnx', keys.apiKeys, name, JSON.stringify(record)))) === 1 ? 'made' : 'taken';
    },
    async revoke(name, now) {
      if (!(await exists(name))) return 'missing';
      return (await redis.ask(command('hsetnx', keys.apiKeysRevoked, name, now))) === 1 ? 'revoked' : 'already';
    },
  };
}

export type OpenSnapshot = KeySnapshot &
  Disposable & {
    /** Fulfilled after the first read from Redis; pending while Redis is unavailable. */
    readonly opened: Promise<void>;
  };

export function openKeySnapshot(
  nodes: RedisNodes,
  store: KeyStore = openKeyStore(nodes),
  refreshMs: number = limits.apiKeysRefreshMs,
): OpenSnapshot {
  const redis = commandsOn(nodes);
  const first = Promise.withResolvers<void>();
  let last: readonly StoredKey[] | undefined;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  async function refresh(): Promise<void> {
    const found = await store.list();
    // Keys are never deleted without another in their place: where there were some and are none, Redis lost its data.
    // Those that were known stay in force until the process ends, or until there are new ones.
    if (found.length > 0 || last === undefined) last = found;
    first.resolve();
  }
  async function loop(): Promise<void> {
    if (redis.ready()) await refresh().catch(() => undefined);
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
