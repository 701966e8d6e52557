/** An API for triage tests: on the store in memory, with one key, and with the audit log in a list. It is made anew for each test. */
import { afterEach, beforeEach } from 'vitest';
import type { FastifyInstance } from 'fastify';
import { buildApp } from '../../../api/app.ts';
import { hashOf } from '../../../engine/core/access/api-key.ts';
import type { AuditEntry } from '../../../engine/runtime/access/audit.ts';
import { alertOf, iso, noon } from '../../support/alerts.ts';
import { idleParts } from '../../support/api.ts';
import { createAlertStore, type MemoryAlertStore } from '../../support/memory/alert-store.ts';

let app: FastifyInstance;
/** Holds al_a, and al_b, which is newer and low. */
export let store: MemoryAlertStore;
export let audited: AuditEntry[];
let auditFails = false;
/** From now on the audit log takes nothing, or takes entries again. */
export const failAudit = (fails: boolean): void => void (auditFails = fails);

beforeEach(async () => {
  store = createAlertStore();
  audited = [];
  auditFails = false;
  const audit = async (entry: AuditEntry): Promise<void> => {
    if (auditFails) throw new Error('Connection is closed.');
    audited.push(entry);
  };
  const keys = [{ name: 'ann', scopes: ['read', 'triage'] as const, hash: hashOf('secret-of-ann-0123456789') }];
  app = await buildApp({ ...idleParts(), alerts: store, triage: store.triage, audit }, { version: 'test', keys });
  await store.put([alertOf('a'), alertOf('b', { created: iso(noon + 1), level: 'low' })]);
});
afterEach(() => app.close());

const authorization = 'Bearer secret-of-ann-0123456789';
export const patch = async (id: string, payload: object | string, seen?: string) =>
  app.inject({
    method: 'PATCH',
    url: `/v1/alerts/${id}`,
    payload,
    headers: { authorization, 'content-type': 'application/json', ...(seen === undefined ? {} : { 'if-match': seen }) },
  });
export const get = async (url: string) => app.inject({ method: 'GET', url, headers: { authorization } });
export const bulk = async (payload: object) =>
  app.inject({ method: 'POST', url: '/v1/alerts/triage', payload, headers: { authorization } });
