/** The first signal drains; a second one, or a drain that takes too long, ends the process. Signals are emitted as Node does it. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { drainAt, listenForStop, StoppedEarly, type StopSignal } from '../../engine/app/lifetime.ts';

class Exited extends Error {}

let stop: StopSignal;
let exits: (number | undefined)[];
const said: string[] = [];
const io = { say: (line: string) => void said.push(line) };
const never = (): Promise<void> => new Promise(() => undefined);

beforeEach(() => {
  vi.useFakeTimers();
  exits = [];
  said.length = 0;
  // The real one does not return.
  vi.spyOn(process, 'exit').mockImplementation((code) => {
    exits.push(code as number);
    throw new Exited();
  });
  stop = listenForStop();
});
afterEach(() => {
  stop.release();
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const signal = async (name: 'SIGTERM' | 'SIGINT'): Promise<void> => {
  try {
    process.emit(name, name);
  } catch (error) {
    if (!(error instanceof Exited)) throw error;
  }
  await vi.advanceTimersByTimeAsync(0);
};

it('drains on the first signal, and ends with 0', async () => {
  const drained = Promise.withResolvers<void>();
  const ended = drainAt(stop, () => drained.promise, io);
  await signal('SIGTERM');
  expect(said).toEqual(['weir: SIGTERM: draining; send the signal again to stop immediately']);
  drained.resolve();
  expect(await ended).toBe(0);
  await vi.advanceTimersByTimeAsync(3_600_000);
  expect(exits).toEqual([]);
});

it.each(['SIGTERM', 'SIGINT'] as const)('exits with 1 on a second signal, %s, even if the drain is not over', async (second) => {
  void drainAt(stop, never, io);
  await signal('SIGINT');
  expect(exits).toEqual([]);
  await signal(second);
  expect(exits).toEqual([1]);
});

it('exits with 1 if the drain takes too long', async () => {
  void drainAt(stop, never, io);
  await signal('SIGTERM');
  await vi.advanceTimersByTimeAsync(29_000);
  expect(exits).toEqual([]);
  expect(() => vi.advanceTimersByTime(2000)).toThrow(Exited);
  expect(exits).toEqual([1]);
});

it('aborts what waits during startup, with the signal as the reason', async () => {
  await signal('SIGINT');
  expect(stop.during.reason).toBeInstanceOf(StoppedEarly);
  expect(await stop.first).toBe('SIGINT');
});
