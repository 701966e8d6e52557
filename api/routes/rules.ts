/** The running rules, and trials of other rules: check a file, run events through it. Nothing here changes the running set. */
import type { FastifyPluginAsyncZod } from '@fastify/type-provider-zod';
import { z } from 'zod';
import type { JsonObject } from '../../engine/core/event.ts';
import { outOfBounds, type EventBounds } from '../../engine/core/ingest/json-bounds.ts';
import { limits } from '../../engine/core/limits.ts';
import type { AlertCounts } from '../../engine/core/alert/counts.ts';
import type { RuleCost } from '../../engine/runtime/metering/rule-costs.ts';
import type { RulesService, RuleSummary } from '../../engine/runtime/rules/service.ts';
import { HttpProblem } from '../http/problem.ts';
import { problems } from '../schemas/problem.ts';
import { checkAnswer, rule, ruleList, testAnswer, testRequest } from '../schemas/rules.ts';

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

    app.post(
      '/v1/rules/test',
      {
        config: { scope: 'read' },
        bodyLimit: limits.requestBytesMax,
        schema: {
          operationId: 'testRules',
          summary: 'Test rules with events',
          description: 'Runs the events through the rules as `weir replay` does, without any effect on the running engine.',
          tags,
          body: testRequest,
          response: { 200: testAnswer, ...problems(400, 413, 415) },
        },
      },
      async (request) => {
        const { rules: given, events } = request.body;
        if (typeof given === 'object') within('/body/rules', given, ruleBounds);
        const text = given === undefined || typeof given === 'string' ? given : JSON.stringify(given);
        return (await rules.test(text, objects(events))) as z.output<typeof testAnswer>;
      },
    );

    await app.register(checkRoute(rules));
  };

/** Registered separately: here a JSON body stays text, so that problems have lines and columns. */
const checkRoute =
  (rules: Pick<RulesService, 'check'>): FastifyPluginAsyncZod =>
  async (app) => {
    app.removeAllContentTypeParsers();
    const types = ['application/json', 'application/yaml', 'application/x-yaml', 'text/yaml', 'text/x-yaml', 'text/plain'];
    app.addContentTypeParser(types, { parseAs: 'string' }, (_request, body, done) => done(null, body));
    app.post(
      '/v1/rules/check',
      {
        config: { scope: 'read' },
        schema: {
          operationId: 'checkRules',
          summary: 'Check a rule file',
          description: 'The body is the text of the file, YAML or JSON.',
          tags,
          querystring: z.strictObject({ file: z.string().max(256).optional().describe('File name to show in the problems') }),
          response: { 200: checkAnswer, ...problems(400, 413, 415) },
        },
      },
      async (request) => {
        const { body } = request;
        if (typeof body !== 'string' || body.trim() === '')
          throw new HttpProblem(400, 'empty-body', 'the body is empty: send the text of a rule file');
        const json = request.headers['content-type']?.includes('json') === true;
        const answer = await rules.check(body, request.query.file ?? (json ? 'body.json' : 'body.yaml'));
        return { rules: answer.rules, problems: [...answer.problems] };
      },
    );
  };

const ruleBounds: EventBounds = { eventBytesMax: Infinity, eventDepthMax: limits.documentDepthMax, eventKeysMax: Infinity };

function objects(events: readonly unknown[]): JsonObject[] {
  return events.map((event, index) => {
    const pointer = `/body/events/${index}`;
    if (typeof event !== 'object' || event === null || Array.isArray(event))
      throw wrong('invalid-request', pointer, 'an event must be a JSON object');
    within(pointer, event, limits);
    return event as JsonObject;
  });
}

/** Refuses values nested too deeply: serialising them would exhaust the stack. */
function within(pointer: string, value: object, bounds: EventBounds): void {
  const excess = outOfBounds(value, bounds);
  if (excess !== undefined) throw wrong(excess.code, pointer, excess.detail);
}

const wrong = (code: string, pointer: string, detail: string): HttpProblem =>
  new HttpProblem(400, code, `${pointer}: ${detail}`, { errors: [{ pointer, detail }] });
