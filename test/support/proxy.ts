/**
 * A faulty connection to Redis: a proxy that passes bytes on, breaks a connection inside an answer, loses answers, or
 * silently swallows everything.
 */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export type Proxy = AsyncDisposable & {
  readonly url: string;
  /** `pass`; `mute`: requests arrive, answers are lost; `swallow`: nothing arrives anywhere, connections stay open. */
  mode: 'pass' | 'mute' | 'swallow';
  /**
   * Bytes of answers that still pass. The connection on which the next one would have to pass is closed behind them, and
   * from then on everything passes again.
   */
  answerBytesLeft: number;
  /** Closes every open connection. */
  cut(): void;
};

/** @param target address of Redis, `unix:///path` */
export async function startProxy(target: string): Promise<Proxy> {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(target.slice('unix://'.length));
    /** A connection that has lost a byte stays dead until it is closed: a stream cannot continue after a gap. */
    let dead = false;
    for (const [from, to, answers] of [
      [client, upstream, false],
      [upstream, client, true],
    ] as const) {
      sockets.add(from);
      from.on('data', (chunk) => {
        dead ||= proxy.mode === 'swallow' || (answers && proxy.mode === 'mute');
        if (dead && (proxy.mode !== 'mute' || answers)) return;
        if (answers && !dead && chunk.length > proxy.answerBytesLeft) {
          dead = true;
          to.end(chunk.subarray(0, proxy.answerBytesLeft));
          proxy.answerBytesLeft = Infinity;
          return;
        }
        if (answers) proxy.answerBytesLeft -= chunk.length;
        to.write(chunk);
      });
      from.on('error', () => undefined);
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const proxy: Proxy = {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`,
    mode: 'pass',
    answerBytesLeft: Infinity,
    cut: () => sockets.forEach((socket) => socket.destroy()),
    async [Symbol.asyncDispose]() {
      proxy.cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return proxy;
}
