/**
 * Precision and recall on the Sparkov card payments.
 *
 *     alert         right when a fraudulent payment of that card took part in it
 *     card          found when it has a right alert
 *     payment       flagged when it matched a rule while an alert of that rule and card was running
 *     preventable   fraudulent payments after the first right alert of their card: what blocking it would have stopped
 *
 * The thresholds were chosen on January to March, after a first sweep over the whole half year; they are measured on April
 * to June.
 */
import type { Alert } from '../../engine/core/alert/alert.ts';
import type { RuleSet } from '../../engine/core/rule.ts';
import { csvRows, run, tookPart, type Matched, type Run } from './run.ts';

export type Score = {
  readonly rule: string;
  readonly alerts: number;
  readonly alertPrecision: number;
  readonly cardsFound: number;
  readonly cards: number;
  readonly payments: number;
  readonly paymentPrecision: number;
  readonly paymentRecall: number;
  readonly preventable: number;
};

type Payment = Matched & { readonly id: string; readonly card: string; readonly time: number; readonly fraud: boolean };

const measuredFrom = Date.UTC(2024, 3, 1);
const allRules = 'together';

export async function measureSparkov(ruleset: RuleSet): Promise<{ run: Run; scores: readonly Score[] }> {
  const fraudIds = new Set(
    (await csvRows('fraud/sparkov_generated.csv.gz')).filter((row) => row.get('is_fraud') === '1').map((row) => row.get('trans_num')!),
  );
  const byCard = new Map<string, Payment[]>();
  const result = await run('sparkov', ruleset, (event, rules) => {
    if (event.time < measuredFrom) return;
    const card = String(event.raw['cc_num']);
    const payment = { id: event.id, card, time: event.time, fraud: fraudIds.has(event.id), event, rules };
    byCard.set(card, [...(byCard.get(card) ?? []), payment]);
  });
  const alerts = result.alerts.filter((alert) => Date.parse(alert.first_seen) >= measuredFrom);
  const names = [...new Set(alerts.map((alert) => alert.rule.id))].sort();
  const scores = [...names, allRules].map((name) =>
    score(
      name,
      alerts.filter((alert) => name === allRules || alert.rule.id === name),
      byCard,
    ),
  );
  return { run: result, scores };
}

function score(rule: string, alerts: readonly Alert[], byCard: ReadonlyMap<string, readonly Payment[]>): Score {
  const flagged = new Map<string, boolean>();
  const firstRight = new Map<string, number>();
  let right = 0;
  for (const alert of alerts) {
    const card = alert.group['card.id']!;
    const partOf = (byCard.get(card) ?? []).filter((payment) => tookPart(payment, alert));
    for (const { id, fraud } of partOf) flagged.set(id, fraud);
    if (!partOf.some(({ fraud }) => fraud)) continue;
    right += 1;
    firstRight.set(card, Math.min(firstRight.get(card) ?? Infinity, Date.parse(alert.created)));
  }
  const frauds = [...byCard.values()].flat().filter(({ fraud }) => fraud);
  const flaggedFrauds = [...flagged.values()].filter(Boolean).length;
  return {
    rule,
    alerts: alerts.length,
    alertPrecision: right / alerts.length,
    cardsFound: firstRight.size,
    cards: new Set(frauds.map(({ card }) => card)).size,
    payments: flagged.size,
    paymentPrecision: flaggedFrauds / flagged.size,
    paymentRecall: flaggedFrauds / frauds.length,
    preventable: frauds.filter(({ card, time }) => time > (firstRight.get(card) ?? Infinity)).length / frauds.length,
  };
}
