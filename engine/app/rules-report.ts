/** Reports each load of the rules in the metrics and in the log. */
import type { Logger } from 'pino';
import { sourcesOf } from '../compile/index.ts';
import { warningsOf } from '../core/deliver/rule-warnings.ts';
import type { WebhookTarget } from '../core/deliver/target.ts';
import type { RuleSet } from '../core/rule.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { Loaded } from '../runtime/rules/reload.ts';

export type ReportParts = {
  readonly metrics: Pick<Metrics, 'meter'>;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
  /** The targets of the file that WEIR_WEBHOOKS names. */
  readonly webhookTargets: readonly WebhookTarget[];
};

/** @returns a function to call with each set that goes live */
export function rulesReport({ metrics, log, webhookTargets }: ReportParts): (loaded: Loaded) => void {
  const warnOfWebhooks = webhookWarnings(webhookTargets, log);
  return (loaded) => {
    count(loaded, metrics);
    write(loaded, log);
    warnOfWebhooks(loaded.ruleset);
  };
}

function count({ ruleset, problems }: Loaded, { meter }: ReportParts['metrics']): void {
  const loaded: Record<string, number> = { live: 0, shadow: 0, draft: 0, off: 0 };
  for (const rule of ruleset.rules) loaded[rule.status]! += 1;
  const errors = errorsOf(problems);
  meter.rules({ loaded, errors, warnings: problems.length - errors, at: Date.now(), sources: sourcesOf(ruleset) });
}

/** Problems of the folder itself. They are warnings, because the folder may be a volume that comes back. */
const ofFolder: ReadonlySet<string> = new Set(['folder-missing', 'unreadable', 'no-rule-left']);

function write({ ruleset, problems }: Loaded, log: ReportParts['log']): void {
  for (const { file, line, column, code, message, hint, severity } of problems) {
    const text = `${file}:${line}:${column}: ${message}`;
    if (ofFolder.has(code)) log.warn({ code, hint }, text);
    else if (severity === 'error') log.error({ code, hint }, text);
  }
  log.info({ rules: ruleset.rules.length, hash: ruleset.hash, errors: errorsOf(problems) }, 'rules loaded');
}

const errorsOf = (problems: Loaded['problems']): number => problems.filter(({ severity }) => severity === 'error').length;

/** Logs, at each load, the rules that targets of the file name but that are missing or not live, except those already logged at the last load. */
function webhookWarnings(targets: readonly WebhookTarget[], log: Pick<Logger, 'warn'>): (ruleset: Pick<RuleSet, 'rules'>) => void {
  let logged: ReadonlySet<string> = new Set();
  return ({ rules }) => {
    const found = new Set(targets.flatMap((target) => warningsOf(target, rules).map((warning) => `webhook ${target.id}: ${warning}`)));
    for (const line of found) if (!logged.has(line)) log.warn(line);
    logged = found;
  };
}
