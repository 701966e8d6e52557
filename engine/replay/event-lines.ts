/**
 * Events from a file or from stdin: NDJSON, gzipped or not. One line after the other, with its number, in bounded
 * memory, cut as a replay cuts them.
 */
import type { Readable } from 'node:stream';
import { linesOf } from './lines.ts';
import { blocks } from './blocks.ts';

export type Line = {
  readonly number: number;
  readonly text: string;
  /** Why it can be no event, whatever its text says. */
  readonly fault?: string;
};

/**
 * Blocks of lines, blank ones left out.
 * @throws WeirError (2) when the file cannot be opened, or is cut off inside its gzip data
 */
export async function* eventLines(file: string, stdin: Readable): AsyncGenerator<Line[]> {
  for await (const { bytes, firstLine, release } of blocks(file, stdin)) {
    yield* linesOf(bytes, firstLine);
    release();
  }
}
