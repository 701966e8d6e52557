/**
 * The periodic work, which happens even when no event arrives: reviews that are due by the arrival clock (absences,
 * settled verdicts, counts of suppressed alerts), trimming the streams, compacting idle window logs, overdue
 * notifications of closed alerts, and removing dead workers. Any number of processes may tick: reviews end in commits,
 * which are idempotent, as notifications are, and everything else only removes what is no longer needed.
 */
import { limits } from '../../core/limits.ts';
import type { Pipeline } from './pipeline.ts';
import type { EventStreams } from '../decode/ports.ts';

export type TickerDeps = {
  readonly streams: Pick<EventStreams, 'clock' | 'trim' | 'sweepConsumers'>;
  readonly pipeline: () => Pipeline;
  readonly now: () => number;
  readonly retentionMs: number;
  /** True when memory is so scarce that acknowledged entries are dropped whatever their age. */
  readonly scarce: () => Promise<boolean>;
  /** Takes one step of freeing the memory that idle window logs do not need. */
  readonly compact: () => Promise<unknown>;
  /** Notifies webhooks of closed alerts where that is overdue. */
  readonly notifyClosings: () => Promise<unknown>;
  readonly isOutage: (fault: unknown) => boolean;
  readonly onFault: (what: string, fault: unknown) => void;
  readonly tickMs?: number;
  readonly trimMs?: number;
  readonly sweepMs?: number;
};

export type Ticker = {
  run(): Promise<void>;
  /** Announces a review that is due once the clock passes `dueMs`. If that is about now, the review does not wait for the next tick. */
  expect(dueMs: number): void;
  stop(): void;
};

/** How long it takes until what was just evaluated is settled, so that the clock passes it. */
const settlingMs = 10;

export function ticker(deps: TickerDeps): Ticker {
  const tickMs = deps.tickMs ?? 100;
  const trimMs = deps.trimMs ?? 1000;
  const sweepMs = deps.sweepMs ?? 60_000;
  let stopped = false;
  let hurriedUntil = -Infinity;
  let rouse = (_afterMs: number): void => undefined;

  /** Works on all reviews that are due, or on as many as there is time for: the next tick goes on there. */
  async function tick(): Promise<void> {
    const until = performance.now() + trimMs;
    const context = async () => ({ clock: await deps.streams.clock(), createdAt: () => deps.now() });
    while ((await deps.pipeline().review(limits.reviewsMax, await context())) >= limits.reviewsMax)
      if (stopped || performance.now() >= until) return;
  }

  /** Reports a fault of the work, unless Redis is away. Never throws. */
  async function attempt(what: string, work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (fault) {
      if (!deps.isOutage(fault)) deps.onFault(what, fault);
    }
  }

  const isHurried = (): boolean => performance.now() < hurriedUntil;

  /** Waits until the next tick, or until `rouse` is called. */
  function rest(): Promise<void> {
    return new Promise((resolve) => {
      let timer = setTimeout(resolve, isHurried() ? settlingMs : tickMs);
      rouse = (afterMs) => {
        clearTimeout(timer);
        timer = setTimeout(resolve, afterMs);
      };
    });
  }

  return {
    async run() {
      let trimAt = -Infinity;
      let sweepAt = -Infinity;
      while (!stopped) {
        await attempt('review', tick);
        const now = performance.now();
        if (now >= trimAt) {
          await attempt('trim', async () => deps.streams.trim((await deps.scarce()) ? 0 : deps.retentionMs));
          await attempt('compact', deps.compact);
          await attempt('closings', deps.notifyClosings);
          trimAt = now + trimMs;
        }
        if (now >= sweepAt) {
          await attempt('sweep', () => deps.streams.sweepConsumers(limits.consumerIdleMs));
          sweepAt = now + sweepMs;
        }
        if (!stopped) await rest();
      }
    },
    expect(dueMs) {
      if (dueMs > deps.now() + tickMs) return;
      const already = isHurried();
      hurriedUntil = performance.now() + tickMs;
      if (!already) rouse(settlingMs);
    },
    stop() {
      stopped = true;
      rouse(0);
    },
  };
}
