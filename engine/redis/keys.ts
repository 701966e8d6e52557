/**
 * The only spelling of a Redis key. What one script touches shares a hash tag, so that every call stays inside one
 * slot of a Redis Cluster: `{sN}` for a shard of the event stream, `{N}` for a partition of window logs.
 *
 * Log keys are short because there are millions of them: 34 bytes.
 */
import { strongHash } from '../core/util/hash.ts';
import type { LogTarget } from '../core/correlate/target.ts';

export const keys = {
  /** Hash of what must never change in a Redis that holds Weir's data (start/layout-claim.ts): partitions, shards, format. */
  layout: 'weir:meta',
  /** Stream of packs. */
  events: (shard: number) => `weir:{s${shard}}:events`,
  /** Hash of counters, in events: accepted, processed, dead; and the last heartbeat that came through. */
  stats: (shard: number) => `weir:{s${shard}}:stats`,
  /** Stream of dead letters. */
  dead: (shard: number) => `weir:{s${shard}}:dead`,
  /** Hash: tries of entries that are handled alone, `<entry id>:<index>`. */
  alone: (shard: number) => `weir:{s${shard}}:alone`,
  /** The consumer group of the workers, on every shard. */
  group: 'weir',

  /** String: a window log. */
  log: (partition: number, shape: string, groupHash: string) => `w{${partition}}l${shape}${groupHash}`,
  /** Whether a key is that of a window log. */
  isLog: (key: string) => /^w\{\d+\}l/.test(key),
  partitionOfLog: (key: string) => Number(key.slice(2, key.indexOf('}'))),
  /** String: a window log for the moment in which it is rewritten. */
  scratch: (partition: number) => `w{${partition}}c`,
  /** Strings: that somebody has just taken a step in compacting window logs, and where the next one begins. */
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
  /** Hash: counters of what a partition's scripts did. */
  partitionStats: (partition: number) => `w{${partition}}s`,

  /** Alerts and all that changes with them lie in one slot, so that each change is one step. Hash: one alert: doc, events, and what changes on it. */
  alert: (id: string) => `weir:{alerts}:alert:${id}`,
  /** List: changes of triage of one alert, the newest last. */
  alertHistory: (id: string) => `weir:{alerts}:history:${id}`,
  /** Hash: stored alerts of a rule by status and verdict. */
  alertCounts: (ruleId: string) => `weir:{alerts}:counts:${strongHash(ruleId, 11)}`,
  /** Sorted set: ids of closed alerts whose webhooks have not been told, by when they were closed, epoch ms. */
  alertClosings: 'weir:{alerts}:closings',
  /** Stream: alerts created and changed, for those who follow them. */
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
  /** Hash: what rules cost all workers together in one hour, microseconds: `m<rule>` matching, `j<rule>` judging. */
  ruleCosts: (hour: number) => `weir:{costs}:${hour}`,
  /** Stream: who changed what. */
  audit: 'weir:audit',
  /** Hash: API keys by name, and when each was revoked, epoch ms. */
  apiKeys: 'weir:keys',
  apiKeysRevoked: 'weir:keys:revoked',
  /** Hash: what is left of the rate of a key, by the name of the bound. */
  rate: (bound: string, name: string) => `weir:rate:${bound}:${name}`,
  /** BullMQ's key prefix: the tag keeps a queue in one slot. */
  queuePrefix: '{weir-siem}',
  /** Of the webhook queues, one for each target. */
  webhookPrefix: '{weir-webhooks}',
  /** Number that changes whenever a target does. */
  webhookVersion: 'weir:{webhooks}:version',
  /** Hashes by target id: the target, with its secrets; since when and why it is off; failures in a row; the last of them. */
  webhookTargets: 'weir:{webhooks}:targets',
  webhooksDisabled: 'weir:{webhooks}:disabled',
  webhookFailures: 'weir:{webhooks}:failures',
  webhookFailed: 'weir:{webhooks}:failed',
} as const;

/** The partition of a group: its hash's first 24 bits, base64url. */
export function partitionOf(groupHash: string, partitions: number): number {
  return Buffer.from(groupHash.slice(0, 4), 'base64url').readUIntBE(0, 3) % partitions;
}

/** Works out where a log lies, once for each target. One Weir has one number of partitions. */
export function placed(target: LogTarget, partitions: number): LogTarget {
  if (target.partition < 0) {
    target.partition = partitionOf(target.groupHash, partitions);
    target.key = keys.log(target.partition, target.rule.shape, target.groupHash);
  }
  return target;
}
