/**
 * Connections to Redis. Every write of Weir is idempotent, so commands that were in progress when a connection broke are
 * sent again. A connection on which an answer is due but does not come is closed and reopened: otherwise a dead peer on a
 * silent network would block it until the kernel gives up, which takes hours.
 *
 * Each connection loads all scripts before its first command. Otherwise, of several batches in progress, those that a new
 * Redis refuses because it does not know the script would come after later ones, and batches would change their order.
 */
import { Redis as Client, type Command, type RedisOptions } from 'ioredis';
import { limits } from '../core/limits.ts';
import { scriptNames, scriptOf } from './commands/script.ts';

export type Redis = Client;

type Options = Omit<RedisOptions, 'replyMapping'>;

/** `loadScripts` false: it looks at a Redis and loads nothing into it. */
type ConnectOptions = Options & { readonly loadScripts?: boolean };

/** A connection on which Redis knows all scripts before any of them is called, also after it was broken. */
class ScriptedClient extends Client {
  #loaded = false;

  override sendCommand(command: Command, stream?: Parameters<Client['sendCommand']>[1]): unknown {
    // Before the first command of a pipeline: what is sent between two of them would be answered in their places.
    if (!this.#loaded && this.status === 'ready') {
      this.#loaded = true;
      this.once('close', () => (this.#loaded = false));
      // One that cannot be loaded is refused when it is called.
      for (const name of scriptNames) this.script('LOAD', scriptOf(name).text).catch(() => undefined);
    }
    return super.sendCommand(command, stream);
  }
}

/**
 * @param url `redis://…`, `rediss://…` or `unix:///path/to.sock`
 * @param role shown in CLIENT LIST
 */
export function connect(url: string, role: string, { loadScripts = true, ...options }: ConnectOptions = {}): Redis {
  const settings: Options = {
    connectionName: `weir-${role}`,
    enableReadyCheck: true,
    maxRetriesPerRequest: null,
    socketTimeout: limits.redisSilenceMsMax,
    retryStrategy: (attempt) => Math.min(50 * 2 ** Math.min(attempt, 5), 1000),
    // Redis overestimates how long it will be loading: a client that trusted it reconnected 9 s after the server was ready.
    maxLoadingRetryTime: 250,
    ...options,
  };
  const Kind = loadScripts ? ScriptedClient : Client;
  return url.startsWith('unix://') ? new Kind({ ...settings, path: url.slice('unix://'.length) }) : new Kind(url, settings);
}
