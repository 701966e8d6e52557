/**
 * All names of Redis keys: no other file spells one. The keys of one script call share a hash tag, so that every call
 * stays in one slot of a Redis Cluster: `{sN}` for a shard of the event stream, `{N}` for a partition of window logs.
 *
 * Log keys are short because there are millions of them: 34 bytes.
 */
import { strongHash } from '../core/util/hash.ts';
import type { LogTarget } from '../core/correlate/target.ts';

export const keys = {
  /** Hash: the settings that must never change while Redis holds Weir's data (start/layout-claim.ts): partitions, shards, format. */
  layout: 'weir:meta',
  /** A string that never exists: for a write that changes nothing. */
  writeCheck: 'weir:write-check',
  /** Stream of packs. */
  events: (shard: number) => `weir:{s${shard}}:events`,
  /** Hash of counters, in events: accepted, processed, dead; and the last heartbeat that was processed. */
  stats: (shard: number) => `weir:{s${shard}}:stats`,
  /** Stream of dead letters. */
  dead: (shard: number) => `weir:{s${shard}}:dead`,
  /** Hash: attempts at entries that are processed one by one, `<entry id>:<index>`. */
  alone: (shard: number) => `weir:{s${shard}}:alone`,
  /** The consumer group of the workers, on every shard. */
  group: 'weir',

  /** String: a window log. */
  log: (partition: number, shape: string, groupHash: string) => `w{${partition}}l${shape}${groupHash}`,
  /** True if the key is that of a window log. */
  isLog: (key: string) => /^w\{\d+\}l/.test(key),
  partitionOfLog: (key: string) => Number(key.slice(2, key.indexOf('}'))),
  /** String: a temporary copy of a window log while it is rewritten. */
  scratch: (partition: number) => `w{${partition}}c`,
  /** Strings: a marker that a compaction step was just taken, and where the next step begins. */
  compacting: 'weir:compact:taken',
  compactCursor: 'weir:compact:cursor',
  /** String: the alert record of a rule and group. */
  record: (partition: number, ruleHash: string, groupHash: string) => `w{${partition}}a${ruleHash}${groupHash}`,
  /** Sorted set: reviews by the arrival-clock time at which they are due. */
  reviews: (partition: number) => `w{${partition}}r`,
  /** Hash: alert id → alert, and `id+` → its newest update, until they are forwarded. */
  outbox: (partition: number) => `w{${partition}}o`,
  /** Hash: new logs of one minute, by rule. */
  newLogs: (partition: number, minute: number) => `w{${partition}}n${minute}`,
  /** Hash: counters of what the scripts of a partition did. */
  partitionStats: (partition: number) => `w{${partition}}s`,

  /** Alerts and everything that changes with them share one slot, so that each change is one step. Hash: one alert: doc, events, and the fields that change. */
  alert: (id: string) => `weir:{alerts}:alert:${id}`,
  /** List: the triage changes of one alert, the newest last. */
  alertHistory: (id: string) => `weir:{alerts}:history:${id}`,
  /** Hash: stored alerts of a rule by status and verdict. */
  alertCounts: (ruleId: string) => `weir:{alerts}:counts:${strongHash(ruleId, 11)}`,
  /** Sorted set: ids of closed alerts whose webhooks have not been notified, by the time they were closed, epoch ms. */
  alertClosings: 'weir:{alerts}:closings',
  /** Stream: alerts created and changed, for clients that follow them. */
  alertChanges: 'weir:{alerts}:changes',
  /** Sorted sets: alert ids by time of creation: all, per rule, per entity. */
  alertIndex: 'weir:{alerts}:all',
  alertsOfRule: (ruleId: string) => `weir:{alerts}:rule:${strongHash(ruleId, 11)}`,
  alertsOfEntity: (field: string, value: string) => `weir:{alerts}:entity:${strongHash(`${field}\n${value}`, 16)}`,
  /** Sorted set: alerts of a level that wait for room in the SIEM queue. */
  waiting: (level: string) => `weir:{alerts}:waiting:${level}`,
  /** Set and HyperLogLog: alert ids within the budget of a rule and minute, and over it. */
  alertBudget: (name: string) => `weir:{alerts}:budget:${strongHash(name, 16)}`,
  alertsFolded: (name: string) => `weir:{alerts}:folded:${strongHash(name, 16)}`,
  /** Hash: the cost of rules on all workers together in one hour, microseconds: `m<rule>` for matching, `j<rule>` for evaluation. */
  ruleCosts: (hour: number) => `weir:{costs}:${hour}`,
  /** Stream: the audit log, who changed what. */
  audit: 'weir:audit',
  /** Hash: API keys by name, and when each was revoked, epoch ms. */
  apiKeys: 'weir:keys',
  apiKeysRevoked: 'weir:keys:revoked',
  /** Hash: the remaining budget of a key, by the name of the limit. */
  rate: (bound: string, name: string) => `weir:rate:${bound}:${name}`,
  /** BullMQ's key prefix. The hash tag keeps a queue in one slot. */
  queuePrefix: '{weir-siem}',
  /** BullMQ's key prefix for the webhook queues, one for each target. */
  webhookPrefix: '{weir-webhooks}',
  /** A version number that changes with every change of a target. */
  webhookVersion: 'weir:{webhooks}:version',
  /** Hashes by target id: the target with its secrets; since when and why it is off; consecutive failures; the last failure. */
  webhookTargets: 'weir:{webhooks}:targets',
  webhooksDisabled: 'weir:{webhooks}:disabled',
  webhookFailures: 'weir:{webhooks}:failures',
  webhookFailed: 'weir:{webhooks}:failed',
} as const;

/** The partition of a group, from the first 24 bits of its hash (base64url). */
export function partitionOf(groupHash: string, partitions: number): number {
  return Buffer.from(groupHash.slice(0, 4), 'base64url').readUIntBE(0, 3) % partitions;
}

/** Computes the key and partition of a log, once for each target. The number of partitions never changes. */
export function placed(target: LogTarget, partitions: number): LogTarget {
  if (target.partition < 0) {
    target.partition = partitionOf(target.groupHash, partitions);
    target.key = keys.log(target.partition, target.rule.shape, target.groupHash);
  }
  return target;
}
