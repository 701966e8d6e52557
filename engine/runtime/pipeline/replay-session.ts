/**
 * Replay: events through the same pipeline on the event clock, without Redis. What the arrival clock is to a running
 * engine, the newest event time so far is here; each event has arrived when its turn comes, so the result does not
 * depend on how many are handled at once.
 *
 * At the end of the input nothing more can be late: what waits for the lateness is judged, and absences whose
 * deadline the last event's time has passed fire (`drain`: all of them).
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
  /** Events that came matched, from this position on, are needed as long as an entry refers to them. Returns how to tell that no more will. */
  keep(first: number, pack: EventPack): () => void;
  alerts(): Alert[];
};

/** Events that came matched: each is read again only when it becomes evidence. */
export type EventPack = {
  /** As many positions it takes, whether or not there is an event at each. */
  readonly lines: number;
  /** @param ms when it arrived */
  event(line: number, ms: number): Event;
  /** None of them will be read again. */
  gone(): void;
};

export type ReplayOptions = {
  readonly latenessMs: number;
  /** Fire every absence that is still waiting at the end. */
  readonly drain: boolean;
  /** Events handled at once; changes nothing but the speed. */
  readonly batch?: number;
  readonly onRuleFault: (ruleId: string, fault: unknown) => void;
  /** Counts what bounds did; silent when left out. */
  readonly meter?: Meter;
};

export type ReplaySession = {
  /** The event clock: time of the newest event so far, epoch ms; undefined before the first. */
  readonly clock: () => number | undefined;
  feed(event: Event): void | Promise<void>;
  /** What was fed is handled, and a batch begins whose events come matched: those of the pack. */
  open(pack: EventPack): Promise<ReplayBatch>;
  /** Settles what waits, and gives each alert once, in order of time. */
  finish(): Promise<Alert[]>;
};

/** Events matched elsewhere, in the order of the file: each begins with arrive(). */
export type ReplayBatch = Pick<OpenBatch, 'buffer'> & {
  /** The event of that line of the pack comes, and the clock moves. @returns where it lies */
  arrive(time: number, line: number): EventRef;
  single(match: Matcher, located: Located): void;
  /** Matches an event here. */
  match(located: Located): void;
  close(): Promise<void>;
};

const batchDefault = 512;

/** @param stores made for this session alone */
export function replaySession(
  ruleset: RuleSet,
  makeStores: (profile: ReturnType<typeof profiler>) => ReplayStores,
  options: ReplayOptions,
): ReplaySession {
  // A log lives as long as in an engine: one that was forgotten sooner would not know the events that come to it again.
  const profile = profiler({ latenessMs: options.latenessMs, lagMs: limits.lagMsMax });
  const stores = makeStores(profile);
  const { windows, evidence, outbox } = stores;
  const { latenessMs, onRuleFault } = options;
  const run = pipeline(ruleset, { windows, evidence, outbox, profile, latenessMs, meter: options.meter ?? silent, onRuleFault });
  const batchSize = options.batch ?? batchDefault;
  let clock: number | undefined;
  let position = 0;
  let batch: Located[] = [];

  // Of the newest instant more may come in the next batch: until then it has not been worked off.
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
