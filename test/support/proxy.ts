/** A way to Redis that can be spoiled: passes bytes on, or loses answers, or swallows everything without a word. */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export type Proxy = AsyncDisposable & {
  readonly url: string;
  /** `pass`; `mute`: requests arrive, answers are lost; `swallow`: nothing arrives anywhere, connections stay open. */
  mode: 'pass' | 'mute' | 'swallow';
  /** Closes every connection there is. */
  cut(): void;
};

/** @param target `unix:///path` of the Redis */
export async function startProxy(target: string): Promise<Proxy> {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(target.slice('unix://'.length));
    /** A stream never goes on behind a hole: what has lost a byte is dead until it is closed. */
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
