/**
 * The `path` of a condition: `$.a.b`, `a.b`, `[0]`, `$.a[0].b`, `$['a b']` on own properties.
 *
 * json-rules-engine passes it to JSONPath, whose filters and scripts execute code and whose wildcards can walk the whole
 * event; those are refused, with the reason.
 */
export type ParsedPath =
  | { readonly ok: true; readonly parts: readonly string[] }
  | { readonly ok: false; readonly because: 'code' | 'costly' | 'malformed'; readonly message: string };

const part = /\.?([A-Za-z0-9_@-][^.[\]()?*'"$\s]*)|\[(0|[1-9][0-9]{0,8})\]|\['([^'\\]+)'\]|\["([^"\\]+)"\]/y;

export function parsePath(text: string): ParsedPath {
  if (/\[\s*\(|\?\s*\(|\(|\)|`/.test(text)) {
    return { ok: false, because: 'code', message: 'filters and scripts in a path would be executed as code' };
  }
  if (/\*|\.\.|\[[^'"\]]*[:,][^\]]*\]|\^|~/.test(text)) {
    return { ok: false, because: 'costly', message: 'wildcards, slices, unions and recursive descent are not supported' };
  }
  const parts: string[] = [];
  part.lastIndex = text.startsWith('$') ? 1 : 0;
  while (part.lastIndex < text.length) {
    const from = part.lastIndex;
    const found = part.exec(text);
    const dotted = text[from] === '.';
    if (found === null || (dotted && found[1] === undefined) || (!dotted && found[1] !== undefined && from > 0)) {
      return { ok: false, because: 'malformed', message: `invalid path "${text.slice(0, 60)}"` };
    }
    parts.push((found[1] ?? found[2] ?? found[3] ?? found[4])!);
  }
  return parts.length === 0 ? { ok: false, because: 'malformed', message: 'the path is empty' } : { ok: true, parts };
}
