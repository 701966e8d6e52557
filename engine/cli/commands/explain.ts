/** `weir explain`: shows why an event does or does not match a rule, and why an alert fired. */
import { loadConfig } from '../../config/config.ts';
import { closest } from '../../core/util/closest.ts';
import type { Rule, RuleSet } from '../../core/rule.ts';
import { exitCodes, WeirError } from '../../errors.ts';
import { apiUrl } from '../api-client.ts';
import { readArgs, usageError } from '../args.ts';
import type { Command, Io } from '../command.ts';
import { explainAlert } from '../explain/alert.ts';
import { explainEvents } from '../explain/events.ts';
import { findAlert } from '../explain/source.ts';
import { loadRules, rulesPathOf, type RulesPath } from '../rules.ts';

export const command: Command = {
  name: 'explain',
  summary: 'show why an event does or does not match a rule, and why an alert fired',
  usage: `weir explain --event FILE|- [--rule ID] [--rules DIR] [--dataset NAME]
weir explain ALERT-ID [--from FILE | --url URL] [--rules DIR] [--dataset NAME]

  --event FILE     events: one JSON object, an array, or NDJSON, gzipped or not; - reads stdin
  --rule ID        only this rule, whatever its status
  --rules DIR      rule files (default: WEIR_RULES)
  --dataset NAME   dataset of events that do not name one

  ALERT-ID         an alert in the running engine, or in a file
  --from FILE      alerts as \`weir replay\` prints them; - reads stdin
  --url URL        the engine's API (default: WEIR_HOST and WEIR_PORT)

For an event: each condition with the event's value. Without --rule, a rule with no fulfilled condition is only named.
For an alert: its reason and group, its evidence in order of time, and which steps of the rule each event matches.
--json prints one line per event, or one for the alert, with every condition; a missing value is left out.

Exits with 1 if an event cannot be read or the alert is not found, 78 on any error in the rules.`,
  async run(args, io) {
    const { values, positionals } = readArgs('explain', args, options, [0, 1]);
    const [alertId] = positionals;
    if ((values.event === undefined) === (alertId === undefined)) throw usageError('explain', 'give either --event FILE or an alert id');
    const misplaced = alertId === undefined ? (['from', 'url'] as const) : (['rule'] as const);
    const wrong = misplaced.find((name) => values[name] !== undefined);
    if (wrong !== undefined)
      throw usageError('explain', `--${wrong} cannot be used with ${alertId === undefined ? '--event' : 'an alert'}`);
    if (values.from !== undefined && values.url !== undefined) throw usageError('explain', 'give either --from or --url');
    const config = loadConfig();
    const rules = rulesPathOf(values.rules, config);
    if (alertId === undefined) {
      const ruleset = await loadRules(rules, io);
      const rule = values.rule === undefined ? undefined : ruleNamed(ruleset, values.rule);
      return await explainEvents({ file: values.event!, ruleset, rule, dataset: values.dataset }, io);
    }
    const alert = await findAlert(alertId, { file: values.from, url: values.url ?? apiUrl(config) }, io);
    await explainAlert(alert, { ruleset: await rulesIfGood(rules, io), dataset: values.dataset }, io);
    return exitCodes.fine;
  },
};

const options = {
  event: { type: 'string' },
  rule: { type: 'string' },
  rules: { type: 'string' },
  dataset: { type: 'string' },
  from: { type: 'string' },
  url: { type: 'string' },
} as const;

function ruleNamed(ruleset: RuleSet, id: string): Rule {
  const rule = ruleset.byId.get(id);
  if (rule !== undefined) return rule;
  const near = closest(id, [...ruleset.byId.keys()]);
  throw usageError('explain', `unknown rule '${id}'${near === undefined ? '' : `; did you mean ${near}?`}`);
}

/** An alert can be explained without its rule: errors in the rules are reported, but do not end the command. */
async function rulesIfGood(from: RulesPath, io: Io): Promise<RuleSet | undefined> {
  try {
    return await loadRules(from, io);
  } catch (error) {
    if (!(error instanceof WeirError)) throw error;
    io.say(`${error.message}: the steps of the rule are not shown`);
    return undefined;
  }
}
