/** How long a JSON value is about as text, without making the text: keys and strings by their characters, all else as eight. */
const otherwise = 8;

/** @param value as JSON.parse gives it, so of bounded depth (`limits.eventDepthMax`) */
export function textSize(value: unknown): number {
  if (typeof value === 'string') return value.length + 2;
  if (typeof value !== 'object' || value === null) return otherwise;
  let size = 2;
  if (Array.isArray(value)) for (const member of value) size += textSize(member) + 1;
  else for (const key in value) size += key.length + 4 + textSize((value as Record<string, unknown>)[key]);
  return size;
}
