/**
 * Watches whether Redis does what Weir needs, by a write that changes nothing. The other connections cannot tell: where
 * Redis has too few replicas, cannot save, or is full, they are open, and an idle engine would seem well until the first
 * event is refused. It has a connection of its own, which sends also while Redis loads its data.
 */
import { commandsOn } from './commands.ts';
import { script } from './commands/call.ts';
import { connect } from './connection.ts';
import { refusingOf, type Refusing } from './errors.ts';
import { keys } from './keys.ts';

export type RefusalWatch = Disposable & {
  /** Why Redis refuses to work, by its last answer; undefined: it works, or has not answered yet. */
  refusing(): Refusing | undefined;
};

export type RefusalWatchOptions = {
  /** Called with each answer that refuses. */
  readonly onRefused?: (refusing: Refusing) => void;
  /** Called when Redis begins to refuse, refuses for another reason, or (undefined) works again. */
  readonly onChange?: (refusing: Refusing | undefined) => void;
  readonly everyMs?: number;
};

export function watchRefusals(url: string, options: RefusalWatchOptions = {}): RefusalWatch {
  const { onRefused = () => undefined, onChange = () => undefined, everyMs = 1000 } = options;
  const redis = connect(url, 'watch', {
    loadScripts: false,
    enableReadyCheck: false,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: 2 * everyMs,
  });
  const commands = commandsOn(redis);
  let last: Refusing | undefined;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  function heard(now: Refusing | undefined): void {
    if (stopped) return;
    if (now !== undefined) onRefused(now);
    const before = last;
    last = now;
    if (now?.code !== before?.code) onChange(now);
  }

  /** An outage leaves the last answer in force: the connection says that Redis is away. */
  function failed(error: unknown): void {
    const refusing = refusingOf(error);
    if (refusing !== undefined) heard(refusing);
  }

  async function loop(): Promise<void> {
    if (redis.status === 'ready') await commands.ask(script('write-check', [keys.writeCheck], [])).then(() => heard(undefined), failed);
    if (!stopped) timer = setTimeout(() => void loop(), everyMs).unref();
  }

  // A user or password that no longer counts is refused before any command.
  redis.on('error', failed);
  void loop();
  return {
    refusing: () => last,
    [Symbol.dispose]() {
      stopped = true;
      clearTimeout(timer);
      redis.disconnect();
    },
  };
}
