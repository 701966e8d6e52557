/** The bytes of a file or of stdin, in bounded memory. Gzip is recognised by the first two bytes. */
import { open } from 'node:fs/promises';
import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';

export type Bytes = {
  /** Reads into the buffer, starting at `at`, until it is full or the file ends. @returns the number of bytes read; 0 at the end */
  read(into: Buffer, at: number): Promise<number>;
  close(): Promise<void>;
};

/** Opens a file, or stdin as `-`. An uncompressed file on disk is read directly into the caller's buffer. */
export async function openBytes(file: string, stdin: Readable): Promise<Bytes> {
  if (file === '-') return streamed(stdin);
  const handle = await open(file);
  try {
    const first = Buffer.alloc(2);
    if (!(await handle.stat()).isFile()) return streamed(handle.createReadStream());
    await handle.read(first, 0, 2, 0);
    if (isGzip(first)) return streamed(handle.createReadStream({ highWaterMark: 1 << 18, start: 0 }));
  } catch (fault) {
    await handle.close();
    throw fault;
  }
  const read = async (into: Buffer, at: number): Promise<number> => (await handle.read(into, at)).bytesRead;
  return { read, close: () => handle.close() };
}

function streamed(source: Readable): Bytes {
  const chunks = inflated(source);
  let chunk = Buffer.alloc(0);
  return {
    async read(into, at) {
      let end = at;
      while (end < into.length) {
        if (chunk.length === 0) {
          const next = await chunks.next();
          if (next.done === true) break;
          chunk = next.value as typeof chunk;
        }
        const taken = chunk.copy(into, end);
        chunk = chunk.subarray(taken);
        end += taken;
      }
      return end - at;
    },
    close: async () => void source.destroy(),
  };
}

const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

/** The stream's bytes, inflated if they begin like gzip. */
export async function* inflated(source: Readable): AsyncGenerator<Buffer> {
  const chunks = (source as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  const first = await chunks.next();
  if (first.done === true) return;
  const bytes = Readable.from(startingWith(first.value, chunks), { objectMode: false });
  const plain = isGzip(first.value) ? pipeline(bytes, createGunzip({ chunkSize: 1 << 18 }), () => undefined) : bytes;
  try {
    yield* plain as AsyncIterable<Buffer>;
  } catch (fault) {
    throw toldOfGzip(fault as NodeJS.ErrnoException);
  }
}

/** zlib's messages are about buffers and methods; the user needs to know that the file is damaged. */
function toldOfGzip(fault: NodeJS.ErrnoException): Error {
  if (fault.code === 'Z_BUF_ERROR')
    return new Error('it ends too early, inside of its gzip data, and is not whole: fetch or copy it again');
  if (fault.code?.startsWith('Z_') === true) return new Error(`its gzip data is damaged (${fault.message}): fetch or copy it again`);
  return fault;
}

async function* startingWith(first: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
}
