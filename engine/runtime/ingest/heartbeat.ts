/**
 * The heartbeat: an event that goes the whole way now and then, so that silence can be told from a way that is blocked.
 *
 *     API process ─ a pack for each shard ─▶ ingest ─▶ stream ─▶ read ─▶ decode ─▶ match ─▶ append ─▶ judge ─▶ commit ─▶ settle
 *
 * What it means on its way:
 *  - ingest      written as all packs are, but of no events (n = 0), which no client's pack can be: so the ledger, the
 *                backlog and every rate are those of real events. Refused as all are when ingest is closed.
 *  - match       by a rule of its own, never by those of the rules folder: nobody is alerted, however wide a rule is, and
 *                nobody's events take part in it, whatever dataset they claim.
 *  - correlate   appended to a window log, returned and judged.
 *  - alert       the rule asks for a sum of heartbeats below nothing, which is never so; but since a sum of its kind may sink,
 *                each judgement is committed, to the log alone: no record, no review, no outbox.
 *  - settle      the script that acknowledges the entry notes when it had been sent (redis/scripts/settle.lua).
 *
 * Forwarding is not part of it: an alert that nobody shall see would have to be taken out again half-way.
 */
import { compile } from '../../compile/index.ts';
import { packer, type Pack } from '../../core/ingest/pack.ts';
import type { RuleSet } from '../../core/rule.ts';
import type { EventSink } from './sink.ts';

export const heartbeatDataset = 'weir.heartbeat';

const ruleText = `
id: weir-heartbeat
title: Heartbeat
level: informational
conditions: { all: [{ fact: event.dataset, operator: equal, value: ${heartbeatDataset} }] }
correlation: { type: value_sum, group-by: [shard], timespan: 1m, condition: { field: beats, lt: 0 } }
`;

/** The rule set that judges heartbeats. @throws when it is none: then heartbeats would prove nothing */
export function heartbeatRules(): RuleSet {
  const { ruleset, problems } = compile([{ path: 'heartbeat.yaml', text: ruleText }]);
  const error = problems.find(({ severity }) => severity === 'error');
  if (error !== undefined) throw new Error(`the rule of heartbeats: ${error.message}`);
  return ruleset;
}

/** One pack, of one heartbeat that counts as no event. */
export function heartbeatPack(shard: number, sentMs: number): Pack {
  const text = JSON.stringify({ shard: String(shard), beats: 1 });
  const packs = packer();
  packs.add({ kind: 'taken', id: `${sentMs}-${shard}`, time: sentMs, dataset: heartbeatDataset, tags: 0 }, text, text.length);
  return { ...packs.finish()[0]!, events: 0 };
}

export type HeartbeatDeps = {
  readonly sink: Pick<EventSink, 'put'>;
  readonly shards: number;
  /** 0: none are sent. */
  readonly everyMs: number;
  /** Epoch ms. */
  readonly now: () => number;
};

/** Sends one at once, and then one every `everyMs`. One that is refused is not sent later: the next one will be. */
export function startHeartbeat({ sink, shards, everyMs, now }: HeartbeatDeps): AsyncDisposable {
  const send = (): Promise<unknown> => sink.put(Array.from({ length: shards }, (_, shard) => heartbeatPack(shard, now())));
  if (everyMs === 0) return { async [Symbol.asyncDispose]() {} };
  let sending = send();
  const timer = setInterval(() => {
    sending = sending.then(send);
  }, everyMs).unref();
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await sending;
    },
  };
}
