/** One attempt against real servers that misbehave, and against names that resolve to forbidden addresses. */
import { once } from 'node:events';
import { createServer, type Server, type Socket, type AddressInfo } from 'node:net';
import { afterAll, describe, expect, it } from 'vitest';
import { nothingAllowed, readAllowed } from '../../../engine/compile/deliver/egress.ts';
import { limits } from '../../../engine/core/limits.ts';
import { systemResolve, type Resolve } from '../../../engine/deliver/webhooks/connect.ts';
import { sender, type SendOptions } from '../../../engine/deliver/webhooks/send.ts';
import { until } from '../../support/processes.ts';
import { answer, hang, reset, startReceiver, type Behaviour } from '../../support/receiver.ts';

const allow = readAllowed(['127.0.0.1'])!;
const now = () => Date.parse('2026-01-01T00:00:00Z');
const send = (url: string, options: SendOptions = {}) =>
  sender({ allow, now, attemptMsMax: 20_000, answerMsMax: 20_000, ...options })(url, { 'webhook-id': 'al_x' }, '{"a":"é"}');

const servers = new Set<Server>();
const sockets = new Set<Socket>();
afterAll(() => {
  for (const socket of sockets) socket.destroy();
  for (const server of servers) server.close();
});

/** A raw TCP server. */
async function raw(onSocket: (socket: Socket) => void, host = '127.0.0.1'): Promise<{ port: number; connections: Socket[] }> {
  const connections: Socket[] = [];
  const server = createServer((socket) => {
    connections.push(socket);
    sockets.add(socket);
    socket.on('error', () => undefined);
    onSocket(socket);
  });
  servers.add(server);
  server.listen(0, host);
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, connections };
}

describe('the status decides the result', () => {
  it.each<[Behaviour, object]>([
    [answer(200), { result: 'delivered', status: 200 }],
    [answer(204), { result: 'delivered', status: 204 }],
    [answer(304), { result: 'redirected', status: 304 }],
    [answer(400), { result: 'rejected', status: 400 }],
    [answer(404), { result: 'rejected', status: 404 }],
    [answer(410), { result: 'gone', status: 410 }],
    [answer(429, { 'retry-after': '30' }), { result: 'throttled', status: 429, retryAfterMs: 30_000 }],
    [answer(429), { result: 'throttled', status: 429 }],
    [answer(500), { result: 'failed', status: 500 }],
    [answer(503, { 'retry-after': 'Thu, 01 Jan 2026 00:01:00 GMT' }), { result: 'failed', status: 503, retryAfterMs: 60_000 }],
    [answer(503, { 'retry-after': '99999999' }), { result: 'failed', status: 503, retryAfterMs: limits.webhookRetryAfterMsMax }],
    [reset, { result: 'unreachable', because: 'the connection failed: ECONNRESET' }],
  ])('%#', async (behaviour, outcome) => {
    await using receiver = await startReceiver();
    receiver.next(behaviour);
    expect(await send(receiver.url)).toMatchObject(outcome);
    expect(receiver.received).toMatchObject([{ id: 'al_x', text: '{"a":"é"}' }]);
    await until(() => receiver.connections() === 0);
  });
});

it('redirects are failures, and are not followed', async () => {
  await using inside = await startReceiver();
  await using receiver = await startReceiver();
  for (const status of [301, 302, 303, 307, 308]) {
    receiver.next(answer(status, { location: inside.url }));
    expect(await send(receiver.url)).toMatchObject({ result: 'redirected', status });
  }
  expect(receiver.received).toHaveLength(5);
  expect(inside.connections() + inside.received.length).toBe(0);
});

