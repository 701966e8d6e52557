/**
 * Requests against the schemas of their route. What does not fit is told in Weir's own words, for all routes here: the
 * place, what may stand there, and what stood there.
 *
 *     /query/limit: is to be a whole number from 1 to 500, not "abc"
 *
 * A schema says what its JSON Schema cannot (`is to be field:value`) by an error text of its own, made to stand in the
 * same place. Of a body no text is quoted: what stands in a webhook or a key may be a secret.
 */
import type { FastifySchemaCompiler } from 'fastify';
import { z } from 'zod';
import { closest } from '../../engine/core/util/closest.ts';
import { limits } from '../../engine/core/limits.ts';
import { HttpProblem } from './problem.ts';

type Fault = { readonly pointer: string; readonly detail: string };

const places: Readonly<Record<string, string>> = { querystring: 'query', params: 'params', headers: 'headers', body: 'body' };

/** In place of zod's texts: the schema has none of its own. */
const ours = '';

export const checkRequest: FastifySchemaCompiler<z.ZodType> = ({ schema, httpPart = 'body' }) => {
  let json: JsonSchema | undefined;
  const place = places[httpPart] ?? httpPart;
  return (data: unknown) => {
    const result = schema.safeParse(data, { error: () => ours });
    if (result.success) return { value: result.data };
    json ??= z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
    const root = json;
    return { error: problemOf(result.error.issues.flatMap((issue) => faultsOf(issue, data, root, place))) };
  };
};

function problemOf(faults: readonly Fault[]): HttpProblem {
  const [first] = faults;
  const told = faults.slice(0, limits.requestErrorsMax);
  const more = faults.length > told.length ? ` (the first of ${faults.length}; errors lists ${told.length})` : '';
  return new HttpProblem(400, 'invalid-request', `${first?.pointer}: ${first?.detail}${more}`, { errors: told });
}

function faultsOf(issue: z.core.$ZodIssue, data: unknown, root: JsonSchema, place: string): Fault[] {
  const at = pointer([place, ...issue.path]);
  const allowed = schemaAt(issue.path, root, root);
  if (issue.code === 'unrecognized_keys') {
    const known = namesOf(allowed, root);
    return issue.keys.map((key) => ({ pointer: `${at}${pointer([key])}`, detail: `is not known here${hint(key, known)}` }));
  }
  const sent = valueAt(issue.path, data);
  if (place === 'query' && Array.isArray(sent)) return [{ pointer: at, detail: `is to be given once, not ${sent.length} times` }];
  if (issue.code === 'custom' && issue.message !== ours) return [{ pointer: at, detail: issue.message }];
  const wanted =
    issue.message === ours ? `is to be ${allowed === undefined ? 'something else' : allowedText(allowed, root)}` : issue.message;
  if (sent === undefined || (sent === null && data === null)) return [{ pointer: at, detail: `is missing; it ${wanted}` }];
  const types = allowed === undefined ? [] : typesOf(allowed, root);
  const told = place === 'body' ? shownOfBody(sent, types) : shown(sent);
  return [{ pointer: at, detail: told === undefined ? wanted : `${wanted}, not ${told}` }];
}

const nameMax = 64;
const textMax = 40;

function hint(name: string, known: readonly string[]): string {
  const near = name.length > nameMax ? undefined : closest(name, known);
  if (near !== undefined) return `; did you mean ${near}?`;
  return known.length === 0 ? '' : `; known are ${known.join(', ')}`;
}

