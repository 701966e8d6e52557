/** RFC 9457, as api/http/problem.ts writes it. */
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

/** Any of these statuses is answered with a problem. */
export const problems = <S extends number>(...statuses: readonly S[]): Record<S, typeof problem> =>
  Object.fromEntries(statuses.map((status) => [status, problem])) as Record<S, typeof problem>;
