/**
 * The heartbeat: an event that passes all stages every few seconds, so that a blocked pipeline does not look like a quiet
 * one.
 *
 *     API process ─ a pack for each shard ─▶ ingest ─▶ stream ─▶ read ─▶ decode ─▶ match ─▶ append ─▶ judge ─▶ commit ─▶ settle
 *
 * What happens to it:
 *  - ingest      It is written like any pack, but counts as no events (n = 0), which no client's pack does: the ledger, the
 *                backlog and all rates are those of real events. It is refused like any pack when ingest is closed.
 *  - match       It has a rule of its own. The rules of the folder do not see it, so it raises no alert; and that rule
 *                does not see other events, whatever dataset they claim.
 *  - correlate   It is appended to a window log, which is returned and evaluated.
 *  - alert       The rule fires if the sum of heartbeats is below zero, which it never is. Since such a sum may fall, each
 *                evaluation is committed, to the log alone: no record, no review, no outbox.
 *  - settle      The script that acknowledges the entry notes when it was sent (redis/scripts/settle.lua).
 *
 * Forwarding is not covered: an alert that must not be seen would have to be removed again on its way.
 */
import { compile } from '../../compile/index.ts';
import { packer, type Pack } from '../../core/ingest/pack.ts';
import type { RuleSet } from '../../core/rule.ts';
import type { EventSink } from './sink.ts';

const heartbeatDataset = 'weir.heartbeat';

const ruleText = `
id: weir-heartbeat
title: Heartbeat
level: informational
conditions: { all: [{ fact: event.dataset, operator: equal, value: ${heartbeatDataset} }] }
correlation: { type: value_sum, group-by: [shard], timespan: 1m, condition: { field: beats, lt: 0 } }
`;

/** The rule set that evaluates heartbeats. @throws Error when its rule does not compile */
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

/** Sends one at once, and then one every `everyMs`. One that is refused is not sent again. */
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
