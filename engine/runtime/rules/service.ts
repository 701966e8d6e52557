/** The rules as the API shows them: the running set with its problems, and trials of other rules. */
import type { Alert } from '../../core/alert/alert.ts';
import type { Problem } from '../../core/problem.ts';
import type { Rule } from '../../core/rule.ts';
import type { Loaded } from './reload.ts';
import { asEvidence, readEvidence, ruleNow, type EvidenceSteps, type RuleNow } from './evidence-steps.ts';
import type { RuleTrials } from './trials.ts';

export type RuleSummary = Pick<Rule, 'id' | 'title' | 'status' | 'level' | 'tags' | 'hash' | 'risk'> & { readonly file: string };

export type RulesState = {
  /** Hash of the running set. */
  readonly hash: string;
  readonly rules: readonly RuleSummary[];
  readonly problems: readonly Problem[];
};

export type RulesService = {
  list(): Promise<RulesState>;
  get(id: string): Promise<RuleSummary | undefined>;
  /** Which steps of the running rule the events of an alert match, in the order of its `events`. */
  evidenceSteps(alert: Alert): Promise<{ readonly rule: RuleNow['is']; readonly evidence: readonly EvidenceSteps[] }>;
  readonly trials: RuleTrials;
};

export type RulesServiceDeps = {
  readonly current: () => Loaded;
  readonly trials: RuleTrials;
};

export function rulesService({ current, trials }: RulesServiceDeps): RulesService {
  return {
    async list() {
      const { ruleset, problems } = current();
      return { hash: ruleset.hash, rules: ruleset.rules.map(summary), problems };
    },
    async get(id) {
      const rule = current().ruleset.byId.get(id);
      return rule === undefined ? undefined : summary(rule);
    },
    async evidenceSteps(alert) {
      const { ruleset } = current();
      const { is, now } = ruleNow(alert, ruleset);
      return { rule: is, evidence: alert.events.map((raw) => asEvidence(raw, readEvidence(raw, ruleset, undefined), ruleset, now)) };
    },
    trials,
  };
}

const summary = ({ id, title, status, level, tags, source, hash, risk }: Rule): RuleSummary => ({
  id,
  title,
  status,
  level,
  tags,
  file: source.file,
  hash,
  risk,
});
