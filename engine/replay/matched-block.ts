/**
 * What a thread found in a block, as columns that can be transferred without copying: for each line its class, and for
 * each observation the values for the window logs. There is one set of columns for each rule set that is replayed.
 */
/** The class of a line. Deferred: its time depends on the events before it, so the player matches it, which sees them all. */
export const kinds = { event: 0, bad: 1, deferred: 2 } as const;

/** The target for matches of rules over single events. */
export const noTarget = 0xffffffff;

/** A group that the thread names for the first time. Its number is the number of groups named before. */
export type NamedTarget = { readonly matcher: number; readonly group: readonly string[]; readonly groupHash: string };

export type MatchedSet = {
  /** For each line. */
  readonly kinds: Uint8Array<ArrayBuffer>;
  readonly times: Float64Array<ArrayBuffer>;
  /** eventHash() of each event, 8 bytes a line. */
  readonly ids: Uint8Array<ArrayBuffer>;
  /** The reasons why lines are bad, in order of the bad lines. */
  readonly faults: readonly string[];

  /** For each observation, in order of the lines. */
  readonly line: Uint32Array<ArrayBuffer>;
  readonly matcher: Uint32Array<ArrayBuffer>;
  readonly target: Uint32Array<ArrayBuffer>;
  readonly index: Uint16Array<ArrayBuffer>;
  /** A number, or a hash of 8 bytes. */
  readonly value: Float64Array<ArrayBuffer>;

  /** True when the numbering of targets restarts with this block. */
  readonly anew: boolean;
  /** How often a bound limited what an event adds to logs (core/correlate/target.ts). */
  readonly cuts: { readonly groups: number; readonly values: number };
  readonly targets: readonly NamedTarget[];
};

/** One MatchedBlock for each rule set. */
export type MatchedSets = readonly MatchedSet[];

/** The buffers that a message transfers instead of copying. */
export const buffersOf = (sets: MatchedSets): ArrayBuffer[] =>
  sets.flatMap(({ kinds: kind, times, ids, line, matcher, target, index, value }) =>
    [kind, times, ids, line, matcher, target, index, value].map(({ buffer }) => buffer),
  );
