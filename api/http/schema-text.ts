/**
 * What a part of a request may be, in words, from the JSON Schema of its zod schema: the one that OpenAPI shows.
 *
 *     { "type": "integer", "minimum": 1, "maximum": 500 }   →   an integer from 1 to 500
 */
import { own } from '../../engine/core/util/own.ts';

export type JsonSchema = {
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, JsonSchema>>;
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly JsonSchema[];
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly items?: JsonSchema;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema | boolean;
};

/** @param root the schema that references point into */
export function allowedText(schema: JsonSchema, root: JsonSchema): string {
  const { type, format, enum: choices, anyOf, ...bounds } = resolved(schema, root);
  if (anyOf !== undefined) return listed(anyOf.map((one) => allowedText(one, root)));
  if (choices !== undefined) return choices.length === 1 ? String(choices[0]) : `one of ${choices.join(', ')}`;
  if (bounds.const !== undefined) return String(bounds.const);
  switch (type) {
    case 'integer':
      return `an integer${between(bounds.minimum, bounds.maximum)}`;
    case 'number':
      return `a number${between(bounds.minimum, bounds.maximum)}`;
    case 'boolean':
      return 'true or false';
    case 'string':
      return format === 'date-time'
        ? 'a time such as 2026-01-01T00:00:00Z'
        : `a string${sized(bounds.minLength, bounds.maxLength, 'character')}`;
    case 'array':
      return `an array${sized(bounds.minItems, bounds.maxItems, 'entry')}`;
    case 'object':
      return 'an object';
    default:
      return type ?? 'something else';
  }
}

/** The schema at a path; undefined where the schema does not define one. */
export function schemaAt(path: readonly PropertyKey[], schema: JsonSchema, root: JsonSchema): JsonSchema | undefined {
  const here = resolved(schema, root);
  const [key, ...rest] = path;
  if (key === undefined) return here;
  for (const one of here.anyOf ?? [here]) {
    const { items, properties, additionalProperties: others } = resolved(one, root);
    const named = own(properties ?? {}, String(key));
    const inner = typeof key === 'number' ? items : (named ?? (typeof others === 'object' ? others : undefined));
    if (inner !== undefined) return schemaAt(rest, inner, root);
  }
  return undefined;
}

/** The JSON types that a schema allows. */
export function typesOf(schema: JsonSchema, root: JsonSchema): readonly (string | undefined)[] {
  const { type, anyOf } = resolved(schema, root);
  return anyOf === undefined ? [type] : anyOf.flatMap((one) => typesOf(one, root));
}

/** The property names that a schema defines. */
export function namesOf(schema: JsonSchema | undefined, root: JsonSchema): string[] {
  const { properties = {}, anyOf = [] } = schema === undefined ? {} : resolved(schema, root);
  return [...Object.keys(properties), ...anyOf.flatMap((one) => namesOf(one, root))];
}

function resolved(schema: JsonSchema, root: JsonSchema): JsonSchema {
  const name = schema.$ref?.replace('#/$defs/', '');
  return (name === undefined ? undefined : own(root.$defs ?? {}, name)) ?? schema;
}

function between(least: number | undefined, most: number | undefined): string {
  // zod writes the range of JavaScript's safe integers where a schema sets no bound.
  const [from, to] = [least, most].map((bound) => (bound === undefined || Math.abs(bound) === Number.MAX_SAFE_INTEGER ? undefined : bound));
  if (from !== undefined && to !== undefined) return ` from ${from} to ${to}`;
  return from !== undefined ? ` of at least ${from}` : to !== undefined ? ` of at most ${to}` : '';
}

function sized(least = 0, most: number | undefined, of: 'character' | 'entry'): string {
  const things = (count: number): string => `${count} ${count === 1 ? of : { character: 'characters', entry: 'entries' }[of]}`;
  if (most === undefined) return least > 0 ? ` of at least ${things(least)}` : '';
  return least > 0 ? ` of ${least} to ${things(most)}` : ` of at most ${things(most)}`;
}

const listed = (texts: readonly string[]): string =>
  texts.length < 2 ? texts.join() : `${texts.slice(0, -1).join(', ')} or ${texts.at(-1)}`;
