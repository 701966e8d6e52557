/** What an API key may do. A route needs one scope; a key has one or more. */

/** `ingest` sends events, `read` looks, `triage` changes alerts and dead letters, `siem` drains the queue, `admin` may all and configures. */
export const scopes = ['ingest', 'read', 'triage', 'siem', 'admin'] as const;
export type Scope = (typeof scopes)[number];

export const allows = (given: readonly Scope[], needed: Scope): boolean => given.includes(needed) || given.includes('admin');

/** `ingest+read`, `ingest,read`: each once, in the order of the list above. Undefined: one of the words is no scope, or there is none. */
export function readScopes(text: string): readonly Scope[] | undefined {
  const words = text.split(/[+,]/);
  return words.every((word) => (scopes as readonly string[]).includes(word)) ? scopes.filter((scope) => words.includes(scope)) : undefined;
}