/** RFC 6901; a name of any length may have been sent. */
const pointer = (path: readonly PropertyKey[]): string =>
  path.map((key) => `/${cut(String(key), nameMax).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

const cut = (text: string, max: number): string => (text.length > max ? `${text.slice(0, max)}…` : text);

function valueAt(path: readonly PropertyKey[], data: unknown): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null && Object.hasOwn(inner, key) ? (inner as Record<PropertyKey, unknown>)[key] : undefined,
    data,
  );
}

function shown(value: unknown): string {
  if (typeof value === 'string')
    return `${JSON.stringify(cut(value, textMax))}${value.length > textMax ? ` (${value.length} characters)` : ''}`;
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}

/** Undefined where nothing would be said by it. */
function shownOfBody(value: unknown, types: readonly (string | undefined)[]): string | undefined {
  if (typeof value === 'string') return types.includes('string') ? undefined : 'a text';
  if (Array.isArray(value)) return types.includes('array') ? undefined : 'a list';
  return typeof value === 'object' && value !== null && types.includes('object') ? undefined : shown(value);
}

/**
 * What a part of a request may be, in words, told by the JSON Schema of its zod schema: the same that OpenAPI shows.
 *
 *     { "type": "integer", "minimum": 1, "maximum": 500 }   →   a whole number from 1 to 500
 */
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

/** @param root where references lead to */
export function allowedText(schema: JsonSchema, root: JsonSchema): string {
  const { type, format, enum: choices, anyOf, ...bounds } = resolved(schema, root);
  if (anyOf !== undefined) return listed(anyOf.map((one) => allowedText(one, root)));
  if (choices !== undefined) return choices.length === 1 ? String(choices[0]) : `one of ${choices.join(', ')}`;
  if (bounds.const !== undefined) return String(bounds.const);
  switch (type) {
    case 'integer':
      return `a whole number${between(bounds.minimum, bounds.maximum)}`;
    case 'number':
      return `a number${between(bounds.minimum, bounds.maximum)}`;
    case 'boolean':
      return 'true or false';
    case 'string':
      return format === 'date-time'
        ? 'a time such as 2026-01-01T00:00:00Z'
        : `a text${sized(bounds.minLength, bounds.maxLength, 'character')}`;
    case 'array':
      return `a list${sized(bounds.minItems, bounds.maxItems, 'entry')}`;
    case 'object':
      return 'an object';
    default:
      return type ?? 'something else';
  }
}

/** What stands at a path, as far as the schema knows it. */
export function schemaAt(path: readonly PropertyKey[], schema: JsonSchema, root: JsonSchema): JsonSchema | undefined {
  const here = resolved(schema, root);
  const [key, ...rest] = path;
  if (key === undefined) return here;
  for (const one of here.anyOf ?? [here]) {
    const { items, properties, additionalProperties: others } = resolved(one, root);
    const named = properties !== undefined && Object.hasOwn(properties, key) ? properties[String(key)] : undefined;
    const inner = typeof key === 'number' ? items : (named ?? (typeof others === 'object' ? others : undefined));
    if (inner !== undefined) return schemaAt(rest, inner, root);
  }
  return undefined;
}

/** The JSON types that a value may have. */
export function typesOf(schema: JsonSchema, root: JsonSchema): readonly (string | undefined)[] {
  const { type, anyOf } = resolved(schema, root);
  return anyOf === undefined ? [type] : anyOf.flatMap((one) => typesOf(one, root));
}

/** Names that an object may have. */
export function namesOf(schema: JsonSchema | undefined, root: JsonSchema): string[] {
  const { properties = {}, anyOf = [] } = schema === undefined ? {} : resolved(schema, root);
  return [...Object.keys(properties), ...anyOf.flatMap((one) => namesOf(one, root))];
}

function resolved(schema: JsonSchema, root: JsonSchema): JsonSchema {
  const name = schema.$ref?.replace('#/$defs/', '');
  return (name === undefined ? undefined : root.$defs?.[name]) ?? schema;
}

function between(least: number | undefined, most: number | undefined): string {
  // What a JavaScript number can hold is no bound of ours.
  const [from, to] = [least, most].map((bound) => (bound === undefined || Math.abs(bound) === Number.MAX_SAFE_INTEGER ? undefined : bound));
  if (from !== undefined && to !== undefined) return ` from ${from} to ${to}`;
  return from !== undefined ? ` of ${from} or more` : to !== undefined ? ` of ${to} or less` : '';
}

function sized(least = 0, most: number | undefined, of: 'character' | 'entry'): string {
  const things = (count: number): string => `${count} ${count === 1 ? of : { character: 'characters', entry: 'entries' }[of]}`;
  if (most === undefined) return least > 0 ? ` of ${things(least)} or more` : '';
  return least > 0 ? ` of ${least} to ${things(most)}` : ` of at most ${things(most)}`;
}

const listed = (texts: readonly string[]): string =>
  texts.length < 2 ? texts.join() : `${texts.slice(0, -1).join(', ')} or ${texts.at(-1)}`;
