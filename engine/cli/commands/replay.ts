/** `weir replay`: shows which alerts rules raise on recorded events. Runs the same core as the live engine, on the event clock. */
import { loadConfig } from '../../config/config.ts';
import type { Alert } from '../../core/alert/alert.ts';
import { exitCodes } from '../../errors.ts';
import { replayStores } from '../../memory/replay-stores.ts';
import { silent, type Meter, type LabelledCounter, type PlainCounter } from '../../runtime/metering/meter.ts';
import { replaySession } from '../../runtime/pipeline/replay-session.ts';
import { readArgs } from '../args.ts';
import type { Command, Io } from '../command.ts';
import { eventReader } from '../../replay/event-reader.ts';
import { blocks } from '../../replay/blocks.ts';
import { player } from '../../replay/play.ts';
import { matchedBlocks, type ThreadRules } from '../../replay/threads.ts';
import { loadRuleFiles, rulesPathOf } from '../rules.ts';

export const command: Command = {
  name: 'replay',
  summary: 'run events from a file through the rules, on the event clock',
  usage: `weir replay FILE|- [--rules DIR] [--drain] [--dataset NAME] [--against DIR]

  FILE             events as NDJSON, gzipped or not; - reads stdin
  --rules DIR      rule files (default: WEIR_RULES)
  --drain          also fire absences whose deadline is after the last event
  --dataset NAME   dataset of events that do not name one
  --against DIR    a second rule set: print the alerts that --rules gains and loses against it

Prints one alert per line to stdout, in order of time, each once with its final count. Exits with 0 with or without
alerts, 1 if there are lines but none is an event, 78 on any error in the rules.`,
  async run(args, io) {
    const options = {
      rules: { type: 'string' },
      drain: { type: 'boolean' },
      dataset: { type: 'string' },
      against: { type: 'string' },
    } as const;
    const { values, positionals } = readArgs('replay', args, options, [1, 1]);
    const config = loadConfig();
    const file = positionals[0]!;
    const rules = await loadRuleFiles(rulesPathOf(values.rules, config), io);
    const other = values.against === undefined ? undefined : await loadRuleFiles(rulesPathOf(values.against, config, '--against'), io);
    const sets = other === undefined ? [rules] : [rules, other];
    const results = await replayFile(
      file,
      sets,
      { latenessMs: config.latenessMs, drain: values.drain === true, dataset: values.dataset },
      io,
    );
    if (other === undefined) for (const alert of results[0]!) await io.print(JSON.stringify(alert));
    else for (const line of difference(results[0]!, results[1]!)) await io.print(line);
    return exitCodes.fine;
  },
};

type FileOptions = {
  readonly latenessMs: number;
  readonly drain: boolean;
  readonly dataset: string | undefined;
  readonly threads?: number;
  readonly alone?: number;
  /** Bytes of a block, unless a line is longer. */
  readonly blockBytes?: number;
};

/**
 * Reads the file once, and replays it for each rule set.
 * @returns their alerts, each once, in order of time
 * @throws WeirError (2) when the file cannot be read, (1) when none of its lines is an event
 */
export async function replayFile(
  file: string,
  sets: readonly ThreadRules[],
  options: FileOptions,
  io: Pick<Io, 'stdin' | 'say'>,
): Promise<Alert[][]> {
  const bounds = boundsReached();
  const nowMs = Date.now();
  const runs = sets.map(({ ruleset }, n) => {
    const reader = eventReader(ruleset, file, options.dataset, nowMs, io);
    const session = replaySession(ruleset, replayStores, {
      ...options,
      ...(n === 0 ? { meter: bounds.meter } : {}),
      onRuleFault: (id, fault) => io.say(`rule ${id}: ${String(fault)}`),
    });
    return { reader, session, player: player(ruleset, session, reader) };
  });
  let lines = 0;
  for await (const { block, sets: found, thread } of matchedBlocks(blocks(file, io.stdin, options.blockBytes), sets, {
    ...options,
    nowMs,
  })) {
    const { kinds, cuts } = found[0]!;
    lines += kinds.length;
    for (const [what, by] of Object.entries(cuts)) if (by > 0) bounds.meter.addTo('cut', what, by);
    let users = runs.length;
    const release = (): void => void (--users === 0 && block.release());
    for (const [n, one] of runs.entries()) await one.player.play({ ...block, release }, found[n]!, thread);
  }
  const results: Alert[][] = [];
  for (const { session } of runs) results.push(await session.finish());
  const { reader } = runs[0]!;
  io.say(`${reader.counted(lines)}, ${results[0]!.length} alerts`);
  for (const line of bounds.lines()) io.say(line);
  reader.expectEvents(lines);
  return results;
}

/** Counts what was cut at a limit, and describes it for stderr. */
function boundsReached(): { readonly meter: Meter; lines(): string[] } {
  const words: Partial<Record<PlainCounter | `${LabelledCounter} ${string}`, string>> = {
    late: 'observations arrived too late for their window log and were not correlated',
    refusedLogs: 'observations were refused: their rule had opened too many new window logs in one minute',
    undecided: 'windows were not fulfilled, or evaluated approximately, because a search reached its bound',
    'evicted log_entries': 'log entries were dropped because their window log was full',
    'cut groups': 'times an event belonged to more groups than a rule accepts per event',
    'cut values': 'times an event had more values than a rule accepts per event',
    'cut entities': 'entities of alerts had more values than an alert shows',
    'cut evidence': 'alerts had more evidence than an alert holds',
    'cut message': 'messages were longer than an alert shows',
  };
  const counts = new Map<string, number>();
  const count = (what: string | undefined, by: number): void => {
    if (what !== undefined) counts.set(what, (counts.get(what) ?? 0) + by);
  };
  return {
    meter: {
      ...silent,
      add: (counter, by = 1) => count(words[counter], by),
      addTo: (counter, label, by = 1) => count(words[`${counter} ${label}`], by),
    },
    lines: () => [...counts].map(([what, by]) => `${by} ${what}`),
  };
}

/** Two alerts are the same if they have the same rule, group and time. */
function difference(ours: readonly Alert[], theirs: readonly Alert[]): string[] {
  const key = (alert: Alert): string => JSON.stringify([alert.rule.id, alert.group, alert.created]);
  const oursByKey = new Set(ours.map(key));
  const theirsByKey = new Set(theirs.map(key));
  return [
    ...ours.filter((alert) => !theirsByKey.has(key(alert))).map((alert) => JSON.stringify({ change: 'gained', alert })),
    ...theirs.filter((alert) => !oursByKey.has(key(alert))).map((alert) => JSON.stringify({ change: 'lost', alert })),
  ];
}
