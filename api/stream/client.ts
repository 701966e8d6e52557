/**
 * One client of the stream: a response that stays open. Data that it has not read yet is buffered up to a bound; a client
 * over the bound, or one that has read nothing between two heartbeats, is cut off and may reconnect with its last id.
 *
 * The response is written as bytes, never as text: a socket counts buffered text in characters and sent text in bytes.
 * With characters outside ASCII, the bound would be up to three times as large, and a client that reads nothing would
 * seem to make progress. A change encoded once also takes its memory once for all clients that have not read it.
 */
import type { ServerResponse } from 'node:http';
import type { AlertQuery } from '../../engine/core/alert/query.ts';

export type StreamClient = {
  readonly query: AlertQuery;
  /** The last change that was sent to it or skipped as not matching. */
  position: string;
  /** The last id that was sent to it. */
  lastIdSent: string;
  readonly gone: boolean;
  send(text: string | Buffer): void;
  /** Sends a heartbeat; cuts the client off if it does not read, or its key is no longer valid. */
  beat(text: string): void;
  /** Resolves when the socket takes more data, or the client is gone. */
  drained(): Promise<void>;
  end(): void;
};

export type ClientOptions = {
  readonly query: AlertQuery;
  readonly from: string;
  readonly bytesMax: number;
  /** Asked at each heartbeat: a key may have been revoked, or have expired. */
  readonly mayStay: () => boolean;
  /** Called once: `cut` by the server, or `left` otherwise. */
  readonly onGone: (how: 'cut' | 'left') => void;
};

export function openClient(response: ServerResponse, { query, from, bytesMax, mayStay, onGone }: ClientOptions): StreamClient {
  let gone = false;
  let seen = -1;
  const leave = (how: 'cut' | 'left'): void => {
    if (gone) return;
    gone = true;
    onGone(how);
  };
  response.on('close', () => leave('left'));
  response.on('error', () => leave('left'));
  const cut = (): void => {
    leave('cut');
    response.destroy();
  };
  /** Bytes sent so far. */
  const progress = (): number => (response.socket?.bytesWritten ?? 0) - response.writableLength;

  const send = (text: string | Buffer): void => {
    if (gone) return;
    response.write(typeof text === 'string' ? Buffer.from(text) : text);
    if (response.writableLength > bytesMax) cut();
  };
  return {
    query,
    position: from,
    lastIdSent: '',
    get gone() {
      return gone;
    },
    send,
    beat(text) {
      const stuck = response.writableLength > 0 && progress() === seen;
      seen = progress();
      if (stuck || !mayStay()) cut();
      else send(text);
    },
    async drained() {
      while (!gone && response.writableNeedDrain) {
        await new Promise<void>((resolve) => {
          const done = (): void => {
            response.off('drain', done).off('close', done);
            resolve();
          };
          response.once('drain', done).once('close', done);
        });
      }
    },
    end() {
      leave('left');
      // Do not wait for a client that still has data to read.
      if (response.writableLength > 0) response.destroy();
      else response.end();
    },
  };
}
