/** `weir replay`: what would these rules have fired on these events? The same core as live, on the event clock. */
import { loadConfig } from '../config.ts';
import type { Alert } from '../core/alert.ts';
import type { RuleSet } from '../core/ruleset.ts';
import { exitCodes } from '../errors.ts';
import { replayStores } from '../memory/replay-stores.ts';
import { silent, type Meter, type PlainCounter } from '../runtime/meter.ts';
import { replaySession } from '../runtime/replay.ts';
import { readArgs } from './args.ts';
import type { Command, Io } from './command.ts';
import { eventLines } from './event-lines.ts';
import { eventReader } from './read-events.ts';
import { loadRules } from './rules-option.ts';

export const command: Command = {
  name: 'replay',
  summary: 'run events from a file through the rules, on the event clock',
  usage: `weir replay FILE|- [--rules DIR] [--drain] [--dataset NAME] [--against DIR]

  FILE             events as NDJSON, gzipped or not; - reads stdin
  --rules DIR      rule files (default: WEIR_RULES)
  --drain          also fire absences whose deadline lies after the last event
  --dataset NAME   dataset of events that do not name one
  --against DIR    a second rule set: prints alerts gained and lost by --rules against it

One alert per line on stdout, in order of time, each once with its final count. Exits 0 with or without alerts,
78 on any problem in the rules.`,
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
    const rules = await loadRules(values.rules ?? config.rulesPath, io);
    const other = values.against === undefined ? undefined : await loadRules(values.against, io);
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

type FileOptions = { readonly latenessMs: number; readonly drain: boolean; readonly dataset: string | undefined };

/** Reads the file once, and feeds it to each rule set. */
async function replayFile(file: string, sets: readonly RuleSet[], options: FileOptions, io: Io): Promise<Alert[][]> {
  const bounds = boundsReached();
  const runs = sets.map((ruleset) => ({
    reader: eventReader(ruleset, file, options.dataset, Date.now(), io),
    session: replaySession(ruleset, replayStores, {
      ...options,
      ...(ruleset === sets[0] ? { meter: bounds.meter } : {}),
      onRuleFault: (id, fault) => io.say(`rule ${id}: ${String(fault)}`),
    }),
  }));
  let lines = 0;
  for await (const block of eventLines(file, io.stdin)) {
    lines += block.length;
    for (const { reader, session } of runs) {
      for (const line of block) {
        const event = reader.read(line, session.clock());
        const busy = event === undefined ? undefined : session.feed(event);
        if (busy !== undefined) await busy;
      }
    }
  }
  const results: Alert[][] = [];
  for (const { session } of runs) results.push(await session.finish());
  const bad = runs[0]!.reader.bad();
  io.say(`${lines - bad} events${bad === 0 ? '' : `, ${bad} bad lines`}, ${results[0]!.length} alerts`);
  for (const line of bounds.lines()) io.say(line);
  return results;
}

/** What a bound kept from the alerts, in words for stderr. */
function boundsReached(): { readonly meter: Meter; lines(): string[] } {
  const words: Partial<Record<PlainCounter, string>> = {
    late: 'observations came too late for their window log and were not correlated',
    refusedLogs: 'observations would have opened more new window logs than a rule may in a minute',
    undecided: 'windows were judged by approximation',
  };
  const counts = new Map<string, number>();
  const count = (what: string | undefined, by: number): void => {
    if (what !== undefined) counts.set(what, (counts.get(what) ?? 0) + by);
  };
  return {
    meter: {
      ...silent,
      add: (counter, by = 1) => count(words[counter], by),
      addTo: (counter, label, by = 1) =>
        count(counter === 'evicted' && label === 'log_entries' ? 'log entries were cut by the cap' : undefined, by),
    },
    lines: () => [...counts].map(([what, by]) => `${by} ${what}`),
  };
}

/** Alerts are the same when rule, group and time are. */
function difference(ours: readonly Alert[], theirs: readonly Alert[]): string[] {
  const key = (alert: Alert): string => JSON.stringify([alert.rule.id, alert.group, alert.created]);
  const oursByKey = new Set(ours.map(key));
  const theirsByKey = new Set(theirs.map(key));
  return [
    ...ours.filter((alert) => !theirsByKey.has(key(alert))).map((alert) => JSON.stringify({ change: 'gained', alert })),
    ...theirs.filter((alert) => !oursByKey.has(key(alert))).map((alert) => JSON.stringify({ change: 'lost', alert })),
  ];
}
