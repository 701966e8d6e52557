/** Parts for an API under test. Every port exists and does nothing; a test replaces the ports it is about. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiParts } from '../../api/app.ts';
import { createAlertStore } from './memory/alert-store.ts';
import { noDatasets } from './datasets.ts';
import { trialsHere } from './trials.ts';
import { unpack } from '../../engine/core/decode/unpack.ts';
import { type Pack } from '../../engine/core/ingest/pack.ts';
import type { Event } from '../../engine/core/event.ts';
import { silent } from '../../engine/runtime/metering/meter.ts';
import { rateLimiter } from '../../engine/runtime/access/rate.ts';
import type { EventSink, Refusal } from '../../engine/runtime/ingest/sink.ts';

export type MemorySink = EventSink & {
  readonly packs: Pack[];
  /** The events that were put, decoded as the workers decode them. */
  events(): Event[];
  /** Refuses everything from now on; undefined: accepts again. */
  close(refusal: Refusal | undefined): void;
};

export function memorySink(): MemorySink {
  const packs: Pack[] = [];
  let refusal: Refusal | undefined;
  return {
    packs,
    events: () => packs.flatMap(({ text }) => unpack(text, { shard: 0, ms: 0, seq: 0 }, noDatasets).located.map(({ event }) => event)),
    close(given) {
      refusal = given;
    },
    refusal: () => refusal,
    async put(given) {
      if (refusal !== undefined) return refusal;
      packs.push(...given);
      return { kind: 'accepted', events: given.reduce((sum, pack) => sum + pack.events, 0) };
    },
  };
}

export const receivedMs = Date.parse('2026-03-01T12:00:00Z');

export const idleParts = (): ApiParts & { sink: MemorySink } => {
  const store = createAlertStore();
  return {
    sink: memorySink(),
    datasets: () => noDatasets,
    alerts: store,
    triage: store.triage,
    feed: { ...store.changes, briefs: store.briefs, wait: async () => (await sleep(10), []), close: () => undefined },
    siem: {
      depth: async () => ({ depth: { informational: 0, low: 0, medium: 0, high: 0, critical: 0 }, leased: 0, oldest: null }),
      lease: async () => [],
      ack: async (leases) => ({ done: leases, expired: [] }),
      nack: async (leases) => ({ done: leases, expired: [] }),
    },
    rules: {
      list: async () => ({ hash: '', rules: [], problems: [] }),
      get: async () => undefined,
      evidenceSteps: async () => ({ rule: 'missing', evidence: [] }),
      trials: trialsHere(() => Promise.reject(new Error('there are no running rules'))),
    },
    webhooks: {
      list: async () => [],
      get: async () => undefined,
      create: async () => ({ kind: 'full' }),
      change: async () => ({ kind: 'none' }),
      remove: async () => ({ kind: 'none' }),
      rotate: async () => ({ kind: 'none' }),
      test: async () => undefined,
      deliveries: async () => undefined,
      replay: async () => false,
    },
    fanOut: { add: async (alerts) => alerts.map(() => 'unwanted'), addTurns: async (turned) => turned.map(() => 'unwanted') },
    deadLetters: {
      list: async () => ({ letters: [], next: undefined }),
      get: async () => undefined,
      retry: async (ids) => ids.map(() => 'gone' as const),
      discard: async (ids) => ids.map(() => 'gone' as const),
    },
    costs: { read: async (ids) => ids.map(() => ({ match_seconds: 0, judge_seconds: 0, since: new Date(0).toISOString() })) },
    backlog: async () => ({ nowMs: receivedMs, shards: [], outbox: 0 }),
    health: { ready: async () => ({}) },
    metrics: { expose: async () => ({ contentType: 'text/plain; version=0.0.4; charset=utf-8', text: '' }) },
    audit: async () => undefined,
    auditLog: { list: async () => ({ entries: [], next: undefined }) },
    keyStore: { list: async () => [], create: async () => 'made', revoke: async () => 'missing' },
    keys: { current: () => [], refresh: async () => undefined },
    limiter: rateLimiter(
      { key: undefined, events: undefined },
      () => receivedMs,
      async () => [],
    ),
    meter: silent,
    now: () => receivedMs,
    stopping: () => false,
    refusalOf: () => undefined,
  };
};
