/**
 * The Lua scripts, one file each under scripts/, with a header that says KEYS, ARGV and what comes back. They are
 * registered on a connection once; ioredis sends EVALSHA, and the text again when Redis has forgotten it.
 */
import { readFileSync } from 'node:fs';
import type { Redis } from './connection.ts';

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

/** Makes `redis.weir_<name>(numberOfKeys, …)` and its Buffer form known on this connection and its pipelines. */
export function registerScripts(redis: Redis, names: readonly string[]): void {
  for (const name of names) redis.defineCommand(scriptCommand(name), { lua: text(name) });
}

export const scriptCommand = (name: string): string => `weir_${name.replaceAll('-', '_')}`;
