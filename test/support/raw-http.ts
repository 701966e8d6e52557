/** HTTP on a raw socket, for requests that no client library would send. */
import { connect, type Socket } from 'node:net';

export type RawConnection = {
  readonly socket: Socket;
  send(text: string | Buffer): void;
  /** Resolves with everything received so far, once it fulfils the condition or the connection is closed. */
  until(done: (text: string) => boolean): Promise<string>;
  /** Resolves with everything received, once the other side has closed. */
  closed(): Promise<string>;
};

export async function rawConnect(port: number): Promise<RawConnection> {
  const socket = connect(port, '127.0.0.1');
  let text = '';
  let over = false;
  const wake = new Set<() => void>();
  const stir = (): void => wake.forEach((call) => call());
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1');
    stir();
  });
  socket.on('error', () => undefined); // a reset counts as closed
  socket.on('close', () => {
    over = true;
    stir();
  });
  const until = (done: (text: string) => boolean): Promise<string> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (!over && !done(text)) return;
        wake.delete(look);
        resolve(text);
      };
      wake.add(look);
      look();
    });
  await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  return { socket, send: (piece) => void socket.write(piece), until, closed: () => until(() => over) };
}

/** Status and JSON body of an answer. */
export function readAnswer(text: string): { status: number; body: { code?: string; accepted?: number } } {
  const [head = '', body = ''] = text.split('\r\n\r\n', 2);
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1]);
  return { status, body: JSON.parse(body === '' ? '{}' : body) as { code?: string; accepted?: number } };
}

/** True when an answer with a Content-Length is complete. */
export function isWhole(text: string): boolean {
  const end = text.indexOf('\r\n\r\n');
  const length = /content-length: (\d+)/i.exec(text.slice(0, end))?.[1];
  return end !== -1 && length !== undefined && text.length >= end + 4 + Number(length);
}
