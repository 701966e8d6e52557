/**
 * Checks a Redis before anything relies on it: whether Weir can trust it with its data, whether it accepts Weir's
 * commands, and whether it was set up with the same layout. A setting that cannot work is refused with its remedy; a
 * risky one is a warning. It waits for a Redis that is starting or loading.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { WeirError } from '../../errors.ts';
import { checkInfo, type Finding } from './checks.ts';
import { loadingText, type Info } from '../info.ts';
import { claimLayout, type Layout } from './layout-claim.ts';
import { readInfo, withProbe } from '../probe.ts';
import { passes, unusable } from '../errors.ts';

const pollMs = 250;
const progressEveryMs = 2000;
/** Interval at which an unchanged state is reported again. */
const againEveryMs = 10_000;

/**
 * @param waitMs how long to wait for a Redis that cannot be reached; the wait for one that is loading is unlimited
 * @param stopping aborts the wait
 * @returns what was found, warnings included
 * @throws WeirError (78) with everything that must be fixed first; the signal's reason when it aborted the wait
 */
export async function preflight(
  url: string,
  layout: Layout,
  say: (line: string) => void,
  waitMs = 30_000,
  stopping?: AbortSignal,
): Promise<Finding[]> {
  const findings = checkInfo(await loadedInfo(url, say, waitMs, stopping));
  const failed = findings.filter((finding) => finding.level === 'fail');
  if (failed.length > 0)
    throw new WeirError(
      `the Redis at ${place(url)} cannot be used: ${failed.map((finding) => finding.message).join(' ')}`,
      failed.map((finding) => finding.remedy).join(' '),
    );
  try {
    await withProbe(url, async (redis) => {
      await redis.eval('return 1', 0);
      await claimLayout(redis, layout);
    });
  } catch (error) {
    throw error instanceof WeirError ? error : unusable(error as Error, place(url));
  }
  return findings;
}

/** The checks of `doctor`: once, without waiting and without writing. */
export async function inspect(url: string): Promise<Finding[]> {
  const outcome = await readInfo(url).catch((error: Error) => unusable(error, place(url)));
  if (outcome instanceof WeirError) return [{ check: 'redis', level: 'fail', message: outcome.message, remedy: outcome.hint }];
  const loading = loadingText(outcome);
  return loading === undefined
    ? checkInfo(outcome)
    : [{ check: 'loading', level: 'warn', message: `it is loading its data: ${loading}`, remedy: 'Wait until it has.' }];
}

/** The address without user and password, for messages. */
export function place(url: string): string {
  if (url.startsWith('unix://') || !URL.canParse(url)) return url;
  const { hostname, port } = new URL(url);
  return `${hostname}:${port || '6379'}`;
}

async function loadedInfo(url: string, say: (line: string) => void, waitMs: number, stopping: AbortSignal | undefined): Promise<Info> {
  let nextSay = Date.now() + progressEveryMs;
  let said = { text: '', at: -Infinity };
  for (let unreachableSince: number | undefined; ;) {
    const outcome = await readInfo(url).catch((error: Error) => error);
    const now = Date.now();
    let waiting: string;
    if (outcome instanceof Error) {
      if (!passes(outcome)) throw unusable(outcome, place(url));
      unreachableSince ??= now;
      if (now - unreachableSince >= waitMs) throw unusable(outcome, place(url));
      const { message, hint } = unusable(outcome, place(url));
      waiting = `${message} ${hint}`;
    } else {
      unreachableSince = undefined;
      const loading = loadingText(outcome);
      if (loading === undefined) return outcome;
      waiting = `the Redis at ${place(url)} is loading its data: ${loading}`;
    }
    if (now >= nextSay && (waiting !== said.text || now >= said.at + againEveryMs)) {
      say(`waiting: ${waiting}`);
      said = { text: waiting, at: now };
      nextSay = now + progressEveryMs;
    }
    stopping?.throwIfAborted();
    await sleep(pollMs);
  }
}
