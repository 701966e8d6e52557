/**
 * The Lua scripts, one file each under scripts/, with a header that says KEYS, ARGV and what comes back. They are
 * registered on a connection once; ioredis sends EVALSHA, and the text again when Redis has forgotten it.
 */
import { readFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { Command, type ChainableCommander } from 'ioredis';
import type { Redis } from './connection.ts';

export type ScriptArgument = string | number | Buffer;

/** A script's text, read once per process. */
const texts = new Map<string, string>();

function text(name: string): string {
  let lua = texts.get(name);
  if (lua === undefined) {
    lua = readFileSync(new URL(`./scripts/${name}.lua`, import.meta.url), 'utf8');
    texts.set(name, lua);
  }
  return lua;
}

/** Makes the scripts known on this connection and its pipelines, as `weir_<name>(numberOfKeys, …)` and its Buffer form. */
export function registerScripts(redis: Redis, names: readonly string[]): void {
  for (const name of names) redis.defineCommand(scriptCommand(name), { lua: text(name) });
}

export const scriptCommand = (name: string): string => `weir_${name.replaceAll('-', '_')}`;

/** Commands of one pipeline. Answers come as text, in the Buffer forms as bytes. */
export type Pipeline = {
  call(script: string, keys: readonly string[], args: readonly ScriptArgument[]): void;
  callBuffer(script: string, keys: readonly string[], args: readonly ScriptArgument[]): void;
  raw(command: string, ...args: ScriptArgument[]): void;
  rawBuffer(command: string, ...args: ScriptArgument[]): void;
};

type AnyCommands = Record<string, (...args: ScriptArgument[]) => unknown>;

/**
 * Sends what `fill` adds as one pipeline.
 * @returns the answers in order
 * @throws the first error among them: callers repeat the whole, every write is idempotent
 */
export async function pipelined<Answer>(redis: Redis, fill: (pipeline: Pipeline) => void): Promise<Answer[]> {
  const chain = redis.pipeline();
  const commands = chain as ChainableCommander & AnyCommands;
  fill({
    call: (script, keys, args) => void commands[scriptCommand(script)]!(keys.length, ...keys, ...args),
    callBuffer: (script, keys, args) => void commands[`${scriptCommand(script)}Buffer`]!(keys.length, ...keys, ...args),
    raw: (command, ...args) => void commands['call']!(command, ...args),
    rawBuffer: (command, ...args) => void commands['callBuffer']!(command, ...args),
  });
  if (chain.length === 0) return [];
  const results = (await chain.exec()) ?? [];
  return results.map(([error, answer]) => {
    if (error !== null) throw error;
    return answer as Answer;
  });
}

/** A command that is already written as its bytes: the library sends them as they are. */
class WrittenCommand extends Command {
  readonly #bytes: Buffer;

  constructor(bytes: Buffer) {
    super('evalsha', [], { replyEncoding: null });
    this.#bytes = bytes;
  }

  override toWritable(): Buffer {
    return this.#bytes;
  }
}

/** A pipeline takes commands; the library's types leave it out. */
type CommandSink = { sendCommand(command: Command): unknown };

/** What EVALSHA calls a script by. */
export const shaOf = (name: string): string => createHash('sha1').update(text(name)).digest('hex');

/**
 * Sends ready-written EVALSHA calls of one script as one pipeline; all of them again where Redis did not know the script.
 * @returns the answers in order, texts as bytes
 * @throws the first error among them: callers repeat the whole, every write is idempotent
 */
export async function pipelinedBytes<Answer>(redis: Redis, script: string, calls: readonly Buffer[]): Promise<Answer[]> {
  const send = async (): Promise<(readonly [Error | null, unknown])[]> => {
    const chain = redis.pipeline() as ChainableCommander & CommandSink;
    for (const bytes of calls) void chain.sendCommand(new WrittenCommand(bytes));
    return (await chain.exec()) ?? [];
  };
  let results = await send();
  if (results.some(([error]) => error?.message.startsWith('NOSCRIPT'))) {
    await redis.script('LOAD', text(script));
    results = await send();
  }
  return results.map(([error, answer]) => {
    if (error !== null) throw error;
    return answer as Answer;
  });
}
