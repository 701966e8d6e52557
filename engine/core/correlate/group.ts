/**
 * The groups to which an event belongs. Values are compared as normalised text, so that the user 42 of one source is the
 * user "42" of another: numbers and booleans as JSON writes them, strings well-formed and in Unicode form C.
 *
 * Missing, null, empty and object values are no key: the event does not take part. The members of an array count
 * once each; several arrays give their product, bounded by `groupsPerEventMax`.
 */
import { limits } from '../limits.ts';
import type { View } from '../match/view.ts';
import type { Field } from '../step.ts';

/** The normalised text of a scalar; undefined for a value that cannot be a key. */
export function keyText(value: unknown): string | undefined {
  switch (typeof value) {
    case 'string':
      return value === '' ? undefined : value.toWellFormed().normalize('NFC');
    case 'number':
      return Number.isFinite(value) ? String(value) : undefined;
    case 'boolean':
      return String(value);
    default:
      return undefined;
  }
}

const ignored = (): void => undefined;

/**
 * The distinct normalised values of a field: one for a scalar, each member's for an array.
 * @param onCut called when there are more than `limits.valuesPerEventMax`: the others are left out
 */
export function keyTexts(value: unknown, onCut: () => void = ignored): readonly string[] {
  if (!Array.isArray(value)) {
    const text = keyText(value);
    return text === undefined ? none : [text];
  }
  const texts = new Set<string>();
  for (const member of value) {
    const text = keyText(member);
    if (text === undefined || texts.has(text)) continue;
    if (texts.size === limits.valuesPerEventMax) {
      onCut();
      break;
    }
    texts.add(text);
  }
  return [...texts];
}

const none: readonly string[] = [];
const globalGroup: readonly (readonly string[])[] = [[]];

/**
 * The group tuples of the event under the view, in the order of `fields`; none when a key is missing.
 * @param onCut called when there are more than `limits.groupsPerEventMax`: the others are left out, in the order of the members
 */
export function groupsOf(view: View, fields: readonly Field[], onCut: () => void = ignored): readonly (readonly string[])[] {
  if (fields.length === 0) return globalGroup;
  let tuples: readonly (readonly string[])[] = globalGroup;
  for (const field of fields) {
    const texts = keyTexts(view.at(field.slot));
    if (texts.length === 0) return [];
    tuples = texts.length === 1 && tuples.length === 1 ? [[...tuples[0]!, texts[0]!]] : product(tuples, texts, onCut);
  }
  return tuples;
}

function product(tuples: readonly (readonly string[])[], texts: readonly string[], onCut: () => void): string[][] {
  const result: string[][] = [];
  for (const tuple of tuples) {
    for (const text of texts) {
      if (result.length === limits.groupsPerEventMax) {
        onCut();
        return result;
      }
      result.push([...tuple, text]);
    }
  }
  return result;
}
