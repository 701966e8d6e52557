/**
 * Several commands in one round trip, answered one by one: a command that failed has its Error in its place, and
 * the others their answers.
 */
import type { ChainableCommander } from 'ioredis';
import type { Redis } from './connection.ts';
import { scriptCommand } from './commands.ts';

export type Argument = string | number | Buffer;
type Scripted = Readonly<Record<string, (...args: Argument[]) => unknown>>;

/** Sends what `fill` queues. @throws only when nothing at all could be sent */
export async function batch(redis: Redis, fill: (commands: ChainableCommander) => void): Promise<unknown[]> {
  const commands = redis.pipeline();
  fill(commands);
  if (commands.length === 0) return [];
  const replies = (await commands.exec()) ?? [];
  return replies.map(([error, reply]) => error ?? reply);
}

/** The same, for callers to whom any failure is a failure of the whole. @throws the first failure */
export async function batchOrThrow(redis: Redis, fill: (commands: ChainableCommander) => void): Promise<unknown[]> {
  const replies = await batch(redis, fill);
  for (const reply of replies) if (reply instanceof Error) throw reply;
  return replies;
}

/** Queues a registered script (scripts.ts) on a pipeline. */
export function queueScript(commands: ChainableCommander, name: string, keys: readonly string[], args: readonly Argument[]): void {
  (commands as ChainableCommander & Scripted)[scriptCommand(name)]!(keys.length, ...keys, ...args);
}
