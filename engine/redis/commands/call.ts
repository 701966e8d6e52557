/**
 * Redis commands as values. Each names the key that routes it, and says whether its answer is text or bytes.
 */
import { Command } from 'ioredis';
import { scriptOf, type ScriptName } from './script.ts';

export type Argument = string | number | Buffer;

/** A command whose first argument is its key. */
export type CommandCall = {
  readonly kind: 'command';
  readonly name: string;
  readonly key: string;
  readonly args: readonly Argument[];
  readonly bytes?: true;
};

/** A call of one of the scripts. All its keys are in one slot. */
export type ScriptCall = {
  readonly kind: 'script';
  readonly script: ScriptName;
  readonly keys: readonly string[];
  readonly args: readonly Argument[];
  readonly bytes?: true;
};

/** A call of a script that is already encoded for the socket, as an EVALSHA. Its answer is bytes. */
export type WrittenCall = {
  readonly kind: 'written';
  readonly script: ScriptName;
  /** One of its keys. */
  readonly key: string;
  readonly written: Buffer;
};

/** A command without a key. The caller must name the node, because there is no key to route it by. */
export type KeylessCall = { readonly kind: 'keyless'; readonly name: string; readonly args: readonly Argument[] };

export type Call = CommandCall | ScriptCall | WrittenCall;

/**
 * @param name in lower case, as in the client library, which shapes some answers by the name (`hgetall`: an object); a
 *   subcommand follows it: `xinfo consumers`
 */
export const command = (name: string, key: string, ...args: readonly Argument[]): CommandCall => ({ kind: 'command', name, key, args });

/** @param keys at least one, all in one slot */
export const script = (name: ScriptName, keys: readonly string[], args: readonly Argument[]): ScriptCall => ({
  kind: 'script',
  script: name,
  keys,
  args,
});

export const keyless = (name: string, ...args: readonly Argument[]): KeylessCall => ({ kind: 'keyless', name, args });

/** The same command, but with its answer as bytes. */
export const inBytes = <C extends CommandCall | ScriptCall>(call: C): C => ({ ...call, bytes: true });

/** The key whose slot decides which node gets the call. */
export const routingKey = (call: Call): string => (call.kind === 'script' ? call.keys[0]! : call.key);

/** The script that must be loaded in Redis for this call. */
export const scriptNeeded = (call: Call | KeylessCall): ScriptName | undefined =>
  call.kind === 'script' || call.kind === 'written' ? call.script : undefined;

const text = { replyEncoding: 'utf8' } as const;
const bytes = { replyEncoding: null } as const;

/** The command object of the client library: a new one for each attempt. */
export function commandOf(call: Call | KeylessCall): Command {
  switch (call.kind) {
    case 'command':
      return named(call.name, [call.key, ...call.args], call.bytes === true ? bytes : text);
    case 'keyless':
      return named(call.name, [...call.args], text);
    case 'script': {
      const { sha } = scriptOf(call.script);
      return new Command('evalsha', [sha, call.keys.length, ...call.keys, ...call.args], call.bytes === true ? bytes : text);
    }
    case 'written':
      return new WrittenCommand(call.written);
  }
}

function named(name: string, args: Argument[], options: typeof text | typeof bytes): Command {
  const space = name.indexOf(' ');
  return space < 0 ? new Command(name, args, options) : new Command(name.slice(0, space), [name.slice(space + 1), ...args], options);
}

/** The library sends it unchanged. */
class WrittenCommand extends Command {
  readonly #written: Buffer;

  constructor(written: Buffer) {
    super('evalsha', [], bytes);
    this.#written = written;
  }

  override toWritable(): Buffer {
    return this.#written;
  }
}
