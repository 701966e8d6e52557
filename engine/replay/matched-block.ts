/**
 * What a thread has found in a block, as columns that can be handed over without copying: by line of the block what
 * it is, and by observation what the window logs get. Told once for each rule set that is replayed.
 */
/** What a line is. Deferred: its time depends on the events before it, so it is matched where all of them are seen. */
export const kinds = { event: 0, bad: 1, deferred: 2 } as const;

/** The target of a match of a rule of single events. */
export const noTarget = 0xffffffff;

/** A group that the thread has not named before: its number is how many it had named. */
export type NamedTarget = { readonly matcher: number; readonly group: readonly string[]; readonly groupHash: string };

export type MatchedSet = {
  /** By line. */
  readonly kinds: Uint8Array<ArrayBuffer>;
  readonly times: Float64Array<ArrayBuffer>;
  /** eventHash() of each event, 8 bytes a line. */
  readonly ids: Uint8Array<ArrayBuffer>;
  /** Why the bad lines are bad, in their order. */
  readonly faults: readonly string[];

  /** By observation, in the order of the lines. */
  readonly line: Uint32Array<ArrayBuffer>;
  readonly matcher: Uint32Array<ArrayBuffer>;
  readonly target: Uint32Array<ArrayBuffer>;
  readonly index: Uint16Array<ArrayBuffer>;
  /** A number, or the 8 bytes of a hash. */
  readonly value: Float64Array<ArrayBuffer>;

  /** True when the numbers of targets begin anew with this block. */
  readonly anew: boolean;
  /** How often a bound cut what an event adds (core/correlate/target.ts). */
  readonly cuts: { readonly groups: number; readonly values: number };
  readonly targets: readonly NamedTarget[];
};

/** One for each rule set. */
export type MatchedSets = readonly MatchedSet[];

/** What is handed over with a message instead of being copied. */
export const buffersOf = (sets: MatchedSets): ArrayBuffer[] =>
  sets.flatMap(({ kinds: kind, times, ids, line, matcher, target, index, value }) =>
    [kind, times, ids, line, matcher, target, index, value].map(({ buffer }) => buffer),
  );
