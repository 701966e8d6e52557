/** RFC 9457, as api/problem.ts writes it. */
import { z } from 'zod';

export const problem = z
  .looseObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.string().describe('Stable; the same as in `type`'),
    detail: z.string(),
    instance: z.string(),
    request_id: z.string(),
    errors: z.array(z.looseObject({ detail: z.string(), pointer: z.string().optional() })).optional(),
  })
  .meta({ id: 'Problem' });

/** What OpenAPI shows for any of these statuses. */
export const problems = (
  ...statuses: readonly number[]
): Record<number, { description: string; content: Record<string, { schema: typeof problem }> }> =>
  Object.fromEntries(
    statuses.map((status) => [status, { description: 'Problem', content: { 'application/problem+json': { schema: problem } } }]),
  );
