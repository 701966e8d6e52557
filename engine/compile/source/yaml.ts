/**
 * One YAML document (or JSON, its subset) → Node. YAML 1.2, core schema: `yes` and `2026-01-01` are text, `012` and `0o14`
 * are twelve, `1e3` is a thousand. Everything that YAML can express beyond JSON is refused with its position: other tags,
 * merge keys, keys that are not text, infinities, cycles. Aliases are allowed up to a limit on what they expand to.
 *
 * The library's check for duplicate keys compares all pairs (2 MB of keys would take hours), and its alias guard counts
 * only per anchor: both checks are done here instead. Before parsing, the text's size in levels and values is bounded.
 */
import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node as YamlNode } from 'yaml';
import { limits } from '../../core/limits.ts';
import { composeYaml, unknownTag } from './compose.ts';
import { excessOf } from './nesting.ts';
import type { MapEntry, Node, Position } from './node.ts';
import type { ProblemCode } from './problem-codes.ts';
import type { Reporter } from './problems.ts';

const tooDeep = ['too-deep', `more than ${limits.documentDepthMax} levels of nesting`, 'flatten the document'] as const;

/** Aborts the reading of one document after its problem was reported. */
class Refused extends Error {}

/**
 * @param firstLine the line of the file at which the text begins, from 1
 * @returns the document, or, if its root is a list, the items of that list; without those that have an error
 */
export function readYaml(text: string, firstLine: number, report: Reporter): Node[] {
  const lines = new LineCounter();
  const at = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line) + firstLine - 1, column: Math.max(1, col) };
  };
  const excess = excessOf(text);
  if (excess !== undefined) {
    const before = text.slice(0, excess.offset).split('\n');
    const place = { line: before.length + firstLine - 1, column: before.at(-1)!.length + 1 };
    if (excess.of === 'levels') report.error(place, ...tooDeep);
    else report.error(place, 'file-too-large', `more than ${limits.documentValuesMax} values in one document`, 'split the document');
    return [];
  }
  const { root, error, warnings } = composeYaml(text, lines);
  if (error !== undefined) {
    const tab = error.code === 'TAB_AS_INDENT';
    const place = at(error.offset);
    // The library ran out of stack.
    if (error.code === 'RESOURCE_EXHAUSTION') report.error(place, ...tooDeep);
    else report.error(place, tab ? 'yaml-tab' : 'yaml-syntax', error.message, tab ? 'indent with spaces' : '');
    return [];
  }
  for (const warning of warnings) {
    if (warning.code === unknownTag) {
      report.error(
        at(warning.offset),
        'unknown-tag',
        warning.message,
        'rule files contain only plain data: maps, lists, text, numbers, true, false, null',
      );
      return [];
    }
    report.warn(at(warning.offset), 'yaml-directive', warning.message);
  }
  if (root === null || (isScalar(root) && root.value === null)) return [];
  const reading = new Reading(at, report);
  return (isSeq(root) ? root.items : [root]).flatMap((item) => {
    try {
      return [convert(item as YamlNode, reading, 0)];
    } catch (fault) {
      if (fault instanceof Refused) return [];
      throw fault;
    }
  });
}

/** The state of the conversion of one document. */
class Reading {
  readonly at: (offset: number) => Position;
  readonly report: Reporter;
  /** Anchors seen so far; null while the anchored value is still being read. */
  readonly anchors = new Map<string, Node | null>();
  /** Number of values that aliases have expanded to so far. */
  followed = 0;

  constructor(at: (offset: number) => Position, report: Reporter) {
    this.at = at;
    this.report = report;
  }

  refuse(at: Position, code: ProblemCode, message: string, hint: string): never {
    this.report.error(at, code, message, hint);
    throw new Refused();
  }
}

function convert(source: YamlNode, reading: Reading, depth: number): Node {
  const at = reading.at(source.range?.[0] ?? 0);
  if (isAlias(source)) return followed(source.source, at, reading);
  if (depth > limits.documentDepthMax) {
    reading.refuse(at, ...tooDeep);
  }
  if (source.anchor !== undefined) reading.anchors.set(source.anchor, null);
  const node = converted(source, at, reading, depth);
  if (source.anchor !== undefined) reading.anchors.set(source.anchor, node);
  return node;
}

function converted(source: Exclude<YamlNode, { source: string; anchor?: never }>, at: Position, reading: Reading, depth: number): Node {
  if (isScalar(source)) {
    return { kind: 'scalar', at, size: 1, value: scalar(source.value, at, reading) };
  }
  let size = 1;
  if (isMap(source)) {
    const entries = new Map<string, MapEntry>();
    for (const pair of source.items) {
      const key = isScalar(pair.key) ? String(pair.key.value) : '';
      const keyAt = isScalar(pair.key) ? reading.at(pair.key.range?.[0] ?? 0) : at;
      if (key === '<<')
        reading.refuse(keyAt, 'yaml-merge-key', 'YAML 1.2 has no merge keys ("<<")', 'repeat the keys, or use a plain alias');
      const before = entries.get(key);
      if (before !== undefined) {
        reading.refuse(
          keyAt,
          'duplicate-key',
          `duplicate key "${key}", first used in line ${before.keyAt.line}`,
          'remove or rename one of them',
        );
      }
      const value: Node = pair.value === null ? empty(keyAt) : convert(pair.value as YamlNode, reading, depth + 1);
      size += value.size;
      entries.set(key, { keyAt, value });
    }
    return { kind: 'map', at, size, entries };
  }
  const items: Node[] = [];
  for (const item of (source as { items: unknown[] }).items) {
    const value = convert(item as YamlNode, reading, depth + 1);
    size += value.size;
    items.push(value);
  }
  return { kind: 'list', at, size, items };
}

const empty = (at: Position): Node => ({ kind: 'scalar', at, size: 1, value: null });

function followed(name: string, at: Position, reading: Reading): Node {
  const target = reading.anchors.get(name);
  if (target === undefined) reading.refuse(at, 'yaml-syntax', `unknown anchor "&${name}" for this alias`, '');
  if (target === null)
    reading.refuse(at, 'yaml-cycle', `the alias "*${name}" is inside the value it refers to`, 'a rule cannot contain itself');
  reading.followed += target.size;
  if (reading.followed > limits.aliasNodesMax) {
    reading.refuse(
      at,
      'alias-bomb',
      `the aliases of this document expand to more than ${limits.aliasNodesMax} values`,
      'use fewer aliases',
    );
  }
  return target;
}

function scalar(value: unknown, at: Position, reading: Reading): string | number | boolean | null {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'bigint': {
      const number = Number(value);
      if (!Number.isSafeInteger(number)) {
        reading.refuse(at, 'unsafe-integer', `${value} is too large for an exact number`, 'quote it, and compare it as text');
      }
      return number;
    }
    case 'number':
      if (!Number.isFinite(value)) reading.refuse(at, 'not-json', 'infinity and NaN are not JSON numbers', 'write a finite number');
      return value;
    default:
      return null;
  }
}
