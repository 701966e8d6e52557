/**
 * Sends calls to one node as one pipeline: one round trip, in order. Scripts are called by their SHA. If Redis does not
 * know a script (SCRIPT FLUSH), the script is loaded, and only the refused calls are sent again: the others have been
 * executed, and not all of them may be repeated. In this one case the order between refused and executed calls is lost:
 * no caller may depend on it within a batch. It is rare, because a connection loads all scripts before its first command
 * (connection.ts).
 */
import type { ChainableCommander, Command } from 'ioredis';
import type { Redis } from '../connection.ts';
import { isError } from '../errors.ts';
import { commandOf, scriptNeeded, type Call, type CommandCall, type KeylessCall } from './call.ts';
import { scriptOf } from './script.ts';

/** A pipeline accepts command objects, which the library's types omit. */
type CommandSink = { sendCommand(command: Command): unknown };

/** @returns the answers in the order of the calls, an Error in the place of one that failed; it never rejects */
export async function pipelined(redis: Redis, calls: readonly (Call | KeylessCall)[]): Promise<unknown[]> {
  const answers = await exchange(redis, calls);
  if (!answers.some(unknownScript)) return answers;
  const refused = [...answers.keys()].filter((i) => unknownScript(answers[i]));
  const again = refused.map((i) => calls[i]!);
  const scripts = new Set(again.map(scriptNeeded).filter((name) => name !== undefined));
  const loaded = await Promise.all([...scripts].map((name) => answerOf(redis.script('LOAD', scriptOf(name).text))));
  const failed = loaded.find((answer) => answer instanceof Error);
  const retried = failed === undefined ? await exchange(redis, again) : again.map(() => failed);
  refused.forEach((i, n) => (answers[i] = retried[n]));
  return answers;
}

const unknownScript = (answer: unknown): boolean => isError(answer, 'NOSCRIPT');

async function exchange(redis: Redis, calls: readonly (Call | KeylessCall)[]): Promise<unknown[]> {
  if (calls.length === 0) return [];
  // A single command costs less than a pipeline of one.
  if (calls.length === 1) return [await answerOf(redis.sendCommand(commandOf(calls[0]!)) as Promise<unknown>)];
  const chain = redis.pipeline() as ChainableCommander & CommandSink;
  for (const call of calls) void chain.sendCommand(commandOf(call));
  const replies = (await chain.exec()) ?? [];
  return replies.map(([error, reply]) => error ?? reply);
}

const answerOf = (reply: Promise<unknown>): Promise<unknown> => reply.catch((error: Error) => error);

/**
 * Executes all calls or none, in one step (MULTI). Scripts need no MULTI, so they are not accepted.
 * @throws the first error of a call; the error that refused the transaction
 */
export async function transaction(redis: Redis, calls: readonly CommandCall[]): Promise<unknown[]> {
  const chain = redis.multi() as ChainableCommander & CommandSink;
  for (const call of calls) void chain.sendCommand(commandOf(call));
  const replies = (await chain.exec()) ?? [];
  return replies.map(([error, reply]) => {
    if (error !== null) throw error;
    return reply;
  });
}
