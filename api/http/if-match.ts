/**
 * If-Match on alerts. The entity tag of an alert is its revision, which only triage changes. The engine may raise the
 * alert's count at any moment; if that changed the tag too, every change of a busy alert would be a conflict.
 */
import { HttpProblem } from './problem.ts';

export const tagOf = (revision: number | undefined): string => `"${revision ?? 0}"`;

/** The revision that the client last saw; `any` for `*`; undefined without the header. @throws HttpProblem 400 */
export function readIfMatch(header: string | undefined): number | 'any' | undefined {
  if (header === undefined) return undefined;
  const text = header.trim();
  if (text === '*') return 'any';
  // Proxies that compress answers make their tags weak.
  const digits = /^(?:W\/)?"(\d{1,15})"$/.exec(text)?.[1];
  if (digits !== undefined) return Number(digits);
  const detail = 'must be one ETag of the alert, such as "3", or *';
  throw new HttpProblem(400, 'invalid-request', `/headers/if-match: ${detail}`, { errors: [{ pointer: '/headers/if-match', detail }] });
}
