/** The thread that runs trials: what ends a trial, and that the next one is served. */
import { afterEach, describe, expect, it } from 'vitest';
import { compile } from '../../../engine/compile/index.ts';
import { limits } from '../../../engine/core/limits.ts';
import type { TrialOutcome, TrialTask } from '../../../engine/runtime/rules/trial.ts';
import { openTrials } from '../../../engine/runtime/rules/trials.ts';
import { endlessTrial } from '../../support/trials.ts';

const rule = (id: string): string => `id: ${id}\nconditions: { all: [{ fact: k, operator: equal, value: a }] }\n`;
let running = compile([{ path: 'rules/r.yaml', text: rule('first') }]);

let opened: ReturnType<typeof openTrials> | undefined;
afterEach(() => opened?.[Symbol.asyncDispose]());
const thread = new URL('../../../engine/app/trial-thread.ts', import.meta.url);
const open = (bounds: { readonly msMax?: number; readonly heapBytesMax?: number } = {}) =>
  (opened = openTrials({ thread, current: () => running, latenessMs: 1000, msMax: 60_000, ...bounds }));

const forever = new AbortController().signal;
const body = (value: unknown): TrialTask => ({ kind: 'test', body: Buffer.from(JSON.stringify(value)) });
const onRunning = body({ events: [{ k: 'a' }] });

function idsOf(outcome: TrialOutcome): string[] {
  if (outcome.kind !== 'answer') throw new Error(JSON.stringify(outcome));
  const { alerts } = JSON.parse(new TextDecoder().decode(outcome.json)) as { alerts: { rule: { id: string } }[] };
  return alerts.map((alert) => alert.rule.id);
}

describe('a trial in the thread', () => {
  it('runs the running rules, also after they have changed', async () => {
    const seat = open().take()!;
    expect(idsOf(await seat.run(onRunning, forever))).toEqual(['first']);
    running = compile([{ path: 'rules/r.yaml', text: rule('second') }], { previous: running.ruleset });
    expect(idsOf(await seat.run(onRunning, forever))).toEqual(['second']);
    expect(idsOf(await seat.run(body({ rules: rule('third'), events: [{ k: 'a' }] }), forever))).toEqual(['third']);
  });

  it('is stopped in time, and when its client goes; the next is served', async () => {
    const trials = open({ msMax: 1500 });
    const seat = trials.take()!;
    expect(await seat.run(endlessTrial(), forever)).toEqual({ kind: 'stopped', bound: 'time' });
    const client = new AbortController();
    const left = seat.run(endlessTrial(), client.signal);
    const queued = new AbortController();
    const dropped = seat.run(endlessTrial(), queued.signal);
    const next = seat.run(onRunning, forever);
    queued.abort();
    client.abort();
    expect([await left, await dropped]).toEqual([{ kind: 'gone' }, { kind: 'gone' }]);
    expect(idsOf(await next)).toHaveLength(1);
  });

  it('has no more memory than its bound', async () => {
    const seat = open({ heapBytesMax: 64 * 1024 * 1024 }).take()!;
    const events = Array.from({ length: 10_000 }, (_, id) => ({ k: 'a', id, text: 'x'.repeat(500) }));
    const greedy = Array.from({ length: 20 }, (_, i) => rule(`r${i}`).replace('\n', '\nsuppress: 0s\n')).join('---\n');
    expect(await seat.run(body({ rules: greedy, events }), forever)).toEqual({ kind: 'stopped', bound: 'memory' });
    expect(idsOf(await seat.run(onRunning, forever))).toHaveLength(1);
  });

  it('has one of a few seats', () => {
    const trials = open();
    const taken = Array.from({ length: limits.trialSeatsMax }, () => trials.take()!);
    expect(trials.take()).toBeUndefined();
    taken[0]!.release();
    taken[0]!.release();
    expect(trials.take()).toBeDefined();
    expect(trials.take()).toBeUndefined();
  });
});
