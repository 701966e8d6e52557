/** The measured figures as rows of the tables in docs/real-input.md. A test checks that the page has these rows. */
import type { AccountScore } from './measure-amlsim.ts';
import type { AttackScore } from './measure-attacks.ts';
import type { Score } from './measure-sparkov.ts';

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
const row = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;

export const sparkovRows = (scores: readonly Score[]): string[] =>
  scores.map((s) =>
    row([
      s.rule,
      s.alerts,
      percent(s.alertPrecision),
      `${s.cardsFound} of ${s.cards}`,
      s.payments,
      percent(s.paymentPrecision),
      percent(s.paymentRecall),
      percent(s.preventable),
    ]),
  );

export const amlsimRows = (scores: readonly AccountScore[]): string[] =>
  scores.map((s) =>
    row([
      s.rule,
      s.alerts,
      percent(s.alertPrecision),
      s.accounts,
      percent(s.accountPrecision),
      `${s.found} of ${s.labelled} (${percent(s.found / s.labelled)})`,
      `${s.collectorsFound} of ${s.collectors}`,
    ]),
  );

export const attackRow = (name: string, { run, found, missed, right }: AttackScore): string =>
  row([name, run.events, run.alerts.length, right, `${found.length} of ${found.length + missed.length}`]);
