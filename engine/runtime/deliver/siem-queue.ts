/** The SIEM queue for its consumers: they lease alerts, then acknowledge or return them. On BullMQ: deliver/siem-queue/queue.ts. */
import type { Alert } from '../../core/alert/alert.ts';
import type { Level } from '../../core/rule.ts';
import type { SiemDepth } from '../metering/installation.ts';

/** `expires` is RFC 3339. */
export type Leased = { readonly lease: string; readonly expires: string; readonly alert: Alert };
export type Settled = { readonly done: readonly string[]; readonly expired: readonly string[] };

/** For each level the number of waiting alerts, and the creation time of the first one, epoch ms. */
export type Lines = {
  readonly depth: Readonly<Record<Level, number>>;
  readonly leased: number;
  readonly oldestMs: Readonly<Record<Level, number | null>>;
};

export type SiemQueue = {
  depth(): Promise<SiemDepth>;
  lines(): Promise<Lines>;
  /** Leases at most `max` alerts for `seconds`, most urgent first; fewer, or none, if there are no more. Both numbers are capped. */
  lease(request: { readonly max: number; readonly seconds: number }): Promise<readonly Leased[]>;
  /** Acknowledges leases as done. `expired` lists those that had ended (the alert will be, or has been, leased again) or are invalid. */
  ack(leases: readonly string[]): Promise<Settled>;
  /** Returns leased alerts to the queue at once. */
  nack(leases: readonly string[]): Promise<Settled>;
};
