/** `weir test`: runs the tests in rule files, each with its own rule only. */
import { loadConfig } from '../../config/config.ts';
import { exitCodes } from '../../errors.ts';
import { replayStores } from '../../memory/replay-stores.ts';
import { runRuleTests } from '../../runtime/rules/rule-tests.ts';
import { readArgs, usageError } from '../args.ts';
import type { Command } from '../command.ts';
import { resultLines } from '../format/tests.ts';
import { loadRulesOf } from '../rules.ts';

export const command: Command = {
  name: 'test',
  summary: 'run the tests in rule files',
  usage: `weir test [PATH …] [--filter TEXT] [--json]

  PATH             rule files or folders (default: WEIR_RULES); the mapping files of the nearest datasets/ folder
                   next to or above them are used too
  --filter TEXT    only tests whose rule id, rule title or test name contains TEXT
  --json           one result per line: rule, test, file, line, column, passed, faults, expected, alerts, missing, unexpected

Each test runs its own rule only, with suppression as in the live engine and pending absences fired at the end. Events
arrive in the order in which they are written; one without a time happens a second after the one before it. Expected
alerts are compared on the keys they name, and there must be as many alerts as expected ones.

  weir test rules/fraud --filter card

Exits with 1 if a test fails or a PATH has no rule files, 78 on any error in the rules.`,
  async run(args, io) {
    const { values, positionals } = readArgs('test', args, { filter: { type: 'string' } } as const, [0, 1000]);
    const config = loadConfig();
    const { ruleset, chosen } = await loadRulesOf(positionals, config, io);
    const filter = values.filter?.toLowerCase() ?? '';
    const only = (rule: (typeof ruleset.rules)[number], test: (typeof rule.tests)[number]): boolean =>
      chosen(rule) && [rule.id, rule.title, test.name].some((text) => text.toLowerCase().includes(filter));
    let passed = 0;
    let failed = 0;
    for await (const result of runRuleTests(ruleset, replayStores, { only, latenessMs: config.latenessMs })) {
      if (result.passed) passed += 1;
      else failed += 1;
      if (io.json) await io.print(JSON.stringify(result));
      else for (const line of resultLines(result, io.color.stdout)) await io.print(line);
    }
    if (passed + failed === 0 && filter !== '') throw usageError('test', `no test matches --filter '${values.filter}'`);
    const untested = ruleset.rules.filter((rule) => chosen(rule) && rule.tests.length === 0).length;
    io.say(`${passed} passed, ${failed} failed${untested === 0 ? '' : `, ${untested} rules without tests`}`);
    return failed === 0 ? exitCodes.fine : exitCodes.findings;
  },
};
