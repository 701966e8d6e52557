/** The rules as the API shows them: the running set with its problems, the check of a text, and a trial on events. */
import { compile } from '../../compile/index.ts';
import type { Alert } from '../../core/alert/alert.ts';
import type { JsonObject } from '../../core/event.ts';
import type { Problem } from '../../core/problem.ts';
import type { Rule } from '../../core/rule.ts';
import type { Loaded } from './reload.ts';
import { tryEvents, type MakeStores, type RuleTrial } from './rule-tests.ts';
import { asEvidence, readEvidence, ruleNow, type EvidenceSteps, type RuleNow } from './evidence-steps.ts';

export type RuleSummary = Pick<Rule, 'id' | 'title' | 'status' | 'level' | 'tags' | 'hash' | 'risk'> & { readonly file: string };

export type RulesState = {
  /** Hash of the running set. */
  readonly hash: string;
  readonly rules: readonly RuleSummary[];
  readonly problems: readonly Problem[];
};

export type RulesTrial = RuleTrial & { readonly problems: readonly Problem[] };

export type RulesService = {
  list(): Promise<RulesState>;
  get(id: string): Promise<RuleSummary | undefined>;
  /** Which steps of the running rule the events of an alert match, in the order of its `events`. */
  evidenceSteps(alert: Alert): Promise<{ readonly rule: RuleNow['is']; readonly evidence: readonly EvidenceSteps[] }>;
  /** Checks the text of one rule file, YAML or JSON. `file` is the name shown in the problems. */
  check(text: string, file: string): Promise<{ readonly rules: number; readonly problems: readonly Problem[] }>;
  /** Runs events through the rules in a text, or the running rules if it is undefined, as `replay --drain` does. */
  test(text: string | undefined, events: readonly JsonObject[]): Promise<RulesTrial>;
};

export type RulesServiceDeps = {
  readonly current: () => Loaded;
  readonly stores: MakeStores;
  readonly latenessMs: number;
};

export function rulesService({ current, stores, latenessMs }: RulesServiceDeps): RulesService {
  const read = (text: string, file: string): Loaded => compile([{ path: file, text }]);

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
    async check(text, file) {
      const { ruleset, problems } = read(text, file);
      return { rules: ruleset.rules.length, problems };
    },
    async test(text, events) {
      const { ruleset, problems } = text === undefined ? current() : read(text, 'rule.yaml');
      return { problems, ...(await tryEvents(ruleset, events, stores, latenessMs)) };
    },
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
