/** The bytes of a file or of stdin, gzipped or not: told by the first two. In bounded memory. */
import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';

/** The stream's text, inflated when it begins as gzip does. */
export async function* texts(source: Readable): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  for await (const chunk of inflated(source)) yield decoder.decode(chunk, { stream: true });
  yield decoder.decode();
}

/** The stream's bytes, inflated when they begin as gzip does. */
export async function* inflated(source: Readable): AsyncGenerator<Buffer> {
  const chunks = (source as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  const first = await chunks.next();
  if (first.done === true) return;
  const bytes = Readable.from(startingWith(first.value, chunks), { objectMode: false });
  const plain =
    first.value[0] === 0x1f && first.value[1] === 0x8b ? pipeline(bytes, createGunzip({ chunkSize: 1 << 18 }), () => undefined) : bytes;
  yield* plain as AsyncIterable<Buffer>;
}

async function* startingWith(first: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
}
