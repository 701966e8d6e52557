/** A Server-Sent Events client on a real socket. It is strict about the format: an event is one id, one event and one data line. */
import { request, type IncomingMessage } from 'node:http';

export type ServerEvent = { readonly id: string | undefined; readonly event: string | undefined; readonly data: unknown };

export type EventStream = {
  readonly response: IncomingMessage;
  /** Everything received, including comments and ids without data. */
  readonly text: () => string;
  /** The events with data received so far. */
  readonly events: () => ServerEvent[];
  /** The last id received. */
  readonly lastId: () => string | undefined;
  /** Waits until the condition holds after something was received; the time limit of the test ends the wait. */
  until(done: () => boolean): Promise<void>;
  readonly closed: Promise<void>;
  close(): void;
};

export async function openStream(url: string, headers: Record<string, string> = {}): Promise<EventStream> {
  const asked = request(url, { headers: { accept: 'text/event-stream', ...headers }, agent: false }).end();
  const response = await new Promise<IncomingMessage>((resolve, reject) => asked.once('response', resolve).once('error', reject));
  let text = '';
  const wake = new Set<() => void>();
  response.setEncoding('utf8').on('data', (part: string) => {
    text += part;
    for (const look of wake) look();
  });
  response.on('error', () => undefined);
  const closed = new Promise<void>((resolve) => response.once('close', resolve));
  const blocks = (): string[] => text.slice(0, text.lastIndexOf('\n\n') + 1).split('\n\n');
  const field = (block: string, name: string): string | undefined =>
    block
      .split('\n')
      .find((line) => line.startsWith(`${name}: `))
      ?.slice(name.length + 2);
  return {
    response,
    text: () => text,
    events: () =>
      blocks().flatMap((block): ServerEvent[] => {
        const data = field(block, 'data');
        return data === undefined ? [] : [{ id: field(block, 'id'), event: field(block, 'event'), data: JSON.parse(data) as unknown }];
      }),
    lastId: () =>
      blocks()
        .flatMap((block) => field(block, 'id') ?? [])
        .at(-1),
    until: (done) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!done()) return;
          wake.delete(look);
          resolve();
        };
        wake.add(look);
        look();
      }),
    closed,
    close: () => void asked.destroy(),
  };
}
