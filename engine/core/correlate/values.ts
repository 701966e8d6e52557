/**
 * The values that entries of a log carry besides time and identity, and how they are read from an event. A log holds
 * numbers and hashes, never text. read-values.ts lists the possible values.
 */
import type { View } from '../match/view.ts';
import type { Field } from '../step.ts';

/**
 * Decides the size of an entry and how stores write and read its value (redis/correlate/log-codec.ts). A kind that needs
 * several values in an entry adds a member here, and its bytes there.
 */
export type Carried = 'none' | 'number' | 'hash';

export type Values = {
  readonly carried: Carried;
  /**
   * Made once for each rule and step, so that per event only the event is read.
   * @param onCut called when an event has more values than `limits.valuesPerEventMax`: the others are left out
   */
  reader(fields: readonly Field[], hashes: ValueHashes, onCut: () => void): ValueReader;
};

export type ValueReader = {
  /** The value of an event that has exactly one, without a list around it; undefined if all() must be called. */
  one(view: View): number | string | undefined;
  /** All values of the event; an event without any does not take part. */
  all(view: View): readonly (number | string)[];
};

/** Hashes of values, cached (TargetCache in target.ts). */
export type ValueHashes = {
  /** @param text a normalised value */
  hashOf(text: string): string;
  /** The same for a value as it came. */
  hashOfRaw(value: string): string;
};
