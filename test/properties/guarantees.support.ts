/** Runs cases through the real pipeline and compares the alerts with the oracle. */
import { expect } from 'vitest';
import type { Alert } from '../../engine/core/alert/alert.ts';
import { envelope, eventOf } from '../../engine/core/ingest/envelope.ts';
import type { Event } from '../../engine/core/event.ts';
import type { RuleSet } from '../../engine/core/rule.ts';
import { compile } from '../../engine/compile/index.ts';
import { replayStores } from '../../engine/memory/replay-stores.ts';
import { silent, type Meter } from '../../engine/runtime/metering/meter.ts';
import { replaySession, type ReplayStores } from '../../engine/runtime/pipeline/replay-session.ts';
import { beginning, documentOf, rawOf, type EventCase, type RuleCase } from './guarantees.arbitraries.ts';
import { type Arrivals } from './guarantees.arrivals.ts';
import { isUnmuted, oracleOf, type Expected, type Window } from './guarantees.oracle.ts';

export function rulesetOf(rule: RuleCase, id = 'rule'): RuleSet {
  const { ruleset, problems } = compile([{ path: 'rules/rule.json', text: JSON.stringify(documentOf(rule, id)) }]);
  const errors = problems.filter((problem) => problem.severity === 'error');
  if (errors.length > 0) throw new Error(errors.map((problem) => problem.message).join('\n'));
  return ruleset;
}

/** The event as ingest creates it. */
export function eventFor(event: EventCase, { datasets }: RuleSet): Event {
  const raw = rawOf(event);
  const given = envelope(raw, { datasets, receivedMs: beginning + 1e6, futureMsMax: Infinity, dataset: undefined }, () => 'none');
  if (given.kind === 'rejected') throw new Error(given.detail);
  return eventOf(given, raw, datasets);
}

/** Rules that wait for the lateness. */
export const waits = (rule: RuleCase): boolean => rule.settle || oracleOf(rule).waits(rule);

/** Monotone rules, settled rules and absences are exact; others may have fired before a late event contradicted the alert. */
export const exact = (rule: RuleCase, events: readonly EventCase[]): boolean => waits(rule) || oracleOf(rule).grows(rule, events);

type Run = {
  readonly ruleset: RuleSet;
  readonly latenessMs: number;
  readonly stores?: (profile: Parameters<typeof replayStores>[0]) => ReplayStores;
  readonly meter?: Meter;
};

export async function alertsOf(
  { ruleset, latenessMs, stores = replayStores, meter = silent }: Run,
  { order, batch }: Arrivals,
): Promise<Alert[]> {
  const onRuleFault = (_: string, fault: unknown): never => {
    throw fault;
  };
  const session = replaySession(ruleset, stores, { latenessMs, drain: false, batch, onRuleFault, meter });
  for (const event of order) await session.feed(eventFor(event, ruleset));
  return session.finish();
}

/** The text of a group, the same for an alert and the oracle. */
export const groupOf = ({ group }: Alert): string => ['user', 'owner'].flatMap((field) => group[field] ?? []).join('|');

export const byGroup = (alerts: readonly Alert[]): Map<string, Alert[]> => Map.groupBy(alerts, groupOf);

/** The end of the window that fired, in ms after the beginning: `created` in a replay. */
export const endOf = (alert: Alert): number => Date.parse(alert.created) - beginning;

/** The fulfilled windows that the engine knows at the end of the input: an absence after the last event is still open. */
export function within(expected: Expected, last: number): Expected {
  const known = [...expected].map(([group, windows]) => [group, windows.filter(({ at }) => at <= last)] as const);
  return new Map(known.filter(([, windows]) => windows.length > 0));
}

const nobody: ReadonlySet<number> = new Set();

/**
 * Checks that alerts of one pair are a suppression time apart, and that every fulfilled window has an alert near it. This is
 * not guaranteed for a window that may end at an event that was sent again with other content: such an event ends windows
 * at several times, but they are all one alert, because an alert's id is made of the event that fulfilled it.
 */
export function expectCovered(rule: RuleCase, alerts: readonly Alert[], windows: readonly Window[], wandering = nobody): void {
  const muting = alerts.length === 0 || !isUnmuted(rule, groupOf(alerts[0]!));
  const ends = alerts.map(endOf).sort((a, b) => a - b);
  if (muting) for (let i = 1; i < ends.length; i++) expect(ends[i]! - ends[i - 1]!).toBeGreaterThanOrEqual(rule.suppressMs);
  for (const { at, by } of windows) {
    if ([...by].some((n) => wandering.has(n)) && alerts.length > 0) continue;
    const near = ends.some((end) => Math.abs(end - at) < (muting ? Math.max(1, rule.suppressMs) : 1));
    expect(near, `the window that ends at ${at} has no alert near; alerts end at ${ends.join(', ')}`).toBe(true);
  }
}

/**
 * Checks that each alert counts the events of its windows once each: those of its own window and of the windows that it
 * suppresses. A window near two alerts belongs to the earlier one. But if the later alert counted it before the earlier
 * one was found, and it has left the log since, it stays counted there: then the count is only bounded. The same holds
 * when windows at several times are one alert (expectCovered).
 */
export function expectCounts(
  rule: RuleCase,
  alerts: readonly Alert[],
  windows: readonly Window[],
  { exactly, wandering = nobody }: { readonly exactly: boolean; readonly wandering: ReadonlySet<number> | undefined },
): void {
  if (alerts.length > 0 && isUnmuted(rule, groupOf(alerts[0]!))) return alerts.forEach((alert) => expect(alert.count).toBe(1));
  const ends = alerts.map(endOf).sort((a, b) => a - b);
  for (const alert of alerts) {
    expect(alert.count).toBeGreaterThanOrEqual(1);
    expect(alert.count).toBeLessThanOrEqual(membersOf(windows));
    // Without suppression several alerts end at one instant, each with the windows of its own event.
    if (wandering.size > 0 || rule.suppressMs === 0) continue;
    const own = endOf(alert);
    const near = windows.filter(({ at }) => Math.abs(at - own) < rule.suppressMs);
    const belong = near.filter(({ at }) => ends.find((end) => Math.abs(at - end) < rule.suppressMs) === own);
    if (exactly) expect(alert.count, `events of the alert that ends at ${own}`).toBe(membersOf(belong));
    else expect(alert.count, `events of the alert that ends at ${own}`).toBeLessThanOrEqual(membersOf(near));
  }
}

const membersOf = (windows: readonly Window[]): number => new Set(windows.flatMap(({ members }) => [...members])).size;
