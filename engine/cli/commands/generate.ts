/** `weir generate`: writes the demo's traffic as NDJSON, and its ground truth, to test your own rules or other engines. */
import { writeFile } from 'node:fs/promises';
import { parseDuration } from '../../core/util/duration.ts';
import { limits } from '../../core/limits.ts';
import { readTime } from '../../core/ingest/time.ts';
import { generate } from '../../demo/generate.ts';
import type { Truth } from '../../demo/truth.ts';
import { exitCodes, WeirError } from '../../errors.ts';
import { readArgs, usageError } from '../args.ts';
import type { Command } from '../command.ts';
import { readTraffic, trafficOptions } from '../demo/traffic-options.ts';

/** Fixed, so that the default output is the same today and next year. */
const endDefault = '2026-03-03T00:00:00Z';
const latenessDefault = '2m';

export const command: Command = {
  name: 'generate',
  summary: 'write a day of traffic that contains attacks, and the list of those attacks',
  usage: `weir generate [--seed N] [--events N] [--truth FILE] [--end TIME] [--lateness DURATION]

  --seed N             seed of the traffic generator (default 1)
  --events N           number of events, duplicates included: 1000 to ${limits.generatedEventsMax} (default 100000)
  --truth FILE         write the ground truth to FILE: one campaign per line, with rule, group, event ids, first and last time
  --end TIME           the last event arrives by this time, the first happens a day earlier (default ${endDefault})
  --lateness DURATION  the longest delay before an event arrives (default ${latenessDefault})

Writes events of ten sources to stdout, one per line, in order of arrival: some late, some twice. Each source has its own
field names, which rules/datasets/ maps. The same options give the same bytes.

  weir generate --truth truth.ndjson | weir replay - --rules rules`,
  async run(args, io) {
    const options = { ...trafficOptions, truth: { type: 'string' }, end: { type: 'string' }, lateness: { type: 'string' } } as const;
    const { values } = readArgs('generate', args, options);
    const { seed, events } = readTraffic('generate', values);
    const endMs = readEnd(values.end ?? endDefault);
    const latenessMs = readLateness(values.lateness ?? latenessDefault);
    const traffic = generate({ seed, events, endMs, latenessMs });
    if (values.truth !== undefined) await writeTruth(values.truth, traffic.truths);
    for (const { event } of traffic.events) await io.print(JSON.stringify(event));
    io.say(`${events} events, including ${traffic.truths.length} campaigns`);
    return exitCodes.fine;
  },
};

function readEnd(text: string): number {
  const ms = readTime(text);
  if (typeof ms !== 'number') throw usageError('generate', `--end: ${ms.detail}`);
  return ms;
}

/** More than an hour would be longer than most windows. */
const latenessMsMax = 3_600_000;

function readLateness(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined || ms < 1 || ms > latenessMsMax)
    throw usageError('generate', `--lateness takes a duration of at most 1h, such as 2m, not '${text}'`);
  return ms;
}

async function writeTruth(file: string, truths: readonly Truth[]): Promise<void> {
  try {
    await writeFile(file, truths.map((truth) => `${JSON.stringify(truth)}\n`).join(''));
  } catch (error) {
    throw new WeirError(`cannot write ${file}: ${(error as Error).message}`, 'Give --truth a file in an existing folder.', exitCodes.usage);
  }
}
