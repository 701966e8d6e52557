/** A client of the stream that reads nothing from its socket: its buffer is measured in bytes, whatever the text. */
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openClient } from '../../../api/stream/client.ts';
import { until } from '../../support/processes.ts';
import { rawConnect } from '../../support/raw-http.ts';

/** More than the socket buffers on both sides hold, so that its write does not complete. */
const plug = Buffer.alloc(32 * 1024 * 1024, 'x');

/** A response whose client has stopped reading, with all socket buffers full. */
async function stalled(): Promise<ServerResponse> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { socket, send } = await rawConnect((server.address() as AddressInfo).port);
  onTestFinished(() => void (socket.destroy(), server.close()));
  socket.pause();
  send('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
  const [, response] = (await once(server, 'request')) as [unknown, ServerResponse];
  response.write(plug);
  await setImmediate();
  return response;
}

const options = { query: { limit: 1 }, from: '0-0', mayStay: () => true };

describe.each([
  ['ASCII', 'x'.repeat(3000)],
  ['Cyrillic', 'ж'.repeat(1500)],
  ['Chinese', '警'.repeat(1000)],
])('%s', (_name, text) => {
  const bytesMax = 300_000;

  it('is cut off at the bound', async () => {
    const response = await stalled();
    const kept = response.writableLength;
    const gone: string[] = [];
    const client = openClient(response, { ...options, bytesMax: kept + bytesMax, onGone: (how) => gone.push(how) });
    let sent = 0;
    while (!client.gone && sent < 2 * bytesMax) {
      client.send(text);
      sent += Buffer.byteLength(text);
      await setImmediate();
    }
    expect(gone).toEqual(['cut']);
    expect(sent).toBeGreaterThan(bytesMax * 0.9);
    expect(sent).toBeLessThan(bytesMax * 1.1);
    await until(() => response.closed);
    expect(response.writableLength).toBe(0);
  });

  it('is cut off when it read nothing between two heartbeats, even if more was sent to it', async () => {
    const response = await stalled();
    const client = openClient(response, { ...options, bytesMax: 1e9, onGone: () => undefined });
    client.beat(': beat\n\n');
    client.send(text);
    await setImmediate();
    client.beat(': beat\n\n');
    expect(client.gone).toBe(true);
  });
});
