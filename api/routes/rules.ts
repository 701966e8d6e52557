/** The running rules, and trials of other rules (rule-trials.ts). Nothing here changes the running set. */
import type { FastifyPluginAsyncZod } from '@fastify/type-provider-zod';
import { z } from 'zod';
import type { AlertCounts } from '../../engine/core/alert/counts.ts';
import type { RuleCost } from '../../engine/runtime/metering/rule-costs.ts';
import type { RulesService, RuleSummary } from '../../engine/runtime/rules/service.ts';
import { HttpProblem } from '../http/problem.ts';
import { problems } from '../schemas/problem.ts';
import { rule, ruleList } from '../schemas/rules.ts';
import { checkRoute, testRoute } from './rule-trials.ts';

const tags = ['rules'];

/** For each rule the counts of its alerts and its cost; undefined while Redis is unavailable. */
export type NumbersOf = (
  ruleIds: readonly string[],
) => Promise<readonly [counts: readonly AlertCounts[], costs: readonly RuleCost[]] | undefined>;

export const ruleRoutes =
  (rules: RulesService, numbersOf: NumbersOf): FastifyPluginAsyncZod =>
  async (app) => {
    async function counted(some: readonly RuleSummary[]): Promise<z.output<typeof rule>[]> {
      const [counts, costs] = (await numbersOf(some.map(({ id }) => id))) ?? [];
      return some.map((one, i) => ({ ...one, tags: [...one.tags], counts: counts?.[i] ?? null, cost: costs?.[i] ?? null })) as z.output<
        typeof rule
      >[];
    }

    app.get(
      '/v1/rules',
      {
        config: { scope: 'read' },
        schema: {
          operationId: 'listRules',
          summary: 'List the running rules with alert counts, costs and problems',
          tags,
          response: { 200: ruleList },
        },
      },
      async () => {
        const { hash, rules: running, problems: found } = await rules.list();
        return { hash, rules: await counted(running), problems: [...found] };
      },
    );

    app.get(
      '/v1/rules/:id',
      {
        config: { scope: 'read' },
        schema: {
          operationId: 'getRule',
          summary: 'Get a running rule',
          tags,
          params: z.strictObject({ id: z.string().max(256) }),
          response: { 200: rule, ...problems(404) },
        },
      },
      async (request) => {
        const found = await rules.get(request.params.id);
        if (found === undefined)
          throw new HttpProblem(404, 'no-such-rule', `no running rule with the id ${JSON.stringify(request.params.id)}`);
        return (await counted([found]))[0]!;
      },
    );

    await app.register(testRoute(rules.trials));
    await app.register(checkRoute(rules.trials));
  };
