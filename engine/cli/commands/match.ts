/** `weir match`: which rules have a condition that holds for each event. No windows, no mutes, no Redis. */
import { loadConfig } from '../../config/config.ts';
import type { RuleSet } from '../../core/rule.ts';
import type { View } from '../../core/match/view.ts';
import { exitCodes } from '../../errors.ts';
import { readArgs } from '../args.ts';
import type { Command, Io } from '../command.ts';
import { eventLines } from '../../replay/lines.ts';
import { eventReader } from '../../replay/event-reader.ts';
import { loadRules, rulesPathOf } from '../rules.ts';

export const command: Command = {
  name: 'match',
  summary: 'for each event of a file, the rules whose condition matches it',
  usage: `weir match FILE|- [--rules DIR] [--dataset NAME]

  FILE             events as NDJSON, gzipped or not; - reads stdin
  --rules DIR      rule files (default: WEIR_RULES)
  --dataset NAME   dataset of events that do not name one

One line per event on stdout: {"index":0,"id":"e1","rules":["card-testing"]}. The index counts the lines that are not
blank, from 0; a line that is no event is named on stderr and takes its index with it. Rules are those that are live or
shadow and of which any step matches, in order of id.

Exits 0 with or without matches, 1 when there are lines and not one is an event, 78 on any problem in the rules.`,
  async run(args, io) {
    const options = { rules: { type: 'string' }, dataset: { type: 'string' } } as const;
    const { values, positionals } = readArgs('match', args, options, [1, 1]);
    const ruleset = await loadRules(rulesPathOf(values.rules, loadConfig()), io);
    await matchFile(positionals[0]!, ruleset, values.dataset, io);
    return exitCodes.fine;
  },
};

async function matchFile(file: string, ruleset: RuleSet, dataset: string | undefined, io: Io): Promise<void> {
  const reader = eventReader(ruleset, file, dataset, Date.now(), io);
  const view = ruleset.view();
  let index = 0;
  let matched = 0;
  let clock: number | undefined;
  for await (const lines of eventLines(file, io.stdin)) {
    const out: string[] = [];
    for (const line of lines) {
      const event = reader.read(line, clock);
      if (event !== undefined) {
        clock = Math.max(clock ?? event.time, event.time);
        const rules = idsOf(ruleset, view.load(event));
        if (rules.length > 0) matched += 1;
        out.push(JSON.stringify({ index, id: event.id, rules }));
      }
      index += 1;
    }
    if (out.length > 0) await io.print(out.join('\n'));
  }
  io.say(`${reader.counted(index)}, ${matched} with a matching rule`);
  reader.expectEvents(index);
}

/** Each rule once: matches come in order of rules and steps. */
function idsOf(ruleset: RuleSet, view: View): string[] {
  const ids: string[] = [];
  for (const { rule } of ruleset.match(view)) if (ids.at(-1) !== rule.id) ids.push(rule.id);
  return ids;
}
