/** Calls of the API, with the key. Errors are answers too: the server's problem, or a missing answer. */
import { theKey } from './session.ts';
import type { Change, EvidenceSteps, FullAlert, Overview, Readiness, RuleList } from '../state/types.ts';
import type { AlertBrief } from '../../../engine/core/alert/alert.ts';

export type Fault = {
  readonly ok: false;
  /** 0 if there was no answer. */
  readonly status: number;
  readonly detail: string;
};
export type Answer<T> = { readonly ok: true; readonly value: T } | Fault;

type Call = { readonly method?: 'PATCH'; readonly body?: object; readonly ifMatch?: string; readonly signal?: AbortSignal };

let onKeyNeeded = (): void => undefined;
/** The key that the server refused: no further requests are sent with it. */
let refused: string | undefined;
/** Sets the callback for answers of 401. */
export const whenKeyNeeded = (then: () => void): void => void (onKeyNeeded = then);

export const authorization = (): Record<string, string> => (theKey() === '' ? {} : { authorization: `Bearer ${theKey()}` });

/** Longer than any wait of the server. */
const timeoutMs = 30_000;

async function call<T>(path: string, { method, body, ifMatch, signal }: Call = {}): Promise<Answer<T>> {
  if (refused === theKey() && path !== 'readyz') return { ok: false, status: 401, detail: 'API key required' };
  const key = theKey();
  const headers = {
    ...authorization(),
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    ...(ifMatch === undefined ? {} : { 'if-match': ifMatch }),
  };
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetch(path, {
      method: method ?? 'GET',
      headers,
      body: body === undefined ? null : JSON.stringify(body),
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
      cache: 'no-store',
      credentials: 'omit',
    });
    const value: unknown = await response.json();
    // A failing readiness check has a body of its own.
    if (response.ok || path === 'readyz') return { ok: true, value: value as T };
    if (response.status === 401) {
      refused = key;
      onKeyNeeded();
    }
    return { ok: false, status: response.status, detail: (value as { detail?: string }).detail ?? response.statusText };
  } catch {
    return { ok: false, status: 0, detail: 'Weir does not respond' };
  }
}

export type SearchPage = { readonly alerts: readonly AlertBrief[]; readonly next_cursor: string | null };

const alertPath = (id: string): string => `v1/alerts/${encodeURIComponent(id)}`;

const isNote = (body: Change): boolean => Object.keys(body).every((name) => name === 'note');

export const api = {
  search: (query: Readonly<Record<string, string>>, signal: AbortSignal) =>
    call<SearchPage>(`v1/alerts?${String(new URLSearchParams(query))}`, { signal }),
  alert: (id: string) => call<FullAlert>(alertPath(id)),
  evidence: (id: string) => call<EvidenceSteps>(`${alertPath(id)}/evidence`),
  /** A note alone overwrites nothing, so it is sent without If-Match. */
  triage: (id: string, revision: number, body: Change) =>
    call<FullAlert>(alertPath(id), { method: 'PATCH', body, ...(isNote(body) ? {} : { ifMatch: `"${revision}"` }) }),
  rules: () => call<RuleList>('v1/rules'),
  overview: () => call<Overview>('v1/overview'),
  ready: () => call<Readiness>('readyz'),
};
