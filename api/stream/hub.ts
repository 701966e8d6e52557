/**
 * The clients of this process's alert stream, and the one reader that serves them all.
 *
 *     Redis stream ──wait──▶ reader ──▶ each live client whose filters match
 *                └──after──▶ a client that reconnects, until it has caught up; then it is live
 *
 * There is no gap between catching up and being live: a client joins in the same step in which it is found to have
 * reached the reader, and the reader skips changes that a client already has. The reader runs only while there are
 * clients.
 */
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import type { AlertBrief } from '../../engine/core/alert/alert.ts';
import type { AlertChange, AlertFeed } from '../../engine/runtime/alert/changes.ts';
import type { StreamClient } from './client.ts';
import { beatText, changeText, isAfter, placeText, resetText, wantsChange, wasCut } from './text.ts';

export type HubOptions = {
  readonly feed: AlertFeed;
  readonly beatMs: number;
  /** Reports an error to the operator. */
  readonly onFault: (fault: unknown) => void;
};

export type Hub = {
  /** Serves a client, starting after its position. */
  follow(client: StreamClient): Promise<void>;
  close(): void;
};

/** Changes read at once. */
const batch = 100;
const waitMs = 1000;
/** Bytes written to each client before the sockets get their turn, so that a client that does read is not cut off as stuck. */
const yieldBytes = 64 * 1024;
const pauseMs = 200;

export function openHub({ feed, beatMs, onFault }: HubOptions): Hub {
  const clients = new Set<StreamClient>();
  const live = new Set<StreamClient>();
  let position = '0-0';
  let running = false;
  let closed = false;

  const timer = setInterval(() => {
    for (const client of clients) {
      const moved = client.lastIdSent === client.position ? '' : placeText(client.position);
      client.lastIdSent = client.position;
      client.beat(beatText + moved);
    }
    sweep();
  }, beatMs);
  timer.unref();

  function sweep(): void {
    for (const client of clients) if (client.gone) clients.delete(client);
    for (const client of live) if (client.gone) live.delete(client);
  }

  /** Each change with its alert; undefined if the alert is no longer stored. */
  async function withAlerts(changes: readonly AlertChange[]): Promise<{ change: AlertChange; alert: AlertBrief | undefined }[]> {
    const briefs = await feed.briefs(changes.map(({ alertId }) => alertId));
    return changes.map((change, i) => ({ change, alert: briefs[i] }));
  }

  function pass(client: StreamClient, change: AlertChange, alert: AlertBrief | undefined, text: () => string | Buffer): void {
    if (client.gone || !isAfter(change.id, client.position)) return;
    client.position = change.id;
    if (alert === undefined || !wantsChange(client.query, change, alert)) return;
    client.lastIdSent = change.id;
    client.send(text());
  }

  /** If Redis trimmed the stream before the reader got there, sends every client a reset. */
  async function resetAfterGap(): Promise<void> {
    const { first, last } = await feed.ends();
    if (!wasCut(position, first)) return;
    for (const client of live) {
      client.send(resetText(last, 'changes were trimmed before they could be read'));
      client.position = client.lastIdSent = last;
    }
    position = last;
  }

  async function read(): Promise<void> {
    let doubtful = false;
    while (live.size > 0 && !closed) {
      try {
        if (doubtful) await resetAfterGap();
        const changes = await feed.wait(position, batch, waitMs);
        let unsent = 0;
        for (const { change, alert } of await withAlerts(changes)) {
          let made: Buffer | undefined;
          const text = (): Buffer => (made ??= Buffer.from(changeText(change, alert!)));
          for (const client of live) pass(client, change, alert, text);
          position = change.id;
          unsent += made?.length ?? 0;
          if (unsent < yieldBytes) continue;
          unsent = 0;
          await setImmediate();
        }
        doubtful = changes.length === batch;
      } catch (fault) {
        if (closed) return;
        onFault(fault);
        doubtful = true;
        await sleep(pauseMs, undefined, { ref: false });
      }
      sweep();
    }
    running = false;
  }

  function start(from: string): void {
    if (running) return;
    running = true;
    position = from;
    void read();
  }

  return {
    async follow(client) {
      if (closed) return client.end();
      clients.add(client);
      try {
        for (;;) {
          const changes = await feed.after(client.position, batch);
          for (const { change, alert } of await withAlerts(changes)) {
            pass(client, change, alert, () => changeText(change, alert!));
            await client.drained();
          }
          if (client.gone) return sweep();
          if (changes.length === batch || (running && isAfter(position, client.position))) continue;
          live.add(client);
          start(client.position);
          return;
        }
      } catch (fault) {
        onFault(fault);
        client.end();
        sweep();
      }
    },
    close() {
      closed = true;
      clearInterval(timer);
      for (const client of clients) client.end();
      clients.clear();
      live.clear();
      feed.close();
    },
  };
}
