/**
 * One client of the stream: a response that stays open. What it does not read is kept for it up to a bound; over it,
 * or when it has read nothing between two beats, it is cut off: it may come back with its last id.
 *
 * What is written are bytes, never text: a socket counts text that waits by its characters and text that went out by
 * its bytes, so that with other letters than ASCII's the bound was one of up to three times as much, and who read
 * nothing seemed to move. Bytes made once also lie once in memory for all clients that have not read them.
 */
import type { ServerResponse } from 'node:http';
import type { AlertQuery } from '../../engine/core/alert/query.ts';

export type StreamClient = {
  readonly query: AlertQuery;
  /** The last change that it has had, or that was not for it. */
  position: string;
  /** The last id that it was told. */
  told: string;
  readonly gone: boolean;
  send(text: string | Buffer): void;
  /** Something for a silent line; cuts off who does not read, or may no longer. */
  beat(text: string): void;
  /** Fulfilled when what was sent is on its way, or the client is gone. */
  drained(): Promise<void>;
  end(): void;
};

export type ClientOptions = {
  readonly query: AlertQuery;
  readonly from: string;
  readonly bytesMax: number;
  /** Asked at each beat: a key may have been revoked, or have expired. */
  readonly mayStay: () => boolean;
  /** Once, however it ended. */
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
  /** Bytes that went out. */
  const progress = (): number => (response.socket?.bytesWritten ?? 0) - response.writableLength;

  const send = (text: string | Buffer): void => {
    if (gone) return;
    response.write(typeof text === 'string' ? Buffer.from(text) : text);
    if (response.writableLength > bytesMax) cut();
  };
  return {
    query,
    position: from,
    told: '',
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
      // One that has something to read still is not waited for.
      if (response.writableLength > 0) response.destroy();
      else response.end();
    },
  };
}
