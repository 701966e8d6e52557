/**
 * The worker's loop: read → (decode) → match → correlate → alert → settle. The next read is under way while the current
 * batch is handled, and `lanes` batches are handled at once: while some wait for Redis, another is matched. (With two
 * lanes, Node was idle a third of the time: each answer waits for the requests that the other lane sent before.)
 *
 * A worker owns nothing. Whatever stops it, another worker claims the entries it had not settled, and repeats its
 * writes without effect.
 *
 *     read ─▶ deliveries ─▶ pipeline.process ─▶ settle
 *              ▲                 │ throws
 *   claim ─────┘                 ├─ Redis is away: the same batch again, until it is back
 *   (dead workers' entries)      └─ anything else: each entry alone, then each event alone; an event that fails
 *                                   alone is tried once more a moment later; if it fails again, it becomes a
 *                                   dead letter, and the rest continues
 *
 * An entry that has been delivered too often without being settled may be killing its workers. Its events are tried one
 * by one. Each try is counted in Redis before it is made, so that a crash leaves a trace: only an event that fails alone
 * is given up, never one whose worker happened to die.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Arrival, Located } from '../../core/event.ts';
import { limits } from '../../core/limits.ts';
import { isHeartbeat, packsOf } from '../decode/deliveries.ts';
import type { DeadLetter, Delivery, EventStreams, Settlement } from '../decode/ports.ts';
import type { Meter } from '../metering/meter.ts';
import { oneByOne } from './one-by-one.ts';
import type { BatchContext, Pipeline } from './pipeline.ts';

export type WorkerDeps = {
  readonly streams: EventStreams;
  /** Bound to the running rule set; a new one takes effect with the next batch. */
  readonly pipeline: () => Pipeline;
  /** Evaluates heartbeats (ingest/heartbeat.ts); undefined: they are only settled. */
  readonly heartbeat?: Pipeline;
  readonly meter: Meter;
  /** Wall clock, epoch ms: only for `created`. */
  readonly now: () => number;
  /** True for a fault of Redis or of the connection to it: the worker waits until it is over, and gives nothing up because of it. */
  readonly isOutage: (fault: unknown) => boolean;
  /** Reports something that an operator should read. The loop continues. */
  readonly onFault: (what: string, fault: unknown) => void;
  /** How long an entry may stay with a silent worker before another claims it. Default: limits.claimIdleMs. */
  readonly claimIdleMs?: number;
  /** Longest wait of one read. Default: 1000. */
  readonly blockMs?: number;
  /** Pause after a fault. Default: 200. */
  readonly retryMs?: number;
};

export type Worker = {
  /** Runs until stop(). Settles everything it has read before it returns. */
  run(): Promise<void>;
  stop(): void;
  /** Time since the loop last began a read, ms. It begins one at least every second, even when no event arrives. */
  silentMs(): number;
};

const lanes = 6;
/** How old the arrival clock of a batch may be. An older clock only makes logs keep a little more. */
const clockMsMax = 50;

