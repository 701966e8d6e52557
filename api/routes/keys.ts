/** API keys: list, create, revoke. The secret of a new key is in the answer and stored nowhere. */
import type { FastifyPluginAsyncZod } from '@fastify/type-provider-zod';
import type { z } from 'zod';
import { lapsed, type ApiKey } from '../../engine/core/access/api-key.ts';
import { limits } from '../../engine/core/limits.ts';
import { type KeySnapshot, type KeyStore, type StoredKey, newKey } from '../../engine/runtime/access/api-keys.ts';
import type { Audit } from '../../engine/runtime/access/audit.ts';
import { HttpProblem } from '../http/problem.ts';
import { keyList, keyParams, keyRequest, madeKey, shownKey } from '../schemas/keys.ts';
import { problems } from '../schemas/problem.ts';

export type KeyParts = {
  readonly keyStore: KeyStore;
  readonly keys: KeySnapshot;
  readonly audit: Audit;
  /** Epoch ms. */
  readonly now: () => number;
};

const config = { scope: 'admin' } as const;
const tags = ['access'];

/** @param settings keys that are not in the store */
export const keyRoutes =
  ({ keyStore, keys, audit, now }: KeyParts, settings: readonly ApiKey[]): FastifyPluginAsyncZod =>
  async (app) => {
    app.get(
      '/v1/keys',
      {
        config,
        schema: {
          operationId: 'listKeys',
          summary: 'List all keys, including revoked and expired ones',
          tags,
          response: { 200: keyList, ...problems(503) },
        },
      },
      async () => {
        const made = await keyStore.list();
        return { keys: [...settings.map((key) => shown(key, now())), ...made.map((key) => shown(key, now()))] };
      },
    );

    app.post(
      '/v1/keys',
      {
        config: { ...config, givesSecret: true },
        schema: {
          operationId: 'createKey',
          summary: 'Create a key',
          description: 'Once there is a key, every request needs one. The secret is returned only in this answer.',
          tags,
          body: keyRequest,
          response: { 201: madeKey, ...problems(400, 409, 415, 503) },
        },
      },
      async (request, reply) => {
        const key = request.body;
        const expires = key.expires === undefined || key.expires === null ? undefined : Date.parse(key.expires);
        if (expires !== undefined && expires <= now()) throw wrong('expires', 'is in the past');
        if (settings.some(({ name }) => name === key.name)) throw taken(key.name);
        const { key: record, secret } = newKey({ ...key, expires, by: request.who }, now());
        const made = await keyStore.create(record);
        if (made === 'taken') throw taken(key.name);
        if (made === 'full')
          throw new HttpProblem(409, 'too-many-keys', `there are already ${limits.apiKeysMax} valid keys, the maximum; revoke one first`);
        const detail = { scopes: [...record.scopes], expires: key.expires ?? null };
        await audit({ who: request.who, action: 'key.create', subject: key.name, detail });
        await keys.refresh();
        return reply
          .code(201)
          .header('cache-control', 'no-store')
          .send({ ...shown(record, now()), secret });
      },
    );

    app.delete(
      '/v1/keys/:name',
      {
        config,
        schema: {
          operationId: 'revokeKey',
          summary: 'Revoke a key permanently',
          description: 'Revoking it again changes nothing.',
          tags,
          params: keyParams,
          response: { 200: shownKey, ...problems(400, 404, 409, 503) },
        },
      },
      async (request) => {
        const { name } = request.params;
        if (settings.some((key) => key.name === name))
          throw new HttpProblem(409, 'key-of-settings', 'this key comes from WEIR_KEYS or WEIR_KEYS_FILE: remove it there and restart');
        const outcome = await keyStore.revoke(name, now());
        if (outcome === 'missing') throw new HttpProblem(404, 'no-such-key', `no key with the name ${JSON.stringify(name)}`);
        // Written again if it was revoked before: that entry may have failed.
        await audit({ who: request.who, action: 'key.revoke', subject: name, detail: { again: outcome === 'already' } });
        await keys.refresh();
        const key = (await keyStore.list()).find((one) => one.name === name);
        if (key === undefined) throw new HttpProblem(404, 'no-such-key', `no key with the name ${JSON.stringify(name)}`);
        return shown(key, now());
      },
    );
  };

function shown(key: ApiKey & Partial<StoredKey>, now: number): z.output<typeof shownKey> {
  const { name, created, by, expires, revoked } = key;
  const at = (ms: number | undefined): string | null => (ms === undefined ? null : new Date(ms).toISOString());
  return {
    name,
    scopes: [...key.scopes],
    state: lapsed(key, now) ?? 'in-force',
    source: created === undefined ? 'settings' : 'made',
    created: at(created),
    created_by: by ?? null,
    expires: at(expires),
    revoked: at(revoked),
  };
}

const taken = (name: string): HttpProblem =>
  new HttpProblem(409, 'key-name-taken', `the name ${JSON.stringify(name)} is or was in use by another key; choose another`);

const wrong = (field: string, detail: string): HttpProblem =>
  new HttpProblem(400, 'invalid-request', `/body/${field}: ${detail}`, { errors: [{ pointer: `/body/${field}`, detail }] });
