/** What the targets of the file of WEIR_WEBHOOKS name in vain, told to the log at each load of the rules: only what is new since the last. */
import type { Logger } from 'pino';
import type { RuleSet } from '../core/ruleset.ts';
import type { WebhookTarget } from '../core/deliver/target.ts';
import { warningsOf } from '../core/deliver/rule-warnings.ts';

export function tellWarnings(targets: readonly WebhookTarget[], log: Pick<Logger, 'warn'>): (ruleset: Pick<RuleSet, 'rules'>) => void {
  let told: ReadonlySet<string> = new Set();
  return ({ rules }) => {
    const found = new Set(targets.flatMap((target) => warningsOf(target, rules).map((warning) => `webhook ${target.id}: ${warning}`)));
    for (const line of found) if (!told.has(line)) log.warn(line);
    told = found;
  };
}
