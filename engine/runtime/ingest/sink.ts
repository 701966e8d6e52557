/** Where ingest puts events: the port behind `POST /v1/events`. On Redis: engine/redis/ingest/ingest.ts. */
import type { Pack } from '../../core/ingest/pack.ts';

/**
 * Why nothing was acknowledged. `backlog`: the workers are behind by more than the bound. `full`: memory.
 * `away`: not reachable, loading, read-only, or no answer in time.
 */
export type Refusal = {
  readonly kind: 'refused';
  readonly because: 'backlog' | 'full' | 'away';
  readonly retryAfterSeconds: number;
  readonly detail: string;
  /** It was on its way when that came: some or all of it may be in. The client sends it again, and ids make that harmless. */
  readonly doubtful?: true;
};

export type SinkAnswer = { readonly kind: 'accepted'; readonly events: number } | Refusal;

export type EventSink = {
  /** All packs of one request. `accepted` only when every pack is in; never waits longer than a few seconds, never throws. */
  put(packs: readonly Pack[]): Promise<SinkAnswer>;
  /** What put() would refuse for at this moment, without writing; undefined: open. Readiness asks it, and ingest before it reads a body. */
  refusal(): Refusal | undefined;
};
