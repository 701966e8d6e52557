/**
 * The clients of the alert stream of this process, and the one reader that serves them all.
 *
 *     Redis stream ──wait──▶ reader ──▶ each live client, if it wants it
 *                └──after──▶ a client that comes back, until it has caught up; then it is live
 *
 * Catching up and becoming live have no gap: a client joins in the very step in which it is seen to be as far as the
 * reader or further, and the reader passes over what a client has had. The reader runs only while there are clients.
 */
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import type { AlertBrief } from '../../engine/core/alert/alert.ts';
import type { AlertChange } from '../../engine/runtime/alert/triage.ts';
import type { AlertFeed } from '../ports.ts';
import type { StreamClient } from './client.ts';
import { beatText, changeText, isBehind, placeText, resetText, wants, wasCut } from './text.ts';

export type HubOptions = {
  readonly feed: AlertFeed;
  readonly beatMs: number;
  /** Something an operator should read. */
  readonly onFault: (fault: unknown) => void;
};

export type Hub = {
  /** Serves a client from its position on. */
  follow(client: StreamClient): Promise<void>;
  close(): void;
};

/** Changes taken at once. */
const batch = 100;
const waitMs = 1000;
/** What is written at a stretch to each client; then sockets get their turn, so that nobody who reads is taken for one who does not. */
const breathBytes = 64 * 1024;
const pauseMs = 200;

export function openHub({ feed, beatMs, onFault }: HubOptions): Hub {
  const clients = new Set<StreamClient>();
  const live = new Set<StreamClient>();
  let position = '0-0';
  let running = false;
  let closed = false;

  const timer = setInterval(() => {
    for (const client of clients) {
      const moved = client.told === client.position ? '' : placeText(client.position);
      client.told = client.position;
      client.beat(beatText + moved);
    }
    sweep();
  }, beatMs);
  timer.unref();

  function sweep(): void {
    for (const client of clients) if (client.gone) clients.delete(client);
    for (const client of live) if (client.gone) live.delete(client);
  }

  /** Each change with its alert; those whose alert is forgotten are left out. */
  async function told(changes: readonly AlertChange[]): Promise<{ change: AlertChange; alert: AlertBrief | undefined }[]> {
    const briefs = await feed.briefs(changes.map(({ alertId }) => alertId));
    return changes.map((change, i) => ({ change, alert: briefs[i] }));
  }

  function give(client: StreamClient, change: AlertChange, alert: AlertBrief | undefined, text: () => string | Buffer): void {
    if (client.gone || !isBehind(change.id, client.position)) return;
    client.position = change.id;
    if (alert === undefined || !wants(client.query, change, alert)) return;
    client.told = change.id;
    client.send(text());
  }

  /** If the reader fell behind what is kept, everybody is told so. */
  async function mindTheGap(): Promise<void> {
    const { first, last } = await feed.ends();
    if (!wasCut(position, first)) return;
    for (const client of live) {
      client.send(resetText(last, 'the stream was cut before it could be read'));
      client.position = client.told = last;
    }
    position = last;
  }

  async function read(): Promise<void> {
    let doubtful = false;
    while (live.size > 0 && !closed) {
      try {
        if (doubtful) await mindTheGap();
        const changes = await feed.wait(position, batch, waitMs);
        let unsent = 0;
        for (const { change, alert } of await told(changes)) {
          let made: Buffer | undefined;
          const text = (): Buffer => (made ??= Buffer.from(changeText(change, alert!)));
          for (const client of live) give(client, change, alert, text);
          position = change.id;
          unsent += made?.length ?? 0;
          if (unsent < breathBytes) continue;
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
          for (const { change, alert } of await told(changes)) {
            give(client, change, alert, () => changeText(change, alert!));
            await client.drained();
          }
          if (client.gone) return sweep();
          if (changes.length === batch || (running && isBehind(position, client.position))) continue;
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
