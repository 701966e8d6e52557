/**
 * An explained alert as text for a terminal:
 *
 *     al_0yyJ…  card-testing  Card testing from one address  (high, open)
 *     5 distinct card.fingerprint for source.ip=203.0.113.9 in 10m (needs 5)
 *       group     source.ip = 203.0.113.9
 *       count     5 events from 2026-01-01T00:00:00.000Z to 2026-01-01T00:04:00.000Z
 *
 *       2026-01-01T00:00:00.000Z          payments e1  card-testing  card.fingerprint = c1
 *       2026-01-01T00:01:00.000Z  +1m     payments e2  card-testing  card.fingerprint = c2
 */
import type { Alert } from '../../core/alert/alert.ts';
import { formatDuration } from '../../core/util/duration.ts';
import type { History, HistoryEntry } from '../../core/alert/triage.ts';
import type { EvidenceSteps, RuleNow } from '../../runtime/rules/evidence-steps.ts';
import type { ExplainedCondition } from '../../compile/index.ts';
import { conditionLines, shownText, windowText } from './explain.ts';
import { paint } from '../output.ts';

export type AlertStep = { readonly name: string; readonly negative: boolean; readonly condition: ExplainedCondition | undefined };

export type AlertExplanation = {
  readonly alert: Alert;
  readonly rule: RuleNow;
  readonly evidence: readonly EvidenceSteps[];
  readonly steps: readonly AlertStep[];
  readonly history: History;
};

/** @returns lines without line ends */
export function formatAlert({ alert, rule, evidence, steps, history }: AlertExplanation, color: boolean): string[] {
  const window = rule.now === undefined ? undefined : windowText(rule.now);
  return [
    `${paint(color, 'bold', shownText(alert.id))}  ${shownText(alert.rule.id)}  ${shownText(alert.rule.title)}  (${shownText(alert.rule.level)}, ${shownText(alert.status)}${alert.shadow ? ', shadow' : ''})`,
    shownText(alert.reason),
    ...facts(alert),
    '',
    ...triageLines(alert, history),
    ...timeline(evidence, color),
    ...hidden(alert),
    '',
    ...ruleLines[rule.is](shownText(alert.rule.id)).map((line) => paint(color, 'yellow', line)),
    ...steps.flatMap((step) => stepLines(step, steps.length, color)),
    ...(window === undefined ? [] : [`  then ${window}`]),
  ];
}

function facts(alert: Alert): string[] {
  const group = Object.entries(alert.group).map(([name, value]) => `${shownText(name)} = ${shownText(value)}`);
  const entities = alert.entities.map(({ field, value, risk }) => `${shownText(field)} ${shownText(value)} (risk ${risk})`);
  return [
    ...(alert.message === '' ? [] : [`  message   ${shownText(alert.message)}`]),
    ...(group.length === 0 ? [] : [`  group     ${group.join(', ')}`]),
    ...(entities.length === 0 ? [] : [`  entities  ${entities.join(', ')}`]),
    `  count     ${events(alert.count)} from ${shownText(alert.first_seen)} to ${shownText(alert.last_seen)}`,
    ...(alert.capped === true ? ['  capped    the window log was full: there were more events than it holds'] : []),
  ];
}

/** Triage: the assignee, the verdict, and each change with its author and time. */
function triageLines({ assignee, verdict }: Alert, { entries, dropped }: History): string[] {
  const all = [
    ...(assignee === undefined ? [] : [`  assignee  ${shownText(assignee)}`]),
    ...(verdict === undefined ? [] : [`  verdict   ${shownText(verdict)}`]),
    ...(dropped === 0 ? [] : [`  ${dropped} older changes are in the audit log`]),
    ...entries.map((entry) => `  ${shownText(entry.at)}  ${shownText(entry.who)}  ${changesOf(entry)}`),
  ];
  return all.length === 0 ? [] : [...all, ''];
}

function changesOf(entry: HistoryEntry): string {
  const changes = (['status', 'assignee', 'verdict'] as const).flatMap((name) => {
    const change = entry[name];
    return change === undefined ? [] : [`${name} ${shownText(change[0] ?? 'none')} to ${shownText(change[1] ?? 'none')}`];
  });
  return [...changes, ...(entry.note === undefined ? [] : [`"${shownText(entry.note)}"`])].join(', ');
}

const events = (count: number): string => `${count} ${count === 1 ? 'event' : 'events'}`;

function timeline(evidence: readonly EvidenceSteps[], color: boolean): string[] {
  const known = evidence.flatMap(({ time }) => (time === undefined ? [] : [Date.parse(time)]));
  const start = Math.min(...known);
  const width = Math.max(8, ...evidence.map((one) => sinceText(one, start).length));
  return evidence.map((one) => {
    const when = `  ${(one.time === undefined ? 'no timestamp' : shownText(one.time)).padEnd(24)}  ${sinceText(one, start).padEnd(width)}`;
    if (one.dataset === undefined) return `${when}${paint(color, 'dim', 'expired: its text is no longer in the stream')}`;
    const counted = Object.entries(one.counted).map(([name, values]) => `  ${shownText(name)} = ${values.map(shownText).join(' | ')}`);
    const matched = one.steps.length === 0 ? '' : `  ${paint(color, 'green', one.steps.join(', '))}`;
    return `${when}${shownText(one.dataset)} ${shownText(one.id ?? '(no id)')}${matched}${counted.join('')}`;
  });
}

const sinceText = ({ time }: EvidenceSteps, start: number): string =>
  time === undefined || Date.parse(time) === start ? '' : `+${formatDuration(Date.parse(time) - start)}`;

function hidden({ count, events: shownEvents }: Alert): string[] {
  const more = count - shownEvents.length;
  return more > 0 ? [`  and ${more} more, not kept as evidence`] : [];
}

const ruleLines: Readonly<Record<AlertExplanation['rule']['is'], (id: string) => string[]>> = {
  unchanged: () => [],
  changed: (id) => [`${id} has changed since this alert: these are the steps of the current rule`],
  missing: (id) => [`${id} is not among these rules; use --rules DIR for others`],
};

function stepLines({ name, negative, condition }: AlertStep, of: number, color: boolean): string[] {
  const head = of === 1 ? [] : [`  step ${name}${negative ? ' (must not happen)' : ''}`];
  if (condition === undefined) return [...head, `    ${paint(color, 'dim', 'no event in the evidence matches')}`];
  return [...head, ...conditionLines(condition, of === 1 ? 1 : 2, color)];
}
