/**
 * Runs the tests in rule files. Each test runs its rule alone, through the pipeline that replay and the workers use:
 * suppression and lateness as in the live engine, pending absences fired at the end. A draft or a rule that is off is
 * tested like a live one, because rules are tested before they run.
 *
 * Events arrive in the order in which they are written. One without a time happens one second after the one before it, the
 * first at 2026-01-01T00:00:00Z; one without an id gets its position in the list.
 */
import type { Alert } from '../../core/alert/alert.ts';
import { envelope, eventOf } from '../../core/ingest/envelope.ts';
import type { Event } from '../../core/event.ts';
import { limits } from '../../core/limits.ts';
import type { RejectionCode } from '../../core/ingest/rejection.ts';
import type { Rule, RuleTest, Matcher, RuleSet } from '../../core/rule.ts';
import type { Step } from '../../core/step.ts';
import type { LogProfile } from '../../core/correlate/log-profile.ts';
import { pairAlerts, type ExpectedAlert } from './expected-alerts.ts';
import { replaySession, type ReplayStores } from '../pipeline/replay-session.ts';

export type RuleTestResult = {
  readonly rule: string;
  readonly test: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly passed: boolean;
  /** Errors in the test itself, such as events that ingest would reject (then nothing was run), or that the rule threw. */
  readonly faults: readonly string[];
  readonly expected: readonly ExpectedAlert[];
  readonly alerts: readonly Alert[];
  /** Expected alerts that no actual alert fits. */
  readonly missing: readonly ExpectedAlert[];
  /** Actual alerts that were not expected. */
  readonly unexpected: readonly Alert[];
};

export type MakeStores = (profile: (rule: Rule) => LogProfile) => ReplayStores;

export type RuleTestOptions = {
  /** Selects rules and tests. */
  readonly only?: (rule: Rule, test: RuleTest) => boolean;
  readonly latenessMs?: number;
};

/** All tests of a rule set, in order of rule id and of the file. */
export async function* runRuleTests(
  ruleset: RuleSet,
  makeStores: MakeStores,
  options: RuleTestOptions = {},
): AsyncGenerator<RuleTestResult> {
  const { only = () => true, latenessMs = limits.latenessMs } = options;
  for (const rule of ruleset.rules) {
    for (const test of rule.tests) if (only(rule, test)) yield await runRuleTest(ruleset, rule, test, makeStores, latenessMs);
  }
}

async function runRuleTest(
  ruleset: RuleSet,
  rule: Rule,
  test: RuleTest,
  makeStores: MakeStores,
  latenessMs: number,
): Promise<RuleTestResult> {
  const { events, rejected } = readEvents(ruleset, test.events);
  const faults = rejected.map(({ index, code, detail }) => `event ${index + 1}: ${code}: ${detail}`);
  const alerts = faults.length > 0 ? [] : await alertsOf(aloneIn(ruleset, rule), events, makeStores, latenessMs, faults);
  const { missing, unexpected } = pairAlerts(test.alerts, alerts);
  const passed = faults.length === 0 && missing.length === 0 && unexpected.length === 0;
  const { file, line, column } = test.source;
  return { rule: rule.id, test: test.name, file, line, column, passed, faults, expected: test.alerts, alerts, missing, unexpected };
}

async function alertsOf(
  ruleset: RuleSet,
  events: readonly Event[],
  makeStores: MakeStores,
  latenessMs: number,
  faults: string[],
): Promise<Alert[]> {
  const onRuleFault = (_: string, fault: unknown): void => void faults.push(`the rule failed: ${String(fault)}`);
  const session = replaySession(ruleset, makeStores, { latenessMs, drain: true, onRuleFault });
  for (const event of events) await session.feed(event);
  return session.finish();
}

export type RuleTrial = {
  readonly alerts: readonly Alert[];
  /** Events that ingest would reject; the others were run. */
  readonly rejected: readonly RejectedEvent[];
  /** Messages about rules that threw. */
  readonly faults: readonly string[];
};

/**
 * Runs events through a whole rule set, as `replay --drain` does, for the API's trial of rules. Events without a time or id
 * get one as in tests.
 */
export async function tryEvents(
  ruleset: RuleSet,
  raws: RuleTest['events'],
  makeStores: MakeStores,
  latenessMs: number = limits.latenessMs,
): Promise<RuleTrial> {
  const { events, rejected } = readEvents(ruleset, raws);
  const faults: string[] = [];
  const alerts = await alertsOf(ruleset, events, makeStores, latenessMs, faults);
  return { alerts, rejected, faults };
}

/** A rule set of this rule only, without an index: all its steps are tried. */
function aloneIn(ruleset: RuleSet, rule: Rule): RuleSet {
  const run: Rule = rule.status === 'shadow' ? rule : { ...rule, status: 'live' };
  const matchers = run.steps.map((_, step): Matcher => ({ rule: run, step, matcher: step }));
  const holds = matchers.map(({ step }) => (run.steps[step] as Step).predicate);
  return {
    ...ruleset,
    rules: [run],
    byId: new Map([[run.id, run]]),
    match: (view) => matchers.filter(({ step }) => holds[step]!(view)),
  };
}

const beginning = Date.UTC(2026, 0, 1);
const stepMs = 1000;

/** An event that ingest would reject: its index in the list, and why. */
export type RejectedEvent = { readonly index: number; readonly code: RejectionCode; readonly detail: string };

/** A test's events as ingest would accept them, and those that it would reject. */
export function readEvents(
  { datasets }: RuleSet,
  raws: RuleTest['events'],
): { readonly events: readonly Event[]; readonly rejected: readonly RejectedEvent[] } {
  const events: Event[] = [];
  const rejected: RejectedEvent[] = [];
  let next = beginning;
  raws.forEach((raw, index) => {
    const given = envelope(raw, { datasets, receivedMs: next, futureMsMax: Infinity, dataset: undefined }, () => `event-${index + 1}`);
    if (given.kind === 'rejected') {
      rejected.push({ index, code: given.code, detail: given.detail });
      return;
    }
    next = given.time + stepMs;
    events.push(eventOf(given, raw, datasets));
  });
  return { events, rejected };
}
