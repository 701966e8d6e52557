/**
 * The sizes that append.lua, commit.lua and TypeScript (log-codec.ts, append-encoder.ts) share. The scripts name them as
 * `{{name}}` (commands/script.ts).
 */
export const logLayout = {
  /** Bytes of a log before its entries (scripts/append.lua). */
  headerBytes: 35,
  /** Bytes of a rule's profile, which append.lua gets (log-codec.ts writeProfile). */
  profileBytes: 30,
  /** Bytes of a run before its entries (append-encoder.ts). */
  runHeaderBytes: 31,
  /** Counts of entries are unsigned, in three bytes. */
  countMax: 0xff_ffff,
} as const;
