/** Types of the API's answers, as far as the console reads them and the engine does not define them. */
import type { Alert, AlertStatus, VerdictLabel } from '../../../engine/core/alert/alert.ts';
import type { Problem } from '../../../engine/core/problem.ts';
import type { AlertCounts } from '../../../engine/core/alert/counts.ts';
import type { Level, Status } from '../../../engine/core/rule.ts';
import type { HistoryEntry } from '../../../engine/core/alert/triage.ts';

export type FullAlert = Alert & { readonly history: readonly HistoryEntry[]; readonly history_dropped: number };

export type EvidenceSteps = {
  readonly rule: 'unchanged' | 'changed' | 'missing';
  readonly evidence: readonly {
    readonly time: string | null;
    readonly id: string | null;
    readonly dataset: string | null;
    readonly steps: readonly string[];
    readonly counted: Readonly<Record<string, readonly string[]>>;
  }[];
};

export type Change = {
  readonly status?: AlertStatus;
  readonly verdict?: VerdictLabel | null;
  readonly assignee?: string | null;
  readonly note?: string;
};

export type RuleRow = {
  readonly id: string;
  readonly title: string;
  readonly status: Status;
  readonly level: Level;
  readonly file: string;
  readonly counts: AlertCounts | null;
  readonly cost: { readonly match_seconds: number; readonly judge_seconds: number; readonly since: string } | null;
};

export type RuleList = { readonly rules: readonly RuleRow[]; readonly problems: readonly Problem[] };

export type Overview = {
  readonly at: string;
  readonly lag_seconds: number;
  readonly events: { readonly accepted: number; readonly processed: number; readonly dead_lettered: number; readonly pending: number };
  readonly siem: { readonly depth: Readonly<Record<Level, number>> };
  readonly unclosed: Readonly<Record<Level, number>>;
};

export type Readiness = {
  readonly ready: boolean;
  readonly parts: Readonly<Record<string, { readonly ok: boolean; readonly reason?: string }>>;
};