describe('an endless answer', () => {
  it('is cut off after a bounded number of bytes', async () => {
    await using receiver = await startReceiver();
    let sent = 0;
    receiver.next((response, socket) => {
      response.writeHead(200, { 'content-length': String(10 * 1024 ** 3) });
      const chunk = Buffer.alloc(64 * 1024);
      const pour = (): void => {
        while (!socket.destroyed && response.write(chunk)) sent += chunk.length;
        sent += chunk.length;
      };
      response.on('drain', pour);
      pour();
    });
    expect(await send(receiver.url)).toMatchObject({ result: 'delivered', status: 200 });
    await until(() => receiver.connections() === 0);
    expect(sent).toBeLessThan(64 * 1024 * 1024);
  });

  it('that sends a byte now and then is cut off after a bounded time, and counts as delivered', async () => {
    await using receiver = await startReceiver();
    receiver.next((response, socket) => {
      response.writeHead(200);
      const dribble = setInterval(() => response.write('x'), 5);
      socket.once('close', () => clearInterval(dribble));
    });
    expect(await send(receiver.url, { answerMsMax: 100, attemptMsMax: 3_600_000 })).toMatchObject({ result: 'delivered', status: 200 });
    await until(() => receiver.connections() === 0);
  });
});

describe('an attempt times out', () => {
  it('if the server accepts the request and does not answer', async () => {
    await using receiver = await startReceiver();
    receiver.next(hang);
    expect(await send(receiver.url, { attemptMsMax: 200 })).toMatchObject({ result: 'timeout', because: 'no answer within 200 ms' });
    await until(() => receiver.connections() === 0);
  });

  it('if the server never completes its headers', async () => {
    const { port, connections } = await raw((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nx-slow: ');
      const dribble = setInterval(() => socket.write('x'), 5);
      socket.once('close', () => clearInterval(dribble));
    });
    expect(await send(`http://127.0.0.1:${port}/`, { attemptMsMax: 200 })).toMatchObject({ result: 'timeout' });
    await until(() => connections.every((socket) => socket.destroyed));
  });

  it('if the server does not start TLS', async () => {
    const { port, connections } = await raw((socket) => void socket.resume());
    expect(await send(`https://127.0.0.1:${port}/`, { attemptMsMax: 200 })).toMatchObject({ result: 'timeout' });
    await until(() => connections.every((socket) => socket.destroyed));
  });

  it('if the name server does not answer', async () => {
    const resolve: Resolve = () => new Promise(() => undefined);
    expect(await send('http://slow.example/', { resolve, attemptMsMax: 100 })).toMatchObject({ result: 'timeout' });
  });
});

describe('a target is unreachable', () => {
  it.each([
    ['no bytes', ''],
    ['another protocol', '-ERR unknown command POST\r\n'],
    ['a protocol upgrade', 'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n'],
    ['headers that are too large', `HTTP/1.1 200 OK\r\nx: ${'x'.repeat(100_000)}\r\n\r\n`],
  ])('if it answers with %s', async (_what, text) => {
    const { port } = await raw((socket) => socket.end(text));
    expect(await send(`http://127.0.0.1:${port}/`)).toMatchObject({ result: 'unreachable' });
  });

  it('if it speaks plain HTTP instead of TLS', async () => {
    await using receiver = await startReceiver();
    expect(await send(receiver.url.replace('http:', 'https:'))).toMatchObject({ result: 'unreachable' });
  });

  it('if nothing listens there, or the name does not exist', async () => {
    const { port } = await raw(() => undefined);
    for (const server of servers) if ((server.address() as AddressInfo | null)?.port === port) server.close();
    expect(await send(`http://127.0.0.1:${port}/`)).toMatchObject({
      result: 'unreachable',
      because: 'the connection failed: ECONNREFUSED',
    });
    const resolve: Resolve = () => Promise.reject(Object.assign(new Error('getaddrinfo'), { code: 'ENOTFOUND' }));
    expect(await send('http://no.example/', { resolve })).toMatchObject({
      result: 'unreachable',
      because: 'the connection failed: ENOTFOUND',
    });
  });
});

