/** Dead letters for operators, who list, retry and discard them. On Redis: redis/decode/dead-letters.ts. */

export type StoredDeadLetter = {
  readonly id: string;
  /** RFC 3339. */
  readonly at: string;
  readonly stage: string;
  readonly cause: string;
  readonly body: string;
  /** Whether it can be given to ingest again. */
  readonly retryable: boolean;
  /** The event; undefined if it was unreadable. `time` is RFC 3339. */
  readonly event?: { readonly id: string; readonly time: string; readonly dataset: string };
};

/** `next`: where the next page begins; undefined on the last one. */
export type DeadLetterPage = { readonly letters: readonly StoredDeadLetter[]; readonly next: string | undefined };

/** The outcome for one letter. `gone`: it does not exist, or no longer. */
export type LetterFate = 'retried' | 'discarded' | 'gone' | 'not_retryable';

export type DeadLetters = {
  /** Newest first. `after`: the `next` of the page before. */
  list(query: { readonly limit: number; readonly after: string | undefined }): Promise<DeadLetterPage>;
  get(id: string): Promise<StoredDeadLetter | undefined>;
  /** Gives the events to ingest again, with their old ids and times. The answers are in the order of the ids. */
  retry(ids: readonly string[]): Promise<readonly LetterFate[]>;
  /** The answers are in the order of the ids. */
  discard(ids: readonly string[]): Promise<readonly LetterFate[]>;
};
