/** The ground truth of generated traffic. */

/** One attack to detect: its events, and the rule and group that should report it. */
export type Truth = {
  readonly campaign: string;
  readonly about: string;
  readonly rule: string;
  readonly group: Readonly<Record<string, string>>;
  /** Ids in order of event time. */
  readonly events: readonly string[];
  /** RFC 3339: event times. */
  readonly first: string;
  readonly last: string;
};
