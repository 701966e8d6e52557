/**
 * Typed readers of a document's nodes. Each returns the value, or reports what is wrong at its position and returns
 * undefined; none throws. A missing optional key is undefined without a report.
 */
import { parseDuration } from '../../core/util/duration.ts';
import { limits } from '../../core/limits.ts';
import { kindName, type MapNode, type Node, type Position } from './node.ts';
import type { Report, Reporter } from './problems.ts';
import { didYouMean } from './suggest.ts';
import { keyHint } from './synonyms.ts';

export const child = (map: MapNode, key: string): Node | undefined => map.entries.get(key)?.value;

export const keyPosition = (map: MapNode, key: string): Position => map.entries.get(key)?.keyAt ?? map.at;

export type OtherKeys = {
  /** Keys that are accepted without effect, and that no hint names. */
  readonly notes?: readonly string[];
  /** Keys that are reserved for a later version: refused as not supported yet, not as unknown. */
  readonly later?: readonly string[];
  /** Whether keys that begin with `x-` are accepted; default: true. */
  readonly own?: boolean;
};

/**
 * Reports each key without a meaning as an error: a rule that ran without it would not do what was meant. Keys that begin
 * with `x-` belong to the user. Of very many only the first ones have a hint, since each costs a comparison with all known ones.
 * @param where what has the keys, such as `rule`
 */
export function checkKeys(map: MapNode, known: readonly string[], where: string, report: Report, other: OtherKeys = {}): void {
  const { notes = [], later = [], own = true } = other;
  let unknown = 0;
  for (const [key, { keyAt }] of map.entries) {
    if (known.includes(key) || notes.includes(key) || (own && key.startsWith('x-'))) continue;
    if (later.includes(key)) report(keyAt, 'key-unsupported', `"${key}" is not supported yet`);
    else {
      const hint = unknown++ < limits.problemsPerFileMax ? keyHint(key, known) : '';
      report(keyAt, 'unknown-key', `unknown key "${key}" in ${where}`, hint);
    }
  }
}

export function asMap(node: Node, what: string, report: Reporter): MapNode | undefined {
  if (node.kind === 'map') return node;
  report.error(node.at, 'map-expected', `${what} must be a map, not ${kindName(node)}`);
  return undefined;
}

export function asText(node: Node, what: string, report: Reporter): string | undefined {
  if (node.kind === 'scalar' && typeof node.value === 'string') return node.value;
  report.error(node.at, 'text-expected', `${what} must be text, not ${kindName(node)}`, node.kind === 'scalar' ? 'put it in quotes' : '');
  return undefined;
}

export function readText(map: MapNode, key: string, report: Reporter): string | undefined {
  const node = child(map, key);
  return node === undefined ? undefined : asText(node, `"${key}"`, report);
}

/** Reports a text that is longer than its limit. */
export function checkLength(text: string, at: Position, what: string, max: number, report: Reporter): void {
  if (text.length > max) report.error(at, 'text-too-long', `${what} of ${text.length} characters; the limit is ${max}`, 'make it shorter');
}

export function readNumber(map: MapNode, key: string, report: Reporter): number | undefined {
  const node = child(map, key);
  if (node === undefined) return undefined;
  if (node.kind === 'scalar' && typeof node.value === 'number') return node.value;
  report.error(node.at, 'number-expected', `"${key}" must be a number, not ${kindName(node)}`, 'write it without quotes');
  return undefined;
}

export function readBoolean(map: MapNode, key: string, report: Reporter): boolean | undefined {
  const node = child(map, key);
  if (node === undefined) return undefined;
  if (node.kind === 'scalar' && typeof node.value === 'boolean') return node.value;
  report.error(
    node.at,
    'boolean-expected',
    `"${key}" must be true or false, not ${kindName(node)}`,
    'YAML 1.2 has only true and false, not yes and no',
  );
  return undefined;
}

/** One of a closed set of words. */
export function readWord<Word extends string>(
  map: MapNode,
  key: 'level' | 'status',
  words: readonly Word[],
  report: Reporter,
): Word | undefined {
  const node = child(map, key);
  if (node === undefined) return undefined;
  const text = asText(node, `"${key}"`, report);
  if (text === undefined) return undefined;
  const word = words.find((candidate) => candidate === text);
  if (word === undefined) report.error(node.at, `unknown-${key}`, `unknown ${key} "${text}"`, didYouMean(text, words));
  return word;
}

/** A duration in ms, at least `minMs` and at most the longest timespan. */
export function readDuration(map: MapNode, key: string, report: Reporter, minMs = 1): number | undefined {
  const node = child(map, key);
  if (node === undefined) return undefined;
  return asDuration(node, key, report, minMs);
}

export function asDuration(node: Node, key: string, report: Reporter, minMs = 1): number | undefined {
  const written = node.kind === 'scalar' ? node.value : undefined;
  // Zero needs no unit.
  const text = written === 0 ? '0s' : typeof written === 'string' ? written : undefined;
  const ms = text === undefined ? undefined : parseDuration(text);
  if (ms === undefined) {
    const message =
      node.kind === 'scalar' ? `invalid duration "${node.value}" for "${key}"` : `"${key}" must be a duration, not ${kindName(node)}`;
    report.error(node.at, 'bad-duration', message, 'write a whole number and a unit: 500ms, 30s, 10m, 1h, 7d, 2w');
  } else if (ms < minMs) {
    report.error(node.at, 'duration-zero', `"${key}" must be longer than 0`, 'for example 10m');
  } else if (ms > limits.timespanMsMax) {
    report.error(
      node.at,
      'duration-too-long',
      `"${key}" is longer than ${limits.timespanMsMax / 86_400_000}d`,
      'state that is kept that long would never leave Redis',
    );
  } else return ms;
  return undefined;
}

/** A list of texts; one text alone is a list of one. Empty when the key is missing. */
export function readTexts(map: MapNode, key: string, report: Reporter): { text: string; at: Position }[] {
  const node = child(map, key);
  if (node === undefined) return [];
  return (node.kind === 'list' ? node.items : [node]).flatMap((item) => {
    const text = asText(item, `each item of "${key}"`, report);
    return text === undefined ? [] : [{ text, at: item.at }];
  });
}
