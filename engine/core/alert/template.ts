/**
 * `{{…}}` placeholders in a rule's message. Parsed once at load, rendered once per alert.
 *
 * A placeholder is looked up in this order: `value` and `count`; the fields of the alert's group; `steps.<name>.<field>`
 * in the event that proved that step; any other field in the event that fulfilled the rule. Unknown ones are empty.
 */
import type { Event } from '../event.ts';
import { fieldPath, lookup } from '../match/fields.ts';
import { limits } from '../limits.ts';
import type { Template } from '../rule.ts';

export type TemplateScope = {
  readonly group: Readonly<Record<string, string>>;
  /** The event that fulfilled the rule; undefined if it has expired. */
  readonly event: Event | undefined;
  /** For sequences: the event that proved each step (the last one of several), by step name. */
  readonly steps: ReadonlyMap<string, Event>;
  readonly value: number;
  readonly count: number;
};

export type ParsedTemplate =
  | { readonly ok: true; readonly template: Template }
  /** `at`: index of the invalid braces in the text. */
  | { readonly ok: false; readonly because: 'unclosed' | 'empty'; readonly at: number };

/** Splits a text at its placeholders. Every `{{` needs a `}}` with a name in between. */
export function parseTemplate(text: string): ParsedTemplate {
  const template: (string | { readonly place: string })[] = [];
  let from = 0;
  for (;;) {
    const open = text.indexOf('{{', from);
    if (open < 0) break;
    const close = text.indexOf('}}', open + 2);
    const next = text.indexOf('{{', open + 2);
    if (close < 0 || (next >= 0 && next < close)) return { ok: false, because: 'unclosed', at: open };
    const place = text.slice(open + 2, close).trim();
    if (place === '') return { ok: false, because: 'empty', at: open };
    if (open > from) template.push(text.slice(from, open));
    template.push({ place });
    from = close + 2;
  }
  if (from < text.length) template.push(text.slice(from));
  return { ok: true, template };
}

/** The names of the placeholders, in order. */
export function placesOf(template: Template): string[] {
  return template.flatMap((part) => (typeof part === 'string' ? [] : [part.place]));
}

/** @param onCut called if the text is longer than `limits.messageLengthMax`: it is cut there, and ends with … */
export function render(template: Template, scope: TemplateScope, onCut?: () => void): string {
  let text = '';
  for (const part of template) {
    text += typeof part === 'string' ? part : valueText(read(part.place, scope));
    if (text.length <= limits.messageLengthMax) continue;
    onCut?.();
    return `${text.slice(0, limits.messageLengthMax - 1).toWellFormed()}…`;
  }
  return text;
}

function read(place: string, scope: TemplateScope): unknown {
  if (place === 'value') return scope.value;
  if (place === 'count') return scope.count;
  if (Object.hasOwn(scope.group, place)) return scope.group[place];
  if (place.startsWith('steps.')) {
    const dot = place.indexOf('.', 6);
    const step = dot < 0 ? undefined : scope.steps.get(place.slice(6, dot));
    if (step !== undefined) return lookup(step, fieldPath(place.slice(dot + 1)));
  }
  return scope.event === undefined ? undefined : lookup(scope.event, fieldPath(place));
}

function valueText(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
