/**
 * Checks requests against the schemas of their route. All routes report what is wrong in the same words: where, what is
 * expected, and what was sent.
 *
 *     /query/limit: must be an integer from 1 to 500, not "abc"
 *
 * Where JSON Schema cannot say what is expected (`must be field:value`), the schema brings its own error text, which is
 * used in the same position. Text from a body is never quoted: in a webhook or a key it may be a secret.
 */
import type { FastifySchemaCompiler } from 'fastify';
import { z } from 'zod';
import { closest } from '../../engine/core/util/closest.ts';
import { limits } from '../../engine/core/limits.ts';
import { HttpProblem } from './problem.ts';
import { allowedText, namesOf, schemaAt, typesOf, type JsonSchema } from './schema-text.ts';
import { own } from '../../engine/core/util/own.ts';

type Fault = { readonly pointer: string; readonly detail: string };

const places: Readonly<Record<string, string>> = { querystring: 'query', params: 'params', headers: 'headers', body: 'body' };

/** Replaces zod's own texts: the schema brings none. */
const ours = '';

export const checkRequest: FastifySchemaCompiler<z.ZodType> = ({ schema, httpPart = 'body' }) => {
  let json: JsonSchema | undefined;
  const place = own(places, httpPart) ?? httpPart;
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
  const reported = faults.slice(0, limits.requestErrorsMax);
  const more = faults.length > reported.length ? ` (the first of ${faults.length} errors; ${reported.length} are listed)` : '';
  return new HttpProblem(400, 'invalid-request', `${first?.pointer}: ${first?.detail}${more}`, { errors: reported });
}

function faultsOf(issue: z.core.$ZodIssue, data: unknown, root: JsonSchema, place: string): Fault[] {
  const at = pointer([place, ...issue.path]);
  const allowed = schemaAt(issue.path, root, root);
  if (issue.code === 'unrecognized_keys') {
    const known = namesOf(allowed, root);
    const what = place === 'query' ? 'unknown parameter' : 'unknown field';
    return issue.keys.map((key) => ({ pointer: `${at}${pointer([key])}`, detail: `${what}${hint(key, known)}` }));
  }
  const sent = valueAt(issue.path, data);
  if (place === 'query' && Array.isArray(sent)) return [{ pointer: at, detail: `must be given once, not ${sent.length} times` }];
  if (issue.code === 'custom' && issue.message !== ours) return [{ pointer: at, detail: issue.message }];
  const wanted =
    issue.message === ours ? `must be ${allowed === undefined ? 'something else' : allowedText(allowed, root)}` : issue.message;
  if (sent === undefined || (sent === null && data === null)) return [{ pointer: at, detail: `is missing; ${wanted}` }];
  const types = allowed === undefined ? [] : typesOf(allowed, root);
  const found = place === 'body' ? shownOfBody(sent, types) : shown(sent);
  return [{ pointer: at, detail: found === undefined ? wanted : `${wanted}, not ${found}` }];
}

const nameMax = 64;
const textMax = 40;

function hint(name: string, known: readonly string[]): string {
  const near = name.length > nameMax ? undefined : closest(name, known);
  if (near !== undefined) return `; did you mean ${near}?`;
  return known.length === 0 ? '' : `; known: ${known.join(', ')}`;
}

/** A JSON pointer (RFC 6901). Names are cut: a client may send one of any length. */
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
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}

/** The type of a value that was sent in a body; undefined if its type is one of those allowed. */
function shownOfBody(value: unknown, types: readonly (string | undefined)[]): string | undefined {
  if (typeof value === 'string') return types.includes('string') ? undefined : 'a string';
  if (Array.isArray(value)) return types.includes('array') ? undefined : 'an array';
  return typeof value === 'object' && value !== null && types.includes('object') ? undefined : shown(value);
}
