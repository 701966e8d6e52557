/**
 * The forwarder's loop. It forwards at once what this process wrote (wake), and looks through all outboxes every
 * `sweepMs` for the rest: written by a process that died, or whose own forwarder is slow. A partition that is not empty
 * is taken up when it still is not at the next look; otherwise every forwarder would take up what its neighbour is about
 * to forward anyway.
 *
 * Items that fail alone are tried again ever more rarely and do not hold up the others. When a step fails as a whole
 * (Redis is away) nothing is lost: the partitions are taken up again after a pause.
 *
 * Any number of forwarders may run on the same Redis: see forward.ts.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { limits } from '../../core/limits.ts';
import { forward, type Failure } from './forward.ts';
import type { AlertStore, OutboxItem, OutboxReader } from './ports.ts';
import { promote } from './promote.ts';
import type { ForwardPorts } from './stage.ts';

export type ForwarderPorts = Omit<ForwardPorts, 'outbox' | 'store' | 'siemMax' | 'now'> & {
  readonly outbox: OutboxReader;
  readonly store: AlertStore;
  readonly now?: () => number;
};

export type ForwarderOptions = {
  readonly siemMax?: number;
  readonly sweepMs?: number;
  /** How often old alerts are forgotten. */
  readonly trimMs?: number;
  /** True for a fault of Redis or of the connection to it: no item is at fault, and all of them are tried again. Default: never. */
  readonly isOutage?: (fault: unknown) => boolean;
  /** Called with each failure of an item, once until it works, and with each failure of a whole pass. */
  readonly trouble?: (what: string, error: Error) => void;
};

const pauseMsMax = 5000;
const retryMsMax = 60_000;

export class Forwarder implements AsyncDisposable {
  readonly #ports: ForwardPorts & { readonly outbox: OutboxReader; readonly store: AlertStore };
  readonly #sweepMs: number;
  readonly #trimMs: number;
  readonly #isOutage: (fault: unknown) => boolean;
  readonly #trouble: (what: string, error: Error) => void;
  readonly #hinted = new Set<number>();
  readonly #failing = new Map<string, { attempts: number; notBefore: number }>();
  readonly #stopping = new AbortController();
  #occupied: ReadonlySet<number> = new Set();
  #rouse: (() => void) | undefined;
  #sweptAt = 0;
  #trimmedAt: number;
  #pauseMs = 0;
  readonly #loop: Promise<void>;

  /** Starts at once. */
  constructor(
    ports: ForwarderPorts,
    {
      siemMax = limits.siemMax,
      sweepMs = limits.forwardSweepMs,
      trimMs = 30_000,
      isOutage = () => false,
      trouble = () => undefined,
    }: ForwarderOptions = {},
  ) {
    const now = ports.now ?? Date.now;
    this.#ports = { ...ports, now, siemMax };
    this.#sweepMs = sweepMs;
    this.#trimMs = trimMs;
    this.#isOutage = isOutage;
    this.#trouble = trouble;
    this.#trimmedAt = now();
    this.#loop = this.#run();
  }

  /** Call it when something was written to this partition's outbox. */
  readonly wake = (partition: number): void => {
    this.#hinted.add(partition);
    this.#rouse?.();
  };

  /** Ends after the batch in hand; what is in the outboxes stays there for the next forwarder. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    this.#rouse?.();
    await this.#loop;
  }

  async #run(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      try {
        if (this.#hinted.size === 0) await this.#rest();
        if (performance.now() - this.#sweptAt >= this.#sweepMs) await this.#sweep();
        await this.#pass();
        this.#pauseMs = 0;
      } catch (error) {
        this.#trouble('forwarding pauses', error as Error);
        this.#pauseMs = Math.min(Math.max(50, 2 * this.#pauseMs), pauseMsMax);
        await sleep(this.#pauseMs, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
      }
    }
  }

  /** Until it is woken or the next look is due. */
  #rest(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, Math.max(0, this.#sweptAt + this.#sweepMs - performance.now()));
      this.#rouse = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async #sweep(): Promise<void> {
    this.#sweptAt = performance.now();
    const occupied = await this.#ports.outbox.occupied();
    for (const partition of occupied) if (this.#occupied.has(partition)) this.#hinted.add(partition);
    this.#occupied = new Set(occupied);
    while ((await promote(this.#ports)) > 0 && !this.#stopping.signal.aborted);
    const nowMs = this.#ports.now();
    if (Math.abs(nowMs - this.#trimmedAt) >= this.#trimMs) {
      this.#trimmedAt = nowMs;
      await this.#trim(nowMs);
    }
  }

  async #trim(nowMs: number): Promise<void> {
    for (let rounds = 0; rounds < 20 && !this.#stopping.signal.aborted; rounds++) {
      const gone = Object.entries(await this.#ports.store.trim(nowMs));
      for (const [status, count] of gone) this.#ports.meter.addTo('evicted', `alerts_${status}`, count);
      if (gone.length === 0) return;
    }
  }

  async #pass(): Promise<void> {
    const partitions = [...this.#hinted];
    if (partitions.length === 0) return;
    this.#hinted.clear();
    try {
      const { items, more } = await this.#ports.outbox.take(
        partitions,
        Math.max(8, Math.floor(limits.forwardBatchMax / partitions.length)),
      );
      const due = items.filter((item) => this.#isDue(item));
      this.#remember(due, await this.#forward(due));
      for (const partition of more) this.#hinted.add(partition);
    } catch (error) {
      for (const partition of partitions) this.#hinted.add(partition);
      throw error;
    }
  }

  /** Together; if that fails as a whole, one by one, to find the item at which it fails. @throws an outage; when it is not a matter of single items */
  async #forward(items: readonly OutboxItem[]): Promise<Failure[]> {
    try {
      return await this.#together(items);
    } catch (error) {
      if (items.length < 2 || this.#isOutage(error)) throw error;
      const failures: Failure[] = [];
      for (const item of items) {
        try {
          failures.push(...(await this.#together([item])));
        } catch (alone) {
          if (this.#isOutage(alone)) throw alone;
          failures.push({ item, error: alone as Error });
        }
      }
      if (failures.length === items.length) throw error;
      return failures;
    }
  }

  /** @throws an outage, also where a stage reports it of single items */
  async #together(items: readonly OutboxItem[]): Promise<Failure[]> {
    const failures = await forward(this.#ports, items);
    const outage = failures.find(({ error }) => this.#isOutage(error));
    if (outage !== undefined) throw outage.error;
    return failures;
  }

  #isDue(item: OutboxItem): boolean {
    const failing = this.#failing.get(key(item));
    return failing === undefined || failing.notBefore <= performance.now();
  }

  #remember(tried: readonly OutboxItem[], failures: readonly Failure[]): void {
    if (failures.length === 0 && this.#failing.size === 0) return;
    const before = new Map(this.#failing);
    for (const item of tried) this.#failing.delete(key(item));
    for (const { item, error } of failures) {
      const attempts = (before.get(key(item))?.attempts ?? 0) + 1;
      if (attempts === 1) this.#trouble(`forwarding ${item.kind === 'alert' ? '' : 'an update of '}${item.id}`, error);
      if (this.#failing.size >= limits.forwardFailingMax) {
        this.#failing.delete(this.#failing.keys().next().value!);
        this.#ports.meter.addTo('evicted', 'failing');
      }
      this.#failing.set(key(item), {
        attempts,
        notBefore: performance.now() + Math.min(this.#sweepMs * 2 ** Math.min(attempts, 12), retryMsMax),
      });
    }
  }
}

const key = ({ partition, kind, id }: OutboxItem): string => `${partition} ${kind} ${id}`;