describe('forbidden addresses', () => {
  const named = (...answers: string[][]): { resolve: Resolve; asked: () => number } => {
    let asked = 0;
    return {
      resolve: async () => {
        const addresses = answers[Math.min(asked++, answers.length - 1)]!;
        return addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
      },
      asked: () => asked,
    };
  };

  it.each([
    ['127.0.0.1'],
    ['169.254.169.254'],
    ['10.0.0.1'],
    ['::1'],
    ['::ffff:127.0.0.1'],
    ['::ffff:169.254.169.254'],
    ['64:ff9b::a9fe:a9fe'],
    ['2002:7f00:1::'],
    ['fd00:ec2::254'],
    ['fe80::1%lo'],
    ['0.0.0.0'],
    ['8.8.8.8', '127.0.0.1'],
    ['2606:4700::1111', '8.8.8.8', 'fe80::1'],
  ])('a name that resolves to %s, %s, %s is refused without connecting', async (...addresses) => {
    await using receiver = await startReceiver();
    const { resolve } = named(addresses.filter((address) => typeof address === 'string'));
    const outcome = await send(`http://hooks.example.com:${receiver.port}/`, { resolve, allow: nothingAllowed });
    expect(outcome).toMatchObject({ result: 'refused', because: expect.stringMatching(/^hooks\.example\.com: /) as string });
    expect(receiver.received.length + receiver.connections()).toBe(0);
  });

  it('a name of this machine is refused, resolved by the system itself', async () => {
    await using receiver = await startReceiver();
    const addresses = await systemResolve('localhost');
    expect(addresses.length).toBeGreaterThan(0);
    const resolve: Resolve = () => systemResolve('localhost');
    const outcome = await send(`http://intranet.example:${receiver.port}/`, { resolve, allow: nothingAllowed });
    expect(outcome.result).toBe('refused');
    expect(receiver.received).toHaveLength(0);
  });

  it.each(['http://127.0.0.1', 'http://127.1', 'http://2130706433', 'http://[::ffff:127.0.0.1]', 'http://localhost.', 'http://0'])(
    '%s is refused on sending, even if the target was saved before',
    async (origin) => {
      await using receiver = await startReceiver();
      expect(await send(`${origin}:${receiver.port}/`, { allow: nothingAllowed })).toMatchObject({ result: 'refused' });
      expect(receiver.received.length + receiver.connections()).toBe(0);
    },
  );

  it('a name whose addresses change: connects to the checked address, with one lookup per attempt', async () => {
    // Here 127.0.0.1 represents the public internet, and 127.0.0.2 the internal network.
    const reached: (string | undefined)[] = [];
    const { port } = await raw((socket) => {
      reached.push(socket.localAddress);
      socket.end('HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
    }, '0.0.0.0');
    const { resolve, asked } = named(['127.0.0.1'], ['127.0.0.2'], ['127.0.0.1', '127.0.0.2'], ['127.0.0.1']);
    const url = `http://rebind.example:${port}/`;
    const results = [];
    for (let i = 0; i < 4; i++) results.push((await send(url, { resolve })).result);
    expect(results).toEqual(['delivered', 'refused', 'refused', 'delivered']);
    expect(reached).toEqual(['127.0.0.1', '127.0.0.1']);
    expect(asked()).toBe(4);
  });

  it('an allowed host may resolve to any address', async () => {
    await using receiver = await startReceiver();
    const { resolve } = named(['127.0.0.1']);
    const allowed = readAllowed(['am.internal'])!;
    expect(await send(`http://am.internal:${receiver.port}/`, { resolve, allow: allowed })).toMatchObject({ result: 'delivered' });
    const other = await send(`http://Other.internal:${receiver.port}/`, { resolve, allow: allowed });
    expect(other).toMatchObject({
      result: 'refused',
      because: expect.stringContaining('to allow it: WEIR_WEBHOOKS_ALLOW=other.internal ') as string,
    });
  });
});

describe('the host name is sent unchanged', () => {
  const resolve: Resolve = async () => [{ address: '127.0.0.1', family: 4 }];

  it('in Host', async () => {
    await using receiver = await startReceiver();
    await send(`http://hooks.example.com:${receiver.port}/x`, { resolve });
    expect(receiver.received[0]?.headers.host).toBe(`hooks.example.com:${receiver.port}`);
  });

  it('in the TLS handshake', async () => {
    let hello = '';
    const { port } = await raw((socket) => {
      socket.once('data', (chunk) => {
        hello = chunk.toString('latin1');
        socket.destroy();
      });
    });
    await send(`https://hooks.example.com:${port}/`, { resolve });
    expect(hello).toContain('hooks.example.com');
  });
});
