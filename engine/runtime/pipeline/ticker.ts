/**
 * What happens though no event comes: reviews that are due by the arrival clock (absences, settled verdicts, numbers
 * of muted alerts), the trimming of the streams, the compacting of idle window logs, telling of closed alerts that was
 * left undone, and the forgetting of dead workers. Any number of processes may tick: reviews end in commits, which are
 * idempotent, as telling is, and the others only ever drop what is done with.
 */
import { limits } from '../../core/limits.ts';
import type { Pipeline } from './pipeline.ts';
import type { EventStreams } from '../decode/ports.ts';

export type TickerDeps = {
  readonly streams: Pick<EventStreams, 'clock' | 'trim' | 'sweepConsumers'>;
  readonly pipeline: () => Pipeline;
  readonly now: () => number;
  readonly retentionMs: number;
  /** True when memory is so scarce that acknowledged entries go whatever their age. */
  readonly scarce: () => Promise<boolean>;
  /** Takes a step in giving back the room that idle window logs do not need. */
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
  /** Tells of a review that waits for the clock to pass that time. Where that is about now, it does not wait for the next tick. */
  expect(dueMs: number): void;
  stop(): void;
};

/** How long what was just judged takes to be settled, so that the clock passes it. */
const settlingMs = 10;

export function ticker(deps: TickerDeps): Ticker {
  const tickMs = deps.tickMs ?? 100;
  const trimMs = deps.trimMs ?? 1000;
  const sweepMs = deps.sweepMs ?? 60_000;
  let stopped = false;
  let hurriedUntil = -Infinity;
  let rouse = (_afterMs: number): void => undefined;

  async function tick(): Promise<void> {
    for (;;) {
      const clock = await deps.streams.clock();
      const found = await deps.pipeline().review(limits.reviewsMax, { clock, createdAt: () => deps.now() });
      if (found < limits.reviewsMax || stopped) return;
    }
  }

  async function guarded(what: string, work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (fault) {
      if (!deps.isOutage(fault)) deps.onFault(what, fault);
    }
  }

  const isHurried = (): boolean => performance.now() < hurriedUntil;

  /** Until the next tick, or until it is roused. */
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
        await guarded('review', tick);
        const now = performance.now();
        if (now >= trimAt) {
          await guarded('trim', async () => deps.streams.trim((await deps.scarce()) ? 0 : deps.retentionMs));
          await guarded('compact', deps.compact);
          await guarded('closings', deps.notifyClosings);
          trimAt = now + trimMs;
        }
        if (now >= sweepAt) {
          await guarded('sweep', () => deps.streams.sweepConsumers(limits.consumerIdleMs));
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
