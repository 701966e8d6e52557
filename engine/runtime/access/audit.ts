/** The audit log: every change made through the API or the command line, and who made it. */
import type { JsonObject } from '../../core/event.ts';

export type AuditEntry = {
  /** Name of the key, or of the command. */
  readonly who: string;
  /** `alert.triage`, `dead-letter.retry`, `webhook.create`… */
  readonly action: string;
  /** Id of what was changed. */
  readonly subject: string;
  /** What changed. Never a secret. */
  readonly detail?: JsonObject;
};

/** Resolves when the entry is written. @throws when Redis does not take it: the change must then not be reported as done */
export type Audit = (entry: AuditEntry) => Promise<void>;

export type AuditRecord = Required<AuditEntry> & {
  readonly id: string;
  /** RFC 3339. */
  readonly at: string;
};

/** An entry matches when every given field is equal. */
export type AuditFilter = {
  readonly who?: string | undefined;
  readonly action?: string | undefined;
  readonly subject?: string | undefined;
};

export type AuditLog = {
  /** Newest first. `next` is set while older entries may match, even if this page is short: a request reads a bounded number. */
  list(
    query: AuditFilter & { readonly limit: number; readonly after: string | undefined },
  ): Promise<{ readonly entries: readonly AuditRecord[]; readonly next: string | undefined }>;
};
