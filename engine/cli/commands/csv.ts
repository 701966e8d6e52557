/** `weir csv`: converts rows of a CSV file to events as NDJSON, for `weir replay -` or `POST /v1/events`. */
import { createReadStream } from 'node:fs';
import { badDataset } from '../../core/ingest/envelope.ts';
import { parseDuration } from '../../core/util/duration.ts';
import { readTime } from '../../core/ingest/time.ts';
import { exitCodes, WeirError } from '../../errors.ts';
import { readArgs, usageError } from '../args.ts';
import type { Command, Io } from '../command.ts';
import { headerFault, rowEvent, type CsvMapping } from '../csv/events.ts';
import { csvReader, type CsvRecord } from '../csv/records.ts';
import { texts, type Text } from '../../replay/texts.ts';

export const command: Command = {
  name: 'csv',
  summary: 'convert the rows of a CSV file to events',
  usage: `weir csv FILE|- --dataset NAME [options]

  FILE              CSV in UTF-8 with a header line, gzipped or not; - reads stdin
  --dataset NAME    event.dataset of every event; its mapping file in rules/datasets/ gives the columns common names
  --id COLUMN       event.id (default: row-1, row-2 …)
  --time COLUMN     @timestamp: RFC 3339 or epoch s, ms, µs, ns
  --start TIME --every DURATION
                    the time column holds step numbers: step N is TIME + N × DURATION
  --money COLUMN    a decimal amount; also stored as COLUMN_minor, in integer minor units. Repeatable
  --digits N        decimal places of amounts (default 2)
  --number COLUMN   a number; every other column stays text. Repeatable
  --drop COLUMN     leave out this column, for example a label. Repeatable
  --separator CHAR  column separator (default: a comma)

  weir csv payments.csv.gz --dataset sparkov --id trans_num --time unix_time --money amt --drop is_fraud | weir replay -

Rows keep their order. Rows that cannot be read are reported on stderr and left out; the exit code is then 1.`,
  async run(args, io) {
    const { values, positionals } = readArgs('csv', args, options, [1, 1]);
    const mapping = mappingOf(values);
    const separator = values.separator ?? ',';
    if (separator.length !== 1 || /["\r\n]/.test(separator)) throw usageError('csv', '--separator takes one character');
    const { rows, bad } = await convert(positionals[0]!, separator, mapping, io);
    io.say(`${rows} events${bad === 0 ? '' : `, ${bad} bad rows`}`);
    return bad === 0 ? exitCodes.fine : exitCodes.findings;
  },
};

const options = {
  dataset: { type: 'string' },
  id: { type: 'string' },
  time: { type: 'string' },
  start: { type: 'string' },
  every: { type: 'string' },
  money: { type: 'string', multiple: true },
  digits: { type: 'string' },
  number: { type: 'string', multiple: true },
  drop: { type: 'string', multiple: true },
  separator: { type: 'string' },
} as const;

type Values = ReturnType<typeof readArgs<typeof options>>['values'];

function mappingOf(values: Values): CsvMapping {
  if (values.dataset === undefined) throw usageError('csv', '--dataset is required');
  const problem = badDataset(values.dataset);
  if (problem !== undefined) throw usageError('csv', `--dataset: ${problem}`);
  const digits = Number(values.digits ?? '2');
  if (!Number.isInteger(digits) || digits < 0 || digits > 8) throw usageError('csv', '--digits takes a number from 0 to 8');
  return {
    dataset: values.dataset,
    id: values.id,
    time: values.time,
    steps: stepsOf(values),
    money: values.money ?? [],
    numbers: values.number ?? [],
    drop: values.drop ?? [],
    digits,
  };
}

function stepsOf({ time, start, every }: Values): CsvMapping['steps'] {
  if (start === undefined && every === undefined) return undefined;
  if (time === undefined || start === undefined || every === undefined)
    throw usageError('csv', '--start and --every must be used together, and with --time');
  const startMs = readTime(start);
  if (typeof startMs !== 'number') throw usageError('csv', `--start: ${startMs.detail}`);
  const everyMs = parseDuration(every);
  if (everyMs === undefined || everyMs <= 0) throw usageError('csv', `--every: invalid duration '${every}'; for example 1d`);
  return { startMs, everyMs };
}

/** How many bad rows are reported one by one; further ones are only counted. */
const namedMax = 20;

async function convert(file: string, separator: string, mapping: CsvMapping, io: Io): Promise<{ rows: number; bad: number }> {
  const reader = csvReader(separator);
  let header: readonly string[] | undefined;
  let rows = 0;
  let bad = 0;

  async function take({ fields, fault, line, number }: CsvRecord): Promise<void> {
    if (header === undefined) {
      header = fields.map((name) => name.trim());
      const problem = fault ?? headerFault(header, mapping);
      if (problem !== undefined) throw new WeirError(`${file}: ${problem}`, 'weir csv --help shows the options.', exitCodes.usage);
      return;
    }
    const row = fault === undefined ? rowEvent(header, fields, number - 1, mapping) : { fault };
    if ('event' in row) {
      rows += 1;
      await io.print(JSON.stringify(row.event));
      return;
    }
    bad += 1;
    if (bad <= namedMax) io.say(`${file}:${line}: ${row.fault}`);
    if (bad === namedMax + 1) io.say(`${file}: further bad rows are only counted`);
  }

  for await (const piece of textsOf(file, io)) for (const record of reader.push(piece)) await take(record);
  for (const record of reader.end()) await take(record);
  return { rows, bad };
}

async function* textsOf(file: string, io: Io): AsyncGenerator<Text> {
  try {
    yield* texts(file === '-' ? io.stdin : createReadStream(file, { highWaterMark: 1 << 18 }));
  } catch (fault) {
    throw new WeirError(`cannot read ${file}: ${(fault as Error).message}`, 'Give a readable CSV file, gzipped or not.', exitCodes.usage);
  }
}
