/** What a load of the rules found, in the metrics and in the log. */
import type { Logger } from 'pino';
import { sourcesOf } from '../compile/index.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { Loaded } from '../runtime/rules/reload.ts';

/** Problems of the folder itself, which may be a volume that comes back: told less loudly than a bad rule. */
const ofFolder: ReadonlySet<string> = new Set(['folder-missing', 'unreadable', 'no-rule-left']);

export function reportRules({ ruleset, problems }: Loaded, metrics: Metrics, log: Logger): void {
  const errors = problems.filter((problem) => problem.severity === 'error');
  const loaded: Record<string, number> = { live: 0, shadow: 0, draft: 0, off: 0 };
  for (const rule of ruleset.rules) loaded[rule.status]! += 1;
  metrics.meter.rules({
    loaded,
    errors: errors.length,
    warnings: problems.length - errors.length,
    at: Date.now(),
    sources: sourcesOf(ruleset),
  });
  for (const { file, line, column, code, message, hint, severity } of problems) {
    const told = `${file}:${line}:${column}: ${message}`;
    if (ofFolder.has(code)) log.warn({ code, hint }, told);
    else if (severity === 'error') log.error({ code, hint }, told);
  }
  log.info({ rules: ruleset.rules.length, hash: ruleset.hash, errors: errors.length }, 'rules loaded');
}
