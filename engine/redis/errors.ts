/** What an error of Redis, or of the way to it, means for a request that is being served: come back later, and why. */
import type { Refusal } from '../runtime/ingest/sink.ts';

const retryAfterSeconds = { backlog: 1, full: 5, away: 2 } as const;

export const refused = (because: Refusal['because'], detail: string): Refusal => ({
  kind: 'refused',
  because,
  detail,
  retryAfterSeconds: retryAfterSeconds[because],
});

/** Answers that pass when the server recovers. */
const passing = /\b(LOADING|READONLY|MISCONF|CLUSTERDOWN|MASTERDOWN|NOREPLICAS|NOAUTH|NOPERM|BUSY|TRYAGAIN|UNBLOCKED|NOSCRIPT)\b/;
const unreachable =
  /Connection is closed|isn't writeable|Reached the max retries|ECONNREFUSED|ECONNRESET|ENOENT|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN|Socket timeout|max number of clients/;

/** Undefined when the error is none of Redis's being away or full: then it is a bug. */
export function refusalOfError(error: unknown): Refusal | undefined {
  const message = error instanceof Error ? error.message : String(error);
  if (message.includes('OOM command not allowed')) return refused('full', 'Redis has reached its maxmemory');
  if (message === 'Command timed out') return refused('away', 'Redis did not answer in time');
  const known = passing.exec(message);
  if (known !== null) return refused('away', `Redis answers ${known[0]}`);
  return unreachable.test(message) ? refused('away', 'Redis is not reachable') : undefined;
}

/** The same where nothing may be a bug of ours that the client sees: whatever failed, nothing was acknowledged. */
export const refusalFor = (error: unknown): Refusal => refusalOfError(error) ?? refused('away', 'Redis refused the write');
