/**
 * If-Match on alerts. The entity tag of an alert is its revision, which changes with triage alone: the engine's own
 * numbers may rise at any moment, and would else make every change of a busy alert a conflict.
 */
import { HttpProblem } from './problem.ts';

export const tagOf = (revision: number | undefined): string => `"${revision ?? 0}"`;

/** The revision that the client has seen; `any` for `*`; undefined without the header. @throws HttpProblem 400 */
export function readIfMatch(header: string | undefined): number | 'any' | undefined {
  if (header === undefined) return undefined;
  const text = header.trim();
  if (text === '*') return 'any';
  const digits = /^"(\d{1,15})"$/.exec(text)?.[1];
  if (digits !== undefined) return Number(digits);
  const detail = 'is to be one ETag as it was given, such as "3", or *';
  throw new HttpProblem(400, 'invalid-request', `/headers/if-match: ${detail}`, { errors: [{ pointer: '/headers/if-match', detail }] });
}
