/**
 * A document as a tree of values with positions. Both YAML and JSON are converted to it; every later stage of the compiler
 * reads it and can report line and column.
 */
import type { JsonObject } from '../../core/event.ts';

/** From 1. */
export type Position = { readonly line: number; readonly column: number };

export type ScalarNode = {
  readonly kind: 'scalar';
  readonly at: Position;
  readonly size: 1;
  readonly value: string | number | boolean | null;
};
export type ListNode = { readonly kind: 'list'; readonly at: Position; readonly size: number; readonly items: readonly Node[] };
export type MapEntry = { readonly keyAt: Position; readonly value: Node };
export type MapNode = {
  readonly kind: 'map';
  readonly at: Position;
  readonly size: number;
  readonly entries: ReadonlyMap<string, MapEntry>;
};

/** `size` is the number of values in the node, including itself; an alias counts each time it is used. */
export type Node = ScalarNode | ListNode | MapNode;

/** The plain JSON value. Keys such as `__proto__` become own properties. */
export function plain(node: Node): unknown {
  if (node.kind === 'scalar') return node.value;
  if (node.kind === 'list') return node.items.map(plain);
  return plainMap(node);
}

export function plainMap(node: MapNode): JsonObject {
  const object: Record<string, unknown> = {};
  for (const [key, { value }] of node.entries) {
    Object.defineProperty(object, key, { value: plain(value), enumerable: true, configurable: true, writable: true });
  }
  return object;
}

/** JSON text that is independent of the order of keys: equal for equal values. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const pairs = Object.entries(value).filter(([, held]) => held !== undefined);
  pairs.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${pairs.map(([key, held]) => `${JSON.stringify(key)}:${canonical(held)}`).join(',')}}`;
}

/** The kind of a value, for messages. */
export function kindName(node: Node): string {
  if (node.kind !== 'scalar') return node.kind === 'map' ? 'a map' : 'a list';
  if (node.value === null) return 'null';
  return typeof node.value === 'string' ? 'text' : `a ${typeof node.value}`;
}
