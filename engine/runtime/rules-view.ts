/** The rules as the API shows them: the running set with its problems, a lint of a text, a trial on events. */
import { compile } from '../compile/index.ts';
import type { Alert } from '../core/alert.ts';
import { envelope, eventOf } from '../core/envelope.ts';
import type { JsonObject } from '../core/event.ts';
import { limits } from '../core/limits.ts';
import type { Problem } from '../core/problem.ts';
import type { Rule } from '../core/rule.ts';
import type { RuleSet } from '../core/ruleset.ts';
import type { Loaded } from './reload.ts';
import { replaySession, type ReplayStores } from './replay.ts';
import type { LogProfile } from '../core/profile.ts';

export type RulesViewDeps = {
  readonly current: () => Loaded;
  readonly stores: (profile: (rule: Rule) => LogProfile) => ReplayStores;
  readonly latenessMs: number;
};

const summary = ({ id, title, status, level, tags, source, hash, risk }: Rule) => ({ id, title, status, level, tags, file: source.file, hash, risk });

/** Fits api/ports.ts RulesView. */
export function rulesView({ current, stores, latenessMs }: RulesViewDeps) {
  const read = (text: string, file: string) => compile([{ path: file, text }]);

  async function trial(ruleset: RuleSet, events: readonly JsonObject[]): Promise<Alert[]> {
    const session = replaySession(ruleset, stores, { latenessMs, drain: true, onRuleFault: () => undefined });
    for (const [index, raw] of events.entries()) {
      const context = { datasets: ruleset.datasets, receivedMs: session.clock() ?? 0, futureMsMax: Infinity, dataset: undefined };
      const given = envelope(raw, context, () => `event-${index}`);
      if (given.kind === 'taken') await session.feed(eventOf(given, raw, ruleset.datasets));
    }
    return session.finish();
  }

  return {
    async list() {
      const { ruleset, problems } = current();
      return { hash: ruleset.hash, rules: ruleset.rules.map(summary), problems };
    },
    async get(id: string) {
      const rule = current().ruleset.byId.get(id);
      return rule === undefined ? undefined : summary(rule);
    },
    async check(text: string, file: string): Promise<{ rules: number; problems: readonly Problem[] }> {
      const { ruleset, problems } = read(text, file);
      return { rules: ruleset.rules.length, problems };
    },
    async test(text: string | undefined, events: readonly JsonObject[]): Promise<{ problems: readonly Problem[]; alerts: readonly Alert[] }> {
      const { ruleset, problems } = text === undefined ? current() : read(text, 'rule.yaml');
      return { problems, alerts: await trial(ruleset, events.slice(0, limits.requestEventsMax)) };
    },
  };
}
