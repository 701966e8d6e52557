/**
 * Sizes of what append.lua, commit.lua and TypeScript read and write together (log-codec.ts, append-encoder.ts). The
 * scripts name them as `{{name}}` (commands/script.ts).
 */
export const logLayout = {
  /** Bytes in front of the entries of a log (scripts/append.lua). */
  headerBytes: 35,
  /** What append.lua gets to know of a rule (log-codec.ts writeProfile). */
  profileBytes: 30,
  /** In front of the entries of a run (append-encoder.ts). */
  runHeaderBytes: 31,
  /** Counts of entries are unsigned, of three bytes. */
  countMax: 0xff_ffff,
} as const;
