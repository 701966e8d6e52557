/** Why a window fulfils its rule, in one line for the analyst: `5 distinct card.fingerprint for source.ip=203.0.113.9 in 10m (needs 5)`. */
import { formatDuration } from '../util/duration.ts';
import { correlationOf } from '../correlate/requirements.ts';
import type { Event } from '../event.ts';
import type { AggregateKind, Comparison, Rule, Step } from '../rule.ts';
import type { Fulfilment } from '../correlate/verdict.ts';

/** @param group the correlation's group names and their normalised values, in order; empty for a global group */
export function reason(rule: Rule, group: Readonly<Record<string, string>>, fulfilment: Fulfilment): string {
  const correlation = correlationOf(rule);
  const whose = whoseGroup(group);
  const span = formatDuration(correlation.timespanMs);
  if ('condition' in correlation) {
    const field = correlation.fields.map(({ name }) => name).join(' + ');
    return `${measured[correlation.kind](field, fulfilment.value)}${whose} in ${span} (needs ${needs(correlation.condition)})`;
  }
  if (correlation.kind === 'temporal') return `${inAnyOrder(rule.steps)}${whose} in ${span}`;
  const absence = rule.steps.at(-1)?.negative === true;
  return `${inOrder(rule.steps, span)}${whose}${absence ? '' : ` in ${span}`}`;
}

/**
 * Why an event by itself is an alert.
 * @param group empty, or the values of `suppress.by`   @param event undefined when it has expired
 */
export function singleReason(rule: Rule, group: Readonly<Record<string, string>>, event: Event | undefined): string {
  const what = event === undefined ? 'an event' : `event ${shown(event.id)} of ${shown(event.dataset)}`;
  return `${what} matched ${rule.id}${whoseGroup(group)}`;
}

function whoseGroup(group: Readonly<Record<string, string>>): string {
  const members = Object.entries(group).map(([name, value]) => `${name}=${shown(value)}`);
  return members.length === 0 ? '' : ` for ${members.join(', ')}`;
}

const measured: Readonly<Record<AggregateKind, (field: string, value: number) => string>> = {
  event_count: (_, value) => `${value} ${value === 1 ? 'event' : 'events'}`,
  value_count: (field, value) => `${value} distinct ${field}`,
  value_sum: (field, value) => `sum ${value} of ${field}`,
  value_avg: (field, value) => `average ${value} of ${field}`,
  value_min: (field, value) => `lowest ${value} of ${field}`,
  value_max: (field, value) => `highest ${value} of ${field}`,
};

const words: Readonly<Record<Comparison['op'], string>> = {
  gt: 'more than',
  gte: 'at least',
  lt: 'less than',
  lte: 'at most',
  eq: 'exactly',
  neq: 'other than',
};

function needs(condition: readonly Comparison[]): string {
  const [first] = condition;
  if (condition.length === 1 && first?.op === 'gte') return String(first.value);
  return condition.map(({ op, value }) => `${words[op]} ${value}`).join(' and ');
}

/** `guess ×5, then enter, with no reset between, then payout` */
function inOrder(steps: readonly Step[], span: string): string {
  const last = steps.findLastIndex((step) => !step.negative);
  const parts = steps.map((step, index) => {
    if (!step.negative) return `${index === 0 ? '' : 'then '}${counted(step)}`;
    if (index < last) return `no ${step.name}`;
    return `then no ${step.name} ${step.withinMs === undefined ? `within ${span} of the first` : `within ${formatDuration(step.withinMs)}`}`;
  });
  return parts.join(', ');
}

function inAnyOrder(steps: readonly Step[]): string {
  const present = steps.filter((step) => !step.negative).map(counted);
  const absent = steps.filter((step) => step.negative).map((step) => `no ${step.name}`);
  return [present.join(' and '), ...absent].join(', ');
}

const counted = (step: Step): string => (step.times.gte === 1 ? step.name : `${step.name} ×${step.times.gte}`);

/** Values are whatever an event said: one with blanks, quotes or control characters is quoted as JSON. */
const shown = (value: string): string => (/[\s"\p{C}]/u.test(value) ? JSON.stringify(value) : value);
