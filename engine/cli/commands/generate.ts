/** `weir generate`: the demo's traffic as NDJSON, and its ground truth: for one's own rules, and for other engines. */
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

/** When the day ends, unless told: the same bytes today and next year. */
const endDefault = '2026-03-03T00:00:00Z';
const latenessDefault = '2m';

export const command: Command = {
  name: 'generate',
  summary: 'write a day of traffic with attacks in it, and what there is to find',
  usage: `weir generate [--seed N] [--events N] [--truth FILE] [--end TIME] [--lateness DURATION]

  --seed N             another seed, another day (default 1)
  --events N           events, duplicates included: 1000 to ${limits.generatedEventsMax} (default 100000)
  --truth FILE         writes the ground truth there: a campaign a line, with rule, group, event ids, first and last time
  --end TIME           the last event arrives by then, the first happens a day before (default ${endDefault})
  --lateness DURATION  the longest that an event is under way (default ${latenessDefault})

Events of ten sources, each with its own names (rules/datasets/ maps them), one a line on stdout, in the order in which
they arrive: some late, some twice. The same options give the same bytes.

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
    io.say(`${events} events, ${traffic.truths.length} campaigns among them`);
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
    throw usageError('generate', `--lateness: '${text}' is no duration up to 1h, such as 2m`);
  return ms;
}

async function writeTruth(file: string, truths: readonly Truth[]): Promise<void> {
  try {
    await writeFile(file, truths.map((truth) => `${JSON.stringify(truth)}\n`).join(''));
  } catch (error) {
    throw new WeirError(
      `cannot write ${file}: ${(error as Error).message}`,
      'Give --truth a file in a folder that is there.',
      exitCodes.usage,
    );
  }
}
