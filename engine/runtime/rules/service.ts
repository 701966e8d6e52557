/** The rules as the API shows them: the running set with its problems, the check of a text, and a trial on events. */
import { compile } from '../../compile/index.ts';
import type { Alert } from '../../core/alert/alert.ts';
import type { JsonObject } from '../../core/event.ts';
import type { Problem } from '../../core/problem.ts';
import type { Rule } from '../../core/rule.ts';
import type { Loaded } from './reload.ts';
import { tryEvents, type MakeStores, type Trial } from './rule-tests.ts';
import { asEvidence, readEvidence, ruleNow } from './evidence-steps.ts';

export type RulesViewDeps = {
  readonly current: () => Loaded;
  readonly stores: MakeStores;
  readonly latenessMs: number;
};

const summary = ({ id, title, status, level, tags, source, hash, risk }: Rule) => ({
  id,
  title,
  status,
  level,
  tags,
  file: source.file,
  hash,
  risk,
});

/** Implements RulesView of api/ports.ts. */
export function rulesView({ current, stores, latenessMs }: RulesViewDeps) {
  const read = (text: string, file: string) => compile([{ path: file, text }]);

  return {
    async list() {
      const { ruleset, problems } = current();
      return { hash: ruleset.hash, rules: ruleset.rules.map(summary), problems };
    },
    async get(id: string) {
      const rule = current().ruleset.byId.get(id);
      return rule === undefined ? undefined : summary(rule);
    },
    async tell(alert: Alert) {
      const { ruleset } = current();
      const { is, now } = ruleNow(alert, ruleset);
      return { rule: is, evidence: alert.events.map((raw) => asEvidence(raw, readEvidence(raw, ruleset, undefined), ruleset, now)) };
    },
    async check(text: string, file: string): Promise<{ rules: number; problems: readonly Problem[] }> {
      const { ruleset, problems } = read(text, file);
      return { rules: ruleset.rules.length, problems };
    },
    async test(text: string | undefined, events: readonly JsonObject[]): Promise<{ problems: readonly Problem[] } & Trial> {
      const { ruleset, problems } = text === undefined ? current() : read(text, 'rule.yaml');
      return { problems, ...(await tryEvents(ruleset, events, stores, latenessMs)) };
    },
  };
}
