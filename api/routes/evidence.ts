/** `GET /v1/alerts/:id/evidence`: which step of the rule each event of an alert matches (engine/runtime/rules/evidence-steps.ts). */
import type { FastifyPluginAsyncZod } from '@fastify/type-provider-zod';
import { z } from 'zod';
import type { AlertStore } from '../../engine/runtime/forward/ports.ts';
import type { RulesService } from '../../engine/runtime/rules/service.ts';
import { HttpProblem } from '../http/problem.ts';
import { evidenceSteps } from '../schemas/overview.ts';
import { problems } from '../schemas/problem.ts';

export const evidenceRoutes =
  (alerts: Pick<AlertStore, 'get'>, rules: Pick<RulesService, 'evidenceSteps'>): FastifyPluginAsyncZod =>
  async (app) => {
    app.get(
      '/v1/alerts/:id/evidence',
      {
        config: { scope: 'read' },
        schema: {
          operationId: 'alertEvidence',
          summary: 'Get the evidence of an alert by step of the running rule',
          tags: ['alerts'],
          params: z.strictObject({ id: z.string().max(256) }),
          response: { 200: evidenceSteps, ...problems(404, 503) },
        },
      },
      async (request) => {
        const { id } = request.params;
        const found = await alerts.get(id);
        if (found === undefined) throw new HttpProblem(404, 'no-such-alert', `no alert with the id ${JSON.stringify(id)}`);
        const { rule, evidence } = await rules.evidenceSteps(found);
        return {
          rule,
          evidence: evidence.map(({ time = null, id: eventId = null, dataset = null, steps, counted }) => ({
            time,
            id: eventId,
            dataset,
            steps: [...steps],
            counted: Object.fromEntries(Object.entries(counted).map(([name, values]) => [name, [...values]])),
          })),
        };
      },
    );
  };
