/** Gauges of the running rules and of their last load. */
import { Gauge, type Registry } from 'prom-client';
import { statuses } from '../core/rule.ts';
import { own } from '../core/util/own.ts';
import type { LoadedRules, Meter } from '../runtime/metering/meter.ts';

export type RulesGauges = {
  /** Sets them after each load. */
  show(state: Omit<LoadedRules, 'sources'>): void;
  readonly unread: Meter['rulesUnread'];
};

export function rulesGauges(registers: Registry[]): RulesGauges {
  const loaded = new Gauge({ name: 'weir_rules', help: 'Rules of the running set by status.', labelNames: ['status'], registers });
  for (const status of statuses) loaded.set({ status }, 0);
  const problems = new Gauge({
    name: 'weir_rule_problems',
    help: 'Problems found when the rules were last loaded, by severity.',
    labelNames: ['severity'],
    registers,
  });
  for (const severity of ['error', 'warning']) problems.set({ severity }, 0);
  const gauge = (name: string, help: string): Gauge => new Gauge({ name, help, registers });
  const tried = gauge('weir_rules_last_load_timestamp_seconds', 'Time of the last attempt to load the rules; 0 if there was none.');
  const good = gauge(
    'weir_rules_last_good_load_timestamp_seconds',
    'Time of the last load of the rules without errors; 0 if there was none.',
  );
  const success = gauge('weir_rules_last_load_success', '1 if the last load of the rules had no errors, 0 otherwise.');
  const folderUp = gauge('weir_rules_folder_up', '1 if the rules folder is there and has rules, 0 if it is missing, empty or no folder.');
  const loadedAt = (at: number, isGood: boolean): void => {
    tried.set(at / 1000);
    success.set(isGood ? 1 : 0);
    if (isGood) good.set(at / 1000);
  };
  return {
    show(state) {
      for (const status of statuses) loaded.set({ status }, own(state.loaded, status) ?? 0);
      problems.set({ severity: 'error' }, state.errors);
      problems.set({ severity: 'warning' }, state.warnings);
      loadedAt(state.at, state.errors === 0);
      folderUp.set(state.folderUp ? 1 : 0);
    },
    unread: (at) => loadedAt(at, false),
  };
}
