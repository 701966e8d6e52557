/** Reports each load of the rules in the metrics and in the log. */
import type { Logger } from 'pino';
import { sourcesOf } from '../compile/index.ts';
import { warningsOf } from '../core/deliver/rule-warnings.ts';
import type { WebhookTarget } from '../core/deliver/target.ts';
import type { Problem } from '../core/problem.ts';
import type { RuleSet, Status } from '../core/rule.ts';
import type { Metrics } from '../metrics/metrics.ts';
import { folderFault } from '../runtime/rules/folder.ts';
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
  const warnOfRules = ruleWarnings(log);
  return (loaded) => {
    count(loaded, metrics);
    write(loaded, log);
    warnOfRules(loaded);
    warnOfWebhooks(loaded.ruleset);
  };
}

function count(all: Loaded, { meter }: ReportParts['metrics']): void {
  const { ruleset, problems } = all;
  const loaded: Record<Status, number> = { live: 0, shadow: 0, draft: 0, off: 0 };
  for (const rule of ruleset.rules) loaded[rule.status] += 1;
  const errors = errorsOf(problems);
  const folderUp = folderFault(all) === undefined;
  meter.rules({ loaded, errors, warnings: problems.length - errors, folderUp, at: Date.now(), sources: sourcesOf(ruleset) });
}

/** Problems of the folder itself. They are warnings, because the folder may be a volume that comes back. */
const ofFolder: ReadonlySet<string> = new Set(['folder-missing', 'folder-replaced', 'unreadable', 'no-rule-left']);

function write({ ruleset, problems }: Loaded, log: ReportParts['log']): void {
  for (const problem of problems) {
    const { code, hint, severity } = problem;
    if (ofFolder.has(code)) log.warn({ code, hint }, textOf(problem));
    else if (severity === 'error') log.error({ code, hint }, textOf(problem));
  }
  const errors = errorsOf(problems);
  log.info({ rules: ruleset.rules.length, hash: ruleset.hash, errors, warnings: problems.length - errors }, 'rules loaded');
}

const textOf = ({ file, line, column, message }: Problem): string => `${file}:${line}:${column}: ${message}`;

/** Warnings of one load that are logged one by one: a folder of other tools' rules may have one for each rule. */
const warningsLoggedMax = 100;

/** Logs, at each load, the warnings in rule files, except those of the load before. */
function ruleWarnings(log: Pick<Logger, 'warn'>): (loaded: Loaded) => void {
  let logged: ReadonlySet<string> = new Set();
  return ({ problems }) => {
    const warnings = problems.filter(({ severity, code }) => severity === 'warning' && !ofFolder.has(code));
    const fresh = warnings.filter((problem) => !logged.has(textOf(problem)));
    for (const problem of fresh.slice(0, warningsLoggedMax)) log.warn({ code: problem.code, hint: problem.hint }, textOf(problem));
    const more = fresh.length - warningsLoggedMax;
    if (more > 0) log.warn({ more }, 'more warnings in the rule files; GET /v1/rules and weir check list them');
    logged = new Set(warnings.map(textOf));
  };
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
