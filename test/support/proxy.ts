/** A faulty connection to Redis: a proxy that passes bytes on, loses answers, or silently swallows everything. */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export type Proxy = AsyncDisposable & {
  readonly url: string;
  /** `pass`; `mute`: requests arrive, answers are lost; `swallow`: nothing arrives anywhere, connections stay open. */
  mode: 'pass' | 'mute' | 'swallow';
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
        if (!dead || (proxy.mode === 'mute' && !answers)) to.write(chunk);
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
    cut: () => sockets.forEach((socket) => socket.destroy()),
    async [Symbol.asyncDispose]() {
      proxy.cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return proxy;
}
