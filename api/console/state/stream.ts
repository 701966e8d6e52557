/**
 * Follows the alert stream as long as the page is open, with fetch, so that the key can be sent. A connection that is lost,
 * or silent for longer than the server's heartbeat interval, is reopened from the last id: with growing delays while there
 * is no answer, and at once when the browser comes back online.
 */
import type { AlertBrief } from '../../../engine/core/alert/alert.ts';
import { authorization } from '../lib/api.ts';
import { sseReader, type ServerEvent } from '../lib/sse.ts';

export type StreamEvents = {
  /** Whether the stream is connected, waiting to reconnect, or refused. */
  readonly onState: (state: 'live' | 'waiting' | 'refused') => void;
  readonly onAlert: (how: 'created' | 'triaged' | 'counted', alert: AlertBrief) => void;
  /** Something may have been missed. */
  readonly onGap: () => void;
};

/** The server sends a heartbeat every 15 s. */
const silenceMsMax = 40_000;
const waitMsMax = 15_000;

/** @returns a function that ends it */
export function follow(shadow: boolean, { onState, onAlert, onGap }: StreamEvents): () => void {
  const end = new AbortController();
  let from = '';
  let tries = 0;
  let wake = (): void => undefined;

  function take({ event, data }: ServerEvent): void {
    if (event === 'reset') return onGap();
    const { change, alert } = JSON.parse(data) as { change: 'created' | 'count' | 'triage'; alert: AlertBrief };
    onAlert(({ created: 'created', count: 'counted', triage: 'triaged' } as const)[change], alert);
  }

  async function once(): Promise<'broken' | 'refused'> {
    const line = new AbortController();
    const stop = (): void => line.abort();
    end.signal.addEventListener('abort', stop);
    let timer = setTimeout(stop, silenceMsMax);
    try {
      const headers = { ...authorization(), accept: 'text/event-stream', ...(from === '' ? {} : { 'last-event-id': from }) };
      const response = await fetch(`v1/alerts/stream${shadow ? '?shadow=true' : ''}`, {
        headers,
        signal: line.signal,
        cache: 'no-store',
        credentials: 'omit',
      });
      if (!response.ok || response.body === null) return response.status === 401 || response.status === 403 ? 'refused' : 'broken';
      // Without an id to continue from, changes during the outage are lost.
      if (from === '' && tries > 0) onGap();
      tries = 0;
      onState('live');
      const reader = sseReader(from);
      for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
        clearTimeout(timer);
        timer = setTimeout(stop, silenceMsMax);
        for (const event of reader.push(text)) take(event);
        from = reader.lastId;
      }
      return 'broken';
    } catch {
      return 'broken';
    } finally {
      clearTimeout(timer);
      end.signal.removeEventListener('abort', stop);
    }
  }

  async function run(): Promise<void> {
    while (!end.signal.aborted) {
      const how = await once();
      if (end.signal.aborted) return;
      onState(how === 'refused' ? 'refused' : 'waiting');
      if (how === 'refused') return;
      const ms = Math.min(waitMsMax, 500 * 2 ** tries++);
      await new Promise<void>((resolve) => {
        wake = resolve;
        setTimeout(resolve, ms * (0.75 + Math.random() / 2));
      });
    }
  }

  const online = (): void => wake();
  window.addEventListener('online', online);
  void run();
  return () => {
    window.removeEventListener('online', online);
    end.abort();
    wake();
  };
}
