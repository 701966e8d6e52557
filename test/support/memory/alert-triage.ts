/** Triage on Maps. It behaves like engine/redis/alert/triage.ts; each change is atomic, because nothing here waits. */
import type { Alert } from '../../../engine/core/alert/alert.ts';
import { factsOf, fits } from '../../../engine/core/alert/query.ts';
import { limits } from '../../../engine/core/limits.ts';
import { alertCounts, type AlertCounts } from '../../../engine/core/alert/counts.ts';
import { triage, triageFacts, type HistoryEntry, type TriageState, type Turn } from '../../../engine/core/alert/triage.ts';
import type { TriageAnswer, TriageRequest, TriageStore } from '../../../engine/runtime/alert/triage.ts';
import type { MemoryChanges } from './alert-changes.ts';

export type MemoryTriage = TriageStore & {
  /** The alert with its triage. */
  laidOver(alert: Alert | undefined): Alert | undefined;
  forget(id: string): void;
};

type Deps = {
  /** The alert as the engine wrote it. */
  readonly current: (id: string) => Alert | undefined;
  readonly all: () => readonly string[];
  readonly changes: MemoryChanges;
  readonly now?: () => number;
};

export function memoryTriage({ current, all, changes, now = Date.now }: Deps): MemoryTriage {
  const states = new Map<string, TriageState>();
  const histories = new Map<string, HistoryEntry[]>();
  const turns = new Map<string, number>();
  let unnotified: Turn[] = [];

  const stateOf = (alert: Alert): TriageState =>
    states.get(alert.id) ?? { status: alert.status, assignee: undefined, verdict: undefined, revision: 0 };

  function laidOver(alert: Alert | undefined): Alert | undefined {
    const state = alert === undefined ? undefined : states.get(alert.id);
    if (alert === undefined || state === undefined) return alert;
    const { status, assignee, verdict, revision } = state;
    return { ...alert, status, revision, ...(assignee === undefined ? {} : { assignee }), ...(verdict === undefined ? {} : { verdict }) };
  }

  function change({ id, change: wanted, by, revision, only }: TriageRequest): TriageAnswer {
    const alert = current(id);
    if (alert === undefined) return { kind: 'gone' };
    const was = laidOver(alert)!;
    if (only !== undefined && !fits(only, factsOf(was))) return { kind: 'elsewhere' };
    const state = stateOf(alert);
    const history = histories.get(id) ?? [];
    const found = triage(state, wanted, history.at(-1), by);
    if (found.kind === 'unchanged') return { kind: 'unchanged', alert: was };
    if (revision !== undefined && revision !== state.revision) return { kind: 'conflict', alert: was };
    if (found.kind === 'refused') return found;
    states.set(id, found.state);
    histories.set(id, [...history, found.entry].slice(-limits.alertHistoryMax));
    if (found.state.status !== state.status) {
      const { status, verdict } = found.state;
      if (status === 'closed' || state.status === 'closed') {
        const turn = (turns.get(id) ?? 0) + 1;
        turns.set(id, turn);
        unnotified.push({ id, turn, status, verdict, at: now() });
      }
    }
    changes.triaged(id, { before: triageFacts(state), after: triageFacts(found.state) });
    return { kind: 'changed', alert: laidOver(alert)! };
  }

  function count(ruleId: string): AlertCounts {
    const numbers = new Map<string, number>();
    let last: number | undefined;
    const add = (name: string): void => void numbers.set(name, (numbers.get(name) ?? 0) + 1);
    for (const id of all()) {
      const alert = laidOver(current(id))!;
      if (alert.rule.id !== ruleId) continue;
      add(alert.status);
      if (alert.verdict !== undefined) add(alert.verdict);
      last = Math.max(last ?? 0, Date.parse(alert.created));
    }
    return alertCounts(numbers, last);
  }

  return {
    triage: async (requests) => requests.map(change),
    async history(id) {
      const entries = histories.get(id) ?? [];
      return { entries, dropped: (states.get(id)?.revision ?? 0) - entries.length };
    },
    counts: async (ruleIds) => ruleIds.map(count),
    unnotified: async (ageMs, max) => unnotified.filter(({ at }) => at <= now() - ageMs).slice(0, max),
    async markNotified(done) {
      unnotified = unnotified.filter((one) => !done.some(({ id, turn }) => one.id === id && one.turn === turn));
    },
    laidOver,
    forget(id) {
      states.delete(id);
      histories.delete(id);
      turns.delete(id);
    },
  };
}
