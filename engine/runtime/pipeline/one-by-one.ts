/**
 * Handles the events of an entry each by itself, after the entry failed as a whole, and finds those to give up: an event
 * that fails alone, and again a moment later. Each try is counted in Redis before it is made, so that an event that kills
 * its worker leaves a trace.
 */
import type { Located } from '../../core/event.ts';
import { limits } from '../../core/limits.ts';
import { deadLetterOf } from '../decode/deliveries.ts';
import type { DeadLetter, Delivery, EventStreams } from '../decode/ports.ts';

export type OneByOneDeps = {
  readonly streams: Pick<EventStreams, 'tryAlone' | 'survived'>;
  readonly attempt: (located: Located, of: Delivery) => Promise<void>;
  /** Repeats the work for as long as Redis is away. */
  readonly retryOutages: <T>(work: () => Promise<T>) => Promise<T>;
  /** Waits before the second try. */
  readonly pause: () => Promise<void>;
};

/** @returns what is given up of the entry, with what could not be decoded */
export async function oneByOne(deps: OneByOneDeps, delivery: Delivery): Promise<DeadLetter[]> {
  const { streams, retryOutages } = deps;
  const parts = [...delivery.decode()];
  const deadLetters: DeadLetter[] = parts.flatMap(({ undecodable }) => undecodable);
  const failed: Located[] = [];

  /**
   * An event that fails keeps its tries until it succeeds or the entry is settled: if another event of the entry then
   * kills this worker, the next worker does not try this one again.
   * @returns why it failed
   */
  async function alone(located: Located): Promise<string | undefined> {
    const cause = await retryOutages(() => deps.attempt(located, delivery)).then(() => undefined, causeOf);
    if (cause === undefined) await retryOutages(() => streams.survived(delivery, located.ref.index));
    return cause;
  }

  for (const located of parts.flatMap((part) => part.located)) {
    const tries = await retryOutages(() => streams.tryAlone(delivery, located.ref.index));
    if (tries > limits.aloneTriesMax) deadLetters.push(deadLetterOf(located, 'its workers died each time it was handled alone'));
    else if ((await alone(located)) !== undefined) failed.push(located);
  }
  // A moment later, in case it was not the event. One pause for all: a pack full of bad events holds up little.
  if (failed.length > 0) await deps.pause();
  for (const located of failed) {
    const cause = await alone(located);
    if (cause !== undefined) deadLetters.push(deadLetterOf(located, cause));
  }
  return deadLetters;
}

const causeOf = (fault: unknown): string => (fault instanceof Error ? fault.message : String(fault));
