/** The first signal drains, the second ends at once, and so does a drain that takes too long: with signals as Node tells of them. */
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

it('one signal: drains, and ends with 0', async () => {
  const drained = Promise.withResolvers<void>();
  const ended = drainAt(stop, () => drained.promise, io);
  await signal('SIGTERM');
  expect(said).toEqual(['weir: SIGTERM: draining; once more stops at once']);
  drained.resolve();
  expect(await ended).toBe(0);
  await vi.advanceTimersByTimeAsync(3_600_000);
  expect(exits).toEqual([]);
});

it.each(['SIGTERM', 'SIGINT'] as const)('a second one, %s: ends at once with 1, whatever is still to be drained', async (second) => {
  void drainAt(stop, never, io);
  await signal('SIGINT');
  expect(exits).toEqual([]);
  await signal(second);
  expect(exits).toEqual([1]);
});

it('a drain that does not come to its end is given up', async () => {
  void drainAt(stop, never, io);
  await signal('SIGTERM');
  await vi.advanceTimersByTimeAsync(29_000);
  expect(exits).toEqual([]);
  expect(() => vi.advanceTimersByTime(2000)).toThrow(Exited);
  expect(exits).toEqual([1]);
});

it('what waits during the start is told of the signal', async () => {
  await signal('SIGINT');
  expect(stop.during.reason).toBeInstanceOf(StoppedEarly);
  expect(await stop.first).toBe('SIGINT');
});
