/**
 * Precision and recall on the AMLSim transfers. An alert is right when all accounts of its group are labelled; an account
 * is found when an alert names it. Some labelled accounts never move money for their ring in the recorded steps, and some
 * only collect: `collectors` are accounts that other labelled accounts paid in the step in which, by their label, they
 * acted.
 */
import type { RuleSet } from '../../engine/core/rule.ts';
import { csvRows, run, type Run } from './run.ts';

export type AccountScore = {
  readonly rule: string;
  readonly alerts: number;
  readonly alertPrecision: number;
  readonly accounts: number;
  readonly accountPrecision: number;
  readonly found: number;
  readonly labelled: number;
  readonly collectorsFound: number;
  readonly collectors: number;
};

export async function measureAmlsim(ruleset: RuleSet): Promise<{ run: Run; scores: readonly AccountScore[] }> {
  const nodes = new Map((await csvRows('fraud/amlsim_20K_fanin200_nodes.csv.gz')).map((row) => [row.get('nodeid')!, row]));
  const labelled = (id: string): boolean => nodes.get(id)?.get('isFraud') === '1';
  const collectors = new Set<string>();
  const result = await run('amlsim', ruleset, ({ raw }) => {
    const [from, to] = [String(raw['sourceNodeId']), String(raw['targetNodeId'])];
    if (labelled(from) && labelled(to) && nodes.get(from)!.get('fraudStep') === raw['time']) collectors.add(to);
  });
  const all = [...nodes.keys()].filter(labelled).length;
  const names = [...new Set(result.alerts.map((alert) => alert.rule.id))].sort();
  const scores = [...names, 'together'].map((rule): AccountScore => {
    const alerts = result.alerts.filter((alert) => rule === 'together' || alert.rule.id === rule);
    const named = new Set(alerts.flatMap((alert) => alert.entities.map(({ value }) => value)));
    const found = [...named].filter(labelled);
    return {
      rule,
      alerts: alerts.length,
      alertPrecision: alerts.filter((alert) => Object.values(alert.group).every(labelled)).length / alerts.length,
      accounts: named.size,
      accountPrecision: found.length / named.size,
      found: found.length,
      labelled: all,
      collectorsFound: [...collectors].filter((id) => named.has(id)).length,
      collectors: collectors.size,
    };
  });
  return { run: result, scores };
}
