/**
 * Replay: runs events through the same pipeline on the event clock, without Redis. The newest event time so far takes
 * the place of a running engine's arrival clock. Each event arrives when its turn comes, so the result does not depend
 * on how many are handled at once.
 *
 * At the end of the input nothing more can arrive late: windows that wait for the lateness are evaluated, and absences
 * whose deadline is before the last event's time fire (with `drain`, all of them do).
 */
import type { Alert } from '../../core/alert/alert.ts';
import type { Event, EventRef, Located } from '../../core/event.ts';
import { limits } from '../../core/limits.ts';
import { profiler } from '../../core/correlate/log-profile.ts';
import type { Matcher, RuleSet } from '../../core/rule.ts';
import type { Evidence, Outbox } from '../alert/ports.ts';
import type { WindowStore } from '../correlate/ports.ts';
import { silent, type Meter } from '../metering/meter.ts';
import { pipeline, type BatchContext, type OpenBatch } from './pipeline.ts';

/** The ports of a replay: engine/memory makes them. */
export type ReplayStores = {
  readonly windows: WindowStore;
  readonly evidence: Evidence;
  readonly outbox: Outbox;
  locate(event: Event, arrivalMs: number, position: number): Located;
  /**
   * Keeps a pack of already matched events, at the positions from `first` on, for as long as an entry refers to one.
   * @returns a function to call when no further entries will be added
   */
  keep(first: number, pack: EventPack): () => void;
  alerts(): Alert[];
};

/** Events that are already matched: each is parsed again only when it becomes evidence. */
export type EventPack = {
  /** How many positions the pack takes up. A line without an event takes up one, too. */
  readonly lines: number;
  /** @param ms arrival time, epoch ms */
  event(line: number, ms: number): Event;
  /** Called when none of the events will be read again. */
  gone(): void;
};

export type ReplayOptions = {
  readonly latenessMs: number;
  /** Whether every absence that is still waiting at the end fires. */
  readonly drain: boolean;
  /** Events handled at once. Affects only the speed. */
  readonly batch?: number;
  readonly onRuleFault: (ruleId: string, fault: unknown) => void;
  /** Counts what the bounds cut or dropped. Default: counts nothing. */
  readonly meter?: Meter;
};

export type ReplaySession = {
  /** The event clock: time of the newest event so far, epoch ms; undefined before the first. */
  readonly clock: () => number | undefined;
  feed(event: Event): void | Promise<void>;
  /** Processes everything fed so far, then opens a batch for the already matched events of the pack. */
  open(pack: EventPack): Promise<ReplayBatch>;
  /** Evaluates everything that is still waiting. @returns each alert once, in order of time */
  finish(): Promise<Alert[]>;
};

/** A batch of events matched elsewhere, in the order of the file. Call arrive() first for each event. */
export type ReplayBatch = Pick<OpenBatch, 'buffer'> & {
  /** Moves the clock to the event on that line of the pack. @returns the event's reference */
  arrive(time: number, line: number): EventRef;
  single(match: Matcher, located: Located): void;
  /** Matches an event here. */
  match(located: Located): void;
  close(): Promise<void>;
};

const batchDefault = 512;

/** @param makeStores makes the stores for this session alone */
export function replaySession(
  ruleset: RuleSet,
  makeStores: (profile: ReturnType<typeof profiler>) => ReplayStores,
  options: ReplayOptions,
): ReplaySession {
  // Logs live as long as in a running engine: a log dropped sooner would not recognise an event that arrives twice.
  const profile = profiler({ latenessMs: options.latenessMs, lagMs: limits.lagMsMax });
  const stores = makeStores(profile);
  const { windows, evidence, outbox } = stores;
  const { latenessMs, onRuleFault } = options;
  const run = pipeline(ruleset, { windows, evidence, outbox, profile, latenessMs, meter: options.meter ?? silent, onRuleFault });
  const batchSize = options.batch ?? batchDefault;
  let clock: number | undefined;
  let position = 0;
  let batch: Located[] = [];

  // seq 0: the next batch may bring more events of the newest instant, so the clock has not passed it yet.
  const context = (closing?: number): BatchContext => ({ clock: { ms: clock ?? 0, seq: 0 }, createdAt: (at) => at, closing });

  async function flush(): Promise<void> {
    const events = batch;
    batch = [];
    if (events.length === 0) return;
    await run.process([events], context());
    await run.review(Infinity, context());
  }

  function moveClock(time: number): number {
    return (clock = clock === undefined ? time : Math.max(clock, time));
  }

  const createdAt = (at: number): number => at;

  return {
    clock: () => clock,
    feed(event) {
      position += 1;
      batch.push(stores.locate(event, moveClock(event.time), position));
      return batch.length >= batchSize ? flush() : undefined;
    },
    async open(pack) {
      await flush();
      const opened = run.open();
      const first = position + 1;
      position += pack.lines;
      const closed = stores.keep(first, pack);
      return {
        buffer: opened.buffer,
        arrive: (time, line) => ({ shard: 0, ms: moveClock(time), seq: first + line, index: 0 }),
        single: (match, located) => opened.single(match, located, createdAt),
        match: (located) => opened.match([located], createdAt),
        async close() {
          await opened.close(context());
          await run.review(Infinity, context());
          closed();
        },
      };
    },
    async finish() {
      await flush();
      await run.review(Infinity, context(options.drain ? Infinity : (clock ?? -Infinity)));
      return stores.alerts();
    },
  };
}
