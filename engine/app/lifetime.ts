/**
 * The lifetime of a serving process. The first SIGTERM or SIGINT drains: everything accepted so far is finished. A second
 * signal, or a drain that takes too long, stops the process at once; nothing is lost by that, some work is only repeated.
 *
 * The process listens for signals before it starts anything, so that none is missed. A signal during startup ends a wait
 * for Redis at once; otherwise the parts are drained as soon as they have started.
 */
import { exitCodes } from '../errors.ts';
import type { Notices } from '../notices.ts';

const graceMs = 30_000;

export type StopSignal = {
  /** Resolves at the first signal. */
  readonly first: Promise<NodeJS.Signals>;
  /** Aborted by the first signal, with a StoppedEarly: ends waits during startup. */
  readonly during: AbortSignal;
  /** Stops listening for signals. */
  release(): void;
};

/** A signal arrived before the process had started, while it was waiting. */
export class StoppedEarly extends Error {
  readonly signal: NodeJS.Signals;
  constructor(signal: NodeJS.Signals) {
    super(`${signal} was received during startup`);
    this.signal = signal;
  }
}

/** Starts listening. A second signal ends the process at once. */
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
