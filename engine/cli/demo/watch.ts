/**
 * The demo's consumer: polls `GET /v1/alerts`, as an integration would, and records when each alert first appears. The
 * times are what a client sees: up to one pause longer than the engine took.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Alert } from '../../core/alert/alert.ts';
import { WeirError } from '../../errors.ts';

const pauseMs = 20;
/** Alerts are stored in order of creation, give or take this. */
const overlapMs = 2000;

export type Seen = { readonly alert: Alert; readonly at: number };
type Page = { readonly alerts: Alert[]; readonly next_cursor: string | null };

export type Watch = {
  readonly seen: ReadonlyMap<string, Seen>;
  /** Fetches all alerts once more, and stops. @returns them in order of creation */
  finish(): Promise<Seen[]>;
};

/** @param onAlert called once for each alert */
export function watch(url: string, onAlert: (alert: Alert) => void, signal: AbortSignal): Watch {
  const seen = new Map<string, Seen>();
  const done = new AbortController();
  let newest = 0;

  async function look(sinceMs: number): Promise<void> {
    let cursor: string | null = null;
    do {
      const page = await ask(url, sinceMs, cursor, signal);
      const at = Date.now();
      for (const alert of page.alerts.toReversed()) {
        newest = Math.max(newest, Date.parse(alert.created));
        if (seen.has(alert.id)) continue;
        seen.set(alert.id, { alert, at });
        onAlert(alert);
      }
      cursor = page.next_cursor;
    } while (cursor !== null);
  }

  async function run(): Promise<void> {
    while (!done.signal.aborted) {
      await look(Math.max(0, newest - overlapMs));
      await sleep(pauseMs, undefined, { signal: done.signal }).catch(() => undefined);
    }
  }
  const running = run();
  running.catch(() => undefined); // finish() reports the error
  return {
    seen,
    async finish() {
      done.abort();
      await running;
      await look(0);
      return [...seen.values()].toSorted((a, b) => Date.parse(a.alert.created) - Date.parse(b.alert.created));
    },
  };
}

async function ask(url: string, sinceMs: number, cursor: string | null, signal: AbortSignal): Promise<Page> {
  const query = new URLSearchParams({ limit: '500', since: new Date(sinceMs).toISOString(), ...(cursor === null ? {} : { cursor }) });
  for (;;) {
    const answer = await fetch(`${url}/v1/alerts?${query}`, { signal });
    if (answer.ok) return (await answer.json()) as Page;
    const text = await answer.text();
    if (answer.status !== 503) throw new WeirError(`the API did not list its alerts: ${answer.status} ${text.slice(0, 500)}`, '');
    await sleep(1000 * Number(answer.headers.get('retry-after') ?? 1), undefined, { signal });
  }
}
