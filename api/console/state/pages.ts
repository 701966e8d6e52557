/**
 * Pages of the list. The API returns the newest alerts first. To order by priority, the levels are requested one after
 * the other, so that the order holds for all alerts, not only for those already loaded.
 */
import type { AlertBrief } from '../../../engine/core/alert/alert.ts';
import { api, type Answer } from '../lib/api.ts';
import { searchOf, type Filter } from './filter.ts';
import { levels } from '../lib/format.ts';

export type Page = { readonly alerts: readonly AlertBrief[]; readonly more: boolean };
export type Pages = { next(): Promise<Answer<Page>> };

const pageSize = 50;
/** A page of a search may be short, with a next one. After this many requests, the user decides whether to continue. */
const requestsMax = 12;

export function openPages(filter: Filter, signal: AbortSignal): Pages {
  const wanted = filter.level === undefined ? (filter.order === 'priority' ? levels : [undefined]) : [filter.level];
  let at = 0;
  let cursor: string | null = null;
  return {
    async next() {
      const found: AlertBrief[] = [];
      for (let requests = 0; requests < requestsMax && at < wanted.length && found.length < pageSize; requests++) {
        const level = wanted[at];
        const answer: Awaited<ReturnType<typeof api.search>> = await api.search(
          {
            ...searchOf(filter),
            ...(level === undefined ? {} : { level }),
            ...(cursor === null ? {} : { cursor }),
            limit: String(pageSize - found.length),
          },
          signal,
        );
        if (!answer.ok) return answer;
        found.push(...answer.value.alerts);
        cursor = answer.value.next_cursor;
        if (cursor === null) at++;
      }
      return { ok: true, value: { alerts: found, more: at < wanted.length } };
    },
  };
}
