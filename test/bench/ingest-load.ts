/**
 * The client of the ingest bench, in its own process: it sends prepared batches over a few keep-alive connections, the
 * next one on each as soon as the last is answered. It uses raw sockets, so that the client costs next to nothing.
 *
 *     ingest-load.ts PORT CONNECTIONS REQUESTS     → one line on stdout when all are answered
 */
import { connect } from 'node:net';
import { batchBody } from './ingest-events.ts';

const [port = 0, connections = 1, requests = 1] = process.argv.slice(2).map(Number);
const bodies = Array.from({ length: 40 }, (_, seed) => {
  const body = batchBody(seed);
  const head = `POST /v1/events HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/x-ndjson\r\ncontent-length: ${body.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), body]);
});

let sent = 0;
let answered = 0;
process.stdin.once('data', () => {
  for (let i = 0; i < connections; i++) open();
});
process.stdout.write('ready\n');

function open(): void {
  const socket = connect(port, '127.0.0.1');
  const next = (): void => {
    if (sent < requests) socket.write(bodies[sent++ % bodies.length]!);
  };
  socket.on('connect', next);
  socket.on('data', (chunk) => {
    const text = chunk.toString('latin1');
    if (!text.startsWith('HTTP/1.1 202')) throw new Error(`refused: ${text}`);
    if (++answered === requests) {
      process.stdout.write('done\n');
      process.exit();
    }
    next();
  });
}
