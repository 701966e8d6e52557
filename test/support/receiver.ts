/**
 * A receiver of webhooks: a real server that checks every message with the `standardwebhooks` package, as a customer's
 * server would, and then behaves as the test has set it up.
 *
 *     await using receiver = await startReceiver({ secret });
 *     receiver.next(answer(500), hang, answer(200));
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { Webhook } from 'standardwebhooks';

export type Received = {
  readonly id: string;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
  readonly body: { type: string; timestamp: string; data: { id: string } & Record<string, unknown> };
  /** Undefined: not checked, because there is no secret. */
  readonly verified: boolean | undefined;
};

export type Behaviour = (response: ServerResponse, socket: Socket) => void;

export const answer =
  (status: number, headers: Record<string, string> = {}): Behaviour =>
  (response) =>
    void response.writeHead(status, headers).end();
/** Accepts the message and never answers. */
export const hang: Behaviour = () => undefined;
export const reset: Behaviour = (_response, socket) => void socket.resetAndDestroy();

export type Receiver = AsyncDisposable & {
  readonly url: string;
  readonly port: number;
  /** Every message, in the order of arrival. */
  readonly received: Received[];
  /** Id of each message that was answered with 2xx, once per answer. */
  readonly taken: string[];
  /** Sets the behaviour for the next messages, one each; `otherwise` applies after them. */
  next(...behaviours: readonly Behaviour[]): void;
  otherwise(behaviour: Behaviour): void;
  /** Number of open connections. */
  connections(): number;
};

export async function startReceiver({ secret }: { readonly secret?: string } = {}): Promise<Receiver> {
  const received: Received[] = [];
  const taken: string[] = [];
  const sockets = new Set<Socket>();
  let planned: Behaviour[] = [];
  let byDefault: Behaviour = answer(200);

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const id = String(request.headers['webhook-id']);
    received.push({
      id,
      headers: request.headers,
      text,
      body: JSON.parse(text) as Received['body'],
      verified: secret === undefined ? undefined : verifies(secret, text, request.headers),
    });
    const behave = planned.shift() ?? byDefault;
    response.on('finish', () => {
      if (response.statusCode >= 200 && response.statusCode < 300) taken.push(id);
    });
    behave(response, request.socket);
  }

  const server = createServer((request, response) => {
    handle(request, response).catch(() => request.socket.destroy());
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/hook`,
    port,
    received,
    taken,
    next: (...behaviours) => void (planned = [...behaviours]),
    otherwise: (behaviour) => void (byDefault = behaviour),
    connections: () => sockets.size,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export function verifies(secret: string, text: string, headers: IncomingMessage['headers']): boolean {
  try {
    new Webhook(secret).verify(text, headers as Record<string, string>);
    return true;
  } catch {
    return false;
  }
}
