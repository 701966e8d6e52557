/** `tests:` of a rule: events and expected alerts, each compared on the keys that it names. */
import type { JsonObject } from '../../core/event.ts';
import type { RuleTest } from '../../core/rule.ts';
import { kindName, plainMap, type MapNode, type Node } from '../source/node.ts';
import type { Reporter } from '../source/problems.ts';
import { asMap, checkKeys, child, readText } from '../source/read.ts';

const alertKeys = [
  'id',
  'rule',
  'status',
  'shadow',
  'group',
  'entities',
  'value',
  'reason',
  'message',
  'first_seen',
  'last_seen',
  'created',
  'count',
  'capped',
  'events',
] as const;

/** The tests that can be run; problems with the others are reported. */
export function readTests(map: MapNode, report: Reporter): RuleTest[] {
  const node = child(map, 'tests');
  if (node === undefined) {
    report.warn(
      map.at,
      'no-tests',
      'this rule has no tests',
      'add tests: [ { name: …, events: [ … ], alerts: [ … ] } ], one that fires and one that nearly does',
    );
    return [];
  }
  if (node.kind !== 'list') {
    report.error(node.at, 'list-expected', `"tests" must be a list, not ${kindName(node)}`);
    return [];
  }
  if (node.items.length === 0) report.warn(node.at, 'no-tests', 'this rule has no tests');
  return node.items.flatMap((item, index) => readTest(item, index, report) ?? []);
}

function readTest(node: Node, index: number, report: Reporter): RuleTest | undefined {
  const map = asMap(node, 'a test', report);
  if (map === undefined) return undefined;
  checkKeys(map, ['name', 'events', 'alerts'], 'test', report.error);
  const name = readText(map, 'name', report) ?? `test ${index + 1}`;
  const events = readObjects(map, 'events', report);
  if (events?.length === 0) {
    report.warn(child(map, 'events')!.at, 'events-empty', 'a test without events checks nothing', 'add events');
  }
  const alerts = readObjects(map, 'alerts', report, (alert) => checkKeys(alert, alertKeys, 'expected alert', report.error, { own: false }));
  if (events === undefined || alerts === undefined) return undefined;
  return { name, events, alerts, source: { file: report.file, ...map.at } };
}

function readObjects(map: MapNode, key: 'events' | 'alerts', report: Reporter, check?: (item: MapNode) => void): JsonObject[] | undefined {
  const node = child(map, key);
  if (node?.kind !== 'list') {
    const hint = key === 'alerts' ? 'use alerts: [] if nothing may fire' : 'events: [ { … } ]';
    report.error(node?.at ?? map.at, `${key}-missing`, `a test needs a list "${key}"`, hint);
    return undefined;
  }
  const objects: JsonObject[] = [];
  for (const item of node.items) {
    const object = asMap(item, `each item of "${key}"`, report);
    if (object === undefined) return undefined;
    check?.(object);
    objects.push(plainMap(object));
  }
  return objects;
}
