/**
 * The budget of alerts in the forward stage: which of the alerts that are new go on, and which are folded into the one
 * alert of their rule and minute (core/alert-budget.ts).
 *
 * The first folded one of a batch carries the fold: it stays in the outbox until the fold is stored, counted and
 * queued. A repeat asks for the same ids, gets the same answers, and stores the same fold with the same number.
 */
import type { Alert, AlertUpdate } from '../../core/alert/alert.ts';
import { budgetName, budgetOf, foldOf, foldUpdateOf, type BudgetOf } from '../../core/forward/budget.ts';
import type { AlertBudget, AlertStore, OutboxItem } from './ports.ts';
import type { Meter } from '../metering/meter.ts';

export type Known = { readonly item: OutboxItem; readonly alert: Alert };

/** The fold's own alert, with the item that carries it. */
export type Fold = Known & { readonly update: AlertUpdate; readonly others: readonly OutboxItem[] };

type Ports = { readonly store: Pick<AlertStore, 'standing'>; readonly budget: AlertBudget; readonly meter: Pick<Meter, 'add'> };

/** What is in the store already has had its place in a budget. */
export async function withinBudget({ store, budget, meter }: Ports, known: readonly Known[]): Promise<{ kept: Known[]; folds: Fold[] }> {
  if (known.length === 0) return { kept: [], folds: [] };
  const standing = await store.standing(known.map(({ alert }) => alert.id));
  const kept: Known[] = [];
  const asked = new Map<string, { readonly of: BudgetOf; readonly some: Known[] }>();
  known.forEach((one, i) => {
    const of = standing[i] === 'gone' ? budgetOf(one.alert) : undefined;
    if (of === undefined) {
      kept.push(one);
      return;
    }
    const ask = asked.get(budgetName(of));
    if (ask === undefined) asked.set(budgetName(of), { of, some: [one] });
    else ask.some.push(one);
  });
  if (asked.size === 0) return { kept, folds: [] };

  const answers = await budget.take([...asked].map(([name, { some }]) => ({ name, ids: some.map(({ alert }) => alert.id) })));
  const folds: Fold[] = [];
  [...asked.values()].forEach(({ of, some }, i) => {
    const { within, folded, added } = answers[i]!;
    kept.push(...some.filter((_, at) => within[at]));
    const [first, ...others] = some.filter((_, at) => !within[at]);
    if (first === undefined) return;
    meter.add('folded', added);
    folds.push({
      item: first.item,
      alert: foldOf(of, first.alert, budget.max, folded),
      update: foldUpdateOf(of, folded),
      others: others.map(({ item }) => item),
    });
  });
  return { kept, folds };
}
