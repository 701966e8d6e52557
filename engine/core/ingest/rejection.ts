/** Why ingest rejects an event. The code is stable, and a metric label; the detail is for the sender. */
export const rejectionCodes = [
  'invalid-json',
  'invalid-utf8',
  'not-an-object',
  'too-large',
  'too-deep',
  'too-many-keys',
  'not-finite',
  'bad-id',
  'bad-time',
  'bad-dataset',
  'unsafe-integer',
] as const;
export type RejectionCode = (typeof rejectionCodes)[number];

export type Rejection = { readonly kind: 'rejected'; readonly code: RejectionCode; readonly detail: string };

export const rejected = (code: RejectionCode, detail: string): Rejection => ({ kind: 'rejected', code, detail });

/** A value for an error message: short, and on one line. */
export function shown(value: unknown): string {
  const text =
    typeof value === 'string'
      ? JSON.stringify(value.slice(0, 60))
      : typeof value === 'object' && value !== null
        ? Array.isArray(value)
          ? 'an array'
          : 'an object'
        : String(value);
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
