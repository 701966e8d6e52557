/** Problem details (RFC 9457), as written by api/http/problem.ts. */
import { z } from 'zod';

export const problem = z
  .looseObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.string().describe('Stable; the last part of `type`'),
    detail: z.string(),
    instance: z.string(),
    request_id: z.string(),
    errors: z.array(z.looseObject({ detail: z.string(), pointer: z.string().optional() })).optional(),
  })
  .meta({ id: 'Problem' });

/** The response schemas of these statuses: each answers with a problem. */
export const problems = <S extends number>(...statuses: readonly S[]): Record<S, typeof problem> =>
  Object.fromEntries(statuses.map((status) => [status, problem])) as Record<S, typeof problem>;
