/**
 * From start to stop of a serving process. The first SIGTERM or SIGINT drains: what has been taken is brought to its
 * end. A second one, or a drain that takes too long, stops at once; nothing is lost by that, only done again.
 */
import { exitCodes } from '../../errors.ts';
import type { Io } from '../command.ts';

const graceMs = 30_000;

export type Serving = {
  /** Called at the first signal. */
  drain(): Promise<void>;
};

/** Waits for a signal, drains. @returns the exit code */
export async function serve(serving: Serving, io: Pick<Io, 'say'>): Promise<number> {
  const signal = await firstSignal();
  io.say(`weir: ${signal}: draining; once more stops at once`);
  const leave = (): never => process.exit(1);
  process.once('SIGTERM', leave);
  process.once('SIGINT', leave);
  const patience = setTimeout(leave, graceMs);
  await serving.drain();
  clearTimeout(patience);
  return exitCodes.fine;
}

function firstSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    const done = (signal: NodeJS.Signals): void => {
      process.removeListener('SIGTERM', done);
      process.removeListener('SIGINT', done);
      resolve(signal);
    };
    process.on('SIGTERM', done);
    process.on('SIGINT', done);
  });
}
