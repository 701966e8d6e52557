/** `weir match`: lists, for each event, the rules whose conditions match it. No windows, no suppression, no Redis. */
import { loadConfig } from '../../config/config.ts';
import type { RuleSet } from '../../core/rule.ts';
import type { View } from '../../core/match/view.ts';
import { exitCodes } from '../../errors.ts';
import { readArgs } from '../args.ts';
import type { Command, Io } from '../command.ts';
import { itemsOfFile } from '../../replay/items.ts';
import { eventReader } from '../../replay/event-reader.ts';
import { loadRules, rulesPathOf } from '../rules.ts';

export const command: Command = {
  name: 'match',
  summary: 'list, for each event of a file, the rules whose conditions match it',
  usage: `weir match FILE|- [--rules DIR] [--dataset NAME]

  FILE             events as NDJSON, gzipped or not; - reads stdin
  --rules DIR      rule files (default: WEIR_RULES)
  --dataset NAME   dataset of events that do not name one

Prints one line per event to stdout: {"index":0,"id":"e1","rules":["card-testing"]}. The index counts non-blank lines,
from 0; a line that is not an event is reported on stderr, and its index is skipped. Lists the live and shadow rules of
which any step matches, in order of id.

Exits with 0 with or without matches, 1 if there are lines but none is an event, 78 on any error in the rules.`,
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
  for await (const lines of itemsOfFile(file, io.stdin)) {
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
