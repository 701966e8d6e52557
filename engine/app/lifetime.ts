/**
 * From start to stop of a serving process. The first SIGTERM or SIGINT drains: what has been taken is brought to its
 * end. A second one, or a drain that takes too long, stops at once; nothing is lost by that, only done again.
 *
 * Listening begins before anything is started, so that no signal, however early, finds nobody: one that comes during
 * the start drains what has been started, as soon as it stands.
 */
import { exitCodes } from '../errors.ts';
import type { Notices } from '../notices.ts';

const graceMs = 30_000;

export type StopSignal = {
  /** Resolves at the first signal. */
  readonly first: Promise<NodeJS.Signals>;
  /** Aborted by it, with a StoppedEarly: for what waits during the start. */
  readonly during: AbortSignal;
  /** Signals are the process's own again. */
  release(): void;
};

/** A signal came before the process had started, while it waited for something. */
export class StoppedEarly extends Error {
  readonly signal: NodeJS.Signals;
  constructor(signal: NodeJS.Signals) {
    super(`${signal} was received during startup`);
    this.signal = signal;
  }
}

/** A second signal ends the process at once. */
export function listenForStop(): StopSignal {
  let told: ((signal: NodeJS.Signals) => void) | undefined;
  const first = new Promise<NodeJS.Signals>((resolve) => (told = resolve));
  const during = new AbortController();
  const on = (signal: NodeJS.Signals): void => {
    if (told === undefined) process.exit(1);
    told(signal);
    told = undefined;
    during.abort(new StoppedEarly(signal));
  };
  process.on('SIGTERM', on);
  process.on('SIGINT', on);
  return {
    first,
    during: during.signal,
    release() {
      process.removeListener('SIGTERM', on);
      process.removeListener('SIGINT', on);
    },
  };
}

/** Waits for the signal, then drains. @returns the exit code */
export async function drainAt(stop: StopSignal, drain: () => Promise<void>, io: Notices): Promise<number> {
  const signal = await stop.first;
  io.say(`weir: ${signal}: draining; send the signal again to stop immediately`);
  const patience = setTimeout(() => process.exit(1), graceMs);
  await drain();
  clearTimeout(patience);
  return exitCodes.fine;
}
