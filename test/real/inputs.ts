/**
 * The four real inputs as NDJSON, one event per line, in the order of their files: what `weir replay` reads and what
 * `POST /v1/events` accepts. The data is not part of the repository. It is looked for in WEIR_TEST_DATA, else in
 * `../shared/data` next to the repository.
 */
import { spawn } from 'node:child_process';
import { createReadStream, existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';

export const root = resolve(import.meta.dirname, '../..');

/** The folder with the data; undefined where there is none. */
export const dataFolder: string | undefined = [process.env['WEIR_TEST_DATA'] ?? join(root, '../shared/data')].find((folder) =>
  existsSync(join(folder, 'feeds')),
);

export const absent = 'no data: set WEIR_TEST_DATA to the folder that holds feeds/ and fraud/ (docs/real-input.md)';

export type RealInput = {
  readonly name: 'cloudtrail' | 'windows' | 'sparkov' | 'amlsim';
  /** Below the data folder. */
  readonly file: string;
  /** Arguments after `weir csv FILE`; undefined for files that are NDJSON already. */
  readonly csv: readonly string[] | undefined;
};

export const realInputs: readonly RealInput[] = [
  { name: 'cloudtrail', file: 'feeds/aws_cloudtrail_stratus.jsonl.gz', csv: undefined },
  { name: 'windows', file: 'feeds/otrf_windows_endpoint.jsonl.gz', csv: undefined },
  {
    name: 'sparkov',
    file: 'fraud/sparkov_generated.csv.gz',
    csv: ['--dataset', 'sparkov', '--id', 'trans_num', '--time', 'unix_time', '--money', 'amt', '--drop', 'is_fraud'],
  },
  {
    name: 'amlsim',
    file: 'fraud/amlsim_20K_fanin200_transactions.csv.gz',
    csv: ['--dataset', 'amlsim', '--time', 'time', '--start', '2017-01-01T00:00:00Z', '--every', '1d', '--money', 'value'],
  },
];

export const inputNamed = (name: RealInput['name']): RealInput => realInputs.find((input) => input.name === name)!;

/** The events, one line each. @throws when the data is missing, or `weir csv` fails */
export async function* eventLinesOf(input: RealInput): AsyncGenerator<string> {
  if (dataFolder === undefined) throw new Error(absent);
  const path = join(dataFolder, input.file);
  if (input.csv === undefined) {
    yield* linesOf(createReadStream(path).pipe(createGunzip()));
    return;
  }
  const child = spawn(join(root, 'bin/weir'), ['csv', path, ...input.csv], { stdio: ['ignore', 'pipe', 'ignore'] });
  const ended = new Promise<number | null>((done) => child.once('close', done));
  try {
    yield* linesOf(child.stdout);
    const code = await ended;
    if (code !== 0) throw new Error(`weir csv ended with ${code}`);
  } finally {
    child.kill();
  }
}

async function* linesOf(stream: Readable): AsyncGenerator<string> {
  for await (const line of createInterface({ input: stream, crlfDelay: Infinity })) if (line !== '') yield line;
}