export function worker(deps: WorkerDeps): Worker {
  const { streams, meter } = deps;
  const claimIdleMs = deps.claimIdleMs ?? limits.claimIdleMs;
  const blockMs = deps.blockMs ?? 1000;
  const retryMs = deps.retryMs ?? 200;
  let stopping = false;
  const handling = new Set<Delivery>();
  let clock: Arrival = { ms: 0, seq: 0 };
  let clockReadAt = -Infinity;
  let roundAt = performance.now();

  async function read(): Promise<Delivery[]> {
    while (!stopping) {
      roundAt = performance.now();
      try {
        return await streams.read(limits.readBytesMax, blockMs);
      } catch (fault) {
        await pauseAfter('read', fault);
      }
    }
    return [];
  }

  /** Waits a moment after any fault, and reports those that are not outages. */
  async function pauseAfter(what: string, fault: unknown): Promise<void> {
    if (!deps.isOutage(fault)) deps.onFault(what, fault);
    await sleep(retryMs);
  }

  async function handle(deliveries: readonly Delivery[]): Promise<void> {
    if (deliveries.length === 0) return;
    for (const delivery of deliveries) handling.add(delivery);
    const suspicious = deliveries.filter((one) => one.deliveries > limits.deliveriesMax);
    const usual = suspicious.length === 0 ? deliveries : deliveries.filter((one) => one.deliveries <= limits.deliveriesMax);
    try {
      await together(usual.filter((one) => !isHeartbeat(one)));
      await together(usual.filter(isHeartbeat));
      for (const delivery of suspicious) await eventByEvent(delivery);
    } catch (fault) {
      deps.onFault('entries could not be settled; they are claimed and handled again', fault);
    } finally {
      for (const delivery of deliveries) handling.delete(delivery);
    }
  }

  /** Handles the deliveries as one batch. Either all of them are heartbeats, or none is. */
  async function together(deliveries: readonly Delivery[]): Promise<void> {
    if (deliveries.length === 0) return;
    const undecodable = new Map<Delivery, readonly DeadLetter[]>();
    try {
      await retryOutages(() => attempt(packsOf(deliveries, undecodable), deliveries[0]!));
      await settle(deliveries.map((delivery) => ({ delivery, deadLetters: undecodable.get(delivery) ?? [] })));
    } catch (fault) {
      deps.onFault('a batch failed; its entries are handled alone', fault);
      if (deliveries.length === 1) await eventByEvent(deliveries[0]!);
      else for (const delivery of deliveries) await together([delivery]);
    }
  }

  async function attempt(packs: Iterable<readonly Located[]>, of: Delivery): Promise<void> {
    const context: BatchContext = { clock: recentClock(), createdAt: () => deps.now() };
    const through = isHeartbeat(of) ? deps.heartbeat : deps.pipeline();
    await through?.process(packs, context);
  }

  /**
   * The clock as it was a moment ago. A batch does not wait for a newer one: the answer would come after those to all
   * the requests that the other lanes have just sent, and an older clock only makes logs keep a little more.
   */
  function recentClock(): Arrival {
    if (performance.now() - clockReadAt > clockMsMax) {
      clockReadAt = performance.now();
      streams.clock().then(
        (now) => (clock = now),
        () => undefined,
      );
    }
    return clock;
  }

  async function eventByEvent(delivery: Delivery): Promise<void> {
    const one = (located: Located): Promise<void> => attempt([[located]], delivery);
    const deadLetters = await oneByOne({ streams, attempt: one, retryOutages, pause: () => sleep(retryMs) }, delivery);
    await settle([{ delivery, deadLetters }]);
  }

  async function settle(settlements: readonly Settlement[]): Promise<void> {
    for (const { deadLetters } of settlements) for (const letter of deadLetters) meter.addTo('deadLetters', letter.stage);
    await retryOutages(() => streams.settle(settlements));
  }

  /** Repeats the work for as long as Redis is away. stop() does not end this: what was read is settled if at all possible. */
  async function retryOutages<T>(work: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await work();
      } catch (fault) {
        if (!deps.isOutage(fault)) throw fault;
        await sleep(retryMs);
      }
    }
  }

  /** Renews the claim on entries that are being handled, and claims entries that other workers have left. */
  async function keepClaims(claimed: Delivery[]): Promise<void> {
    while (!stopping) {
      await sleep(claimIdleMs / 3, undefined, { ref: false });
      try {
        if (handling.size > 0) await streams.touch([...handling]);
        if (claimed.length === 0 && !stopping) claimed.push(...(await streams.claim(claimIdleMs, limits.readEntriesMax)));
      } catch (fault) {
        if (!deps.isOutage(fault)) deps.onFault('claim', fault);
      }
    }
  }

  return {
    async run() {
      const claimed: Delivery[] = [];
      void keepClaims(claimed);
      const busy = new Set<Promise<void>>();
      // Requested before the current batch is matched: later, the answer would wait for that batch's appends.
      let next = read();
      while (!stopping) {
        const deliveries = await next;
        next = read();
        for (const batch of [claimed.splice(0), deliveries]) {
          if (batch.length === 0) continue;
          const lane: Promise<void> = handle(batch).finally(() => busy.delete(lane));
          busy.add(lane);
        }
        while (busy.size >= lanes) await Promise.race(busy);
      }
      await handle(await next);
      await Promise.all(busy);
      await streams.leave().catch(() => undefined);
    },
    stop() {
      stopping = true;
    },
    silentMs: () => performance.now() - roundAt,
  };
}
