/**
 * Which new alerts go on, and which are over the budget of their rule and minute (core/forward/budget.ts) and are folded:
 * counted into one alert, the fold.
 *
 * The first folded item of a batch carries the fold in place of its own alert, and stays in the outbox until the fold is
 * stored, counted and queued. A repeat asks for the same ids, gets the same answers, and stores the same fold with the
 * same number.
 */
import { budgetName, budgetOf, foldOf, foldUpdateOf, type BudgetOf } from '../../../core/forward/budget.ts';
import { isNewAlert, type AlertItem } from '../item.ts';
import type { BudgetAnswer } from '../ports.ts';
import { advance, type Stage } from '../stage.ts';

/** Items that ask for a place in the same budget. */
type Ask = { readonly of: BudgetOf; readonly items: AlertItem[] };

export const budget: Stage = (batch, ports) =>
  advance(batch, isNewAlert, async (items) => {
    // What is in the store already has had its place in a budget.
    const standing = await ports.store.standing(items.map(({ alert }) => alert.id));
    const asks = asksOf(items.filter((_, i) => standing[i] === 'gone'));
    if (asks.length === 0) return items;
    const answers = await ports.budget.take(
      asks.map(({ of, items: some }) => ({ name: budgetName(of), ids: some.map(({ alert }) => alert.id) })),
    );
    const after = new Map<AlertItem, AlertItem>();
    asks.forEach((ask, i) => {
      const folded = foldedOf(ask, answers[i]!, ports.budget.max);
      if (folded.length > 0) ports.meter.add('folded', answers[i]!.added);
      for (const [item, changed] of folded) after.set(item, changed);
    });
    return items.map((item) => after.get(item) ?? item);
  });

function asksOf(items: readonly AlertItem[]): Ask[] {
  const asks = new Map<string, Ask>();
  for (const item of items) {
    const of = budgetOf(item.alert);
    if (of === undefined) continue;
    const name = budgetName(of);
    const ask = asks.get(name);
    if (ask === undefined) asks.set(name, { of, items: [item] });
    else ask.items.push(item);
  }
  return [...asks.values()];
}

/** The items that are over the budget, each with what becomes of it. */
function foldedOf({ of, items }: Ask, { within, folded }: BudgetAnswer, max: number): [item: AlertItem, changed: AlertItem][] {
  const [first, ...others] = items.filter((_, i) => !within[i]);
  if (first === undefined) return [];
  const fold = foldUpdateOf(of, folded);
  const carrier = { ...first, alert: foldOf(of, first.alert, max, folded), fold };
  return [[first, carrier], ...others.map((item): [AlertItem, AlertItem] => [item, { ...item, fate: { kind: 'folded', into: fold.id } }])];
}
