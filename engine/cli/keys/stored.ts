/** `weir keys create`, `list` and `revoke`: work on the configured Redis, whether or not an engine is running on it. */
import { openCleanup } from '../../cleanup.ts';
import { loadConfig, type Config } from '../../config/config.ts';
import { lapsed, type ApiKey } from '../../core/access/api-key.ts';
import { limits } from '../../core/limits.ts';
import { exitCodes, WeirError } from '../../errors.ts';
import { connect } from '../../redis/connection.ts';
import { isOutage, unusable } from '../../redis/errors.ts';
import { openUsed } from '../../redis/start/open.ts';
import { place } from '../../redis/start/preflight.ts';
import { type KeyStore, type StoredKey, newKey, type KeyWish } from '../../runtime/access/api-keys.ts';
import type { Audit } from '../../runtime/access/audit.ts';
import { storesOn } from '../../stores.ts';
import type { Io } from '../command.ts';

/** The author in the audit log; the space keeps it apart from the name of any key. */
const by = 'weir keys';

type Opened = { readonly config: Config; readonly store: KeyStore; readonly audit: Audit };

async function withStore<T>(io: Io, use: (opened: Opened) => Promise<T>): Promise<T> {
  const config = loadConfig();
  const cleanup = openCleanup();
  try {
    const { url } = cleanup.use(await openUsed(config, io.say));
    const redis = connect(url, 'keys', { maxRetriesPerRequest: 3 });
    redis.on('error', () => undefined); // the command that fails reports the error
    cleanup.defer(() => redis.disconnect());
    const stores = storesOn(redis, config, cleanup);
    return await use({ config, store: stores.keyStore(), audit: stores.audit() }).catch((error: unknown) => {
      throw isOutage(error) ? unusable(error as Error, place(url)) : error;
    });
  } finally {
    await cleanup.close();
  }
}

export const createKey = (wish: Omit<KeyWish, 'by'>, io: Io): Promise<number> =>
  withStore(io, async ({ config, store, audit }) => {
    const { key, secret } = newKey({ ...wish, by }, Date.now());
    const isFirst = config.keys.length === 0 && (await store.list()).length === 0;
    const made = config.keys.some(({ name }) => name === key.name) ? 'taken' : await store.create(key);
    if (made === 'taken')
      throw new WeirError(
        `the key name ${key.name} is taken`,
        'Choose another name; the name of a revoked key cannot be used again.',
        exitCodes.findings,
      );
    if (made === 'full')
      throw new WeirError(
        `the limit of ${limits.apiKeysMax} active keys is reached`,
        'Revoke one: weir keys revoke NAME.',
        exitCodes.findings,
      );
    const expires = timeOf(key.expires) ?? null;
    await audit({ who: by, action: 'key.create', subject: key.name, detail: { scopes: [...key.scopes], expires } });
    await io.print(io.json ? JSON.stringify({ name: key.name, scopes: key.scopes, expires, secret }) : secret);
    io.say(
      `Created ${key.name} with ${key.scopes.join(', ')}${expires === null ? '' : ` until ${expires}`}. The secret is shown only once.`,
    );
    if (isFirst) io.say('This is the first key: from now on, every request to the API needs one.');
    return exitCodes.fine;
  });

export const listKeys = (io: Io): Promise<number> =>
  withStore(io, async ({ config, store }) => {
    const now = Date.now();
    const all: (ApiKey & Partial<StoredKey>)[] = [...config.keys, ...(await store.list())];
    const rows = all.map((key) => ({
      name: key.name,
      scopes: key.scopes,
      state: lapsed(key, now) ?? 'in-force',
      source: key.created === undefined ? 'settings' : 'made',
      created: timeOf(key.created) ?? null,
      created_by: key.by ?? null,
      expires: timeOf(key.expires) ?? null,
      revoked: timeOf(key.revoked) ?? null,
    }));
    const width = Math.max(0, ...rows.map(({ name }) => name.length));
    for (const row of rows) {
      const until = row.revoked ?? row.expires;
      const line = `${row.name.padEnd(width)}  ${row.state.padEnd(8)}  ${row.source.padEnd(8)}  ${row.scopes.join('+')}`;
      await io.print(
        io.json ? JSON.stringify(row) : `${line}${until === null ? '' : `  ${row.revoked === null ? 'until' : 'since'} ${until}`}`,
      );
    }
    if (rows.length === 0) io.say('There are no keys: requests need none.');
    return exitCodes.fine;
  });

export const revokeKey = (name: string, io: Io): Promise<number> =>
  withStore(io, async ({ config, store, audit }) => {
    if (config.keys.some((key) => key.name === name))
      throw new WeirError(`${name} is defined in WEIR_KEYS or WEIR_KEYS_FILE`, 'Remove it there, and restart the API.', exitCodes.findings);
    const outcome = await store.revoke(name, Date.now());
    if (outcome === 'missing') throw new WeirError(`unknown key ${name}`, 'weir keys list shows all keys.', exitCodes.findings);
    await audit({ who: by, action: 'key.revoke', subject: name, detail: { again: outcome === 'already' } });
    io.say(outcome === 'already' ? `${name} was already revoked.` : `Revoked ${name}. This takes effect in a running API within a second.`);
    return exitCodes.fine;
  });

const timeOf = (ms: number | undefined): string | undefined => (ms === undefined ? undefined : new Date(ms).toISOString());
