/**
 * Dataset mapping files (`rules/datasets/*.yaml`):
 *
 *     dataset: aws.cloudtrail            # default: the file's name
 *     id: eventID
 *     time: eventTime
 *     fields: { user.name: userIdentity.userName, source.ip: sourceIPAddress }
 *     constants: { cloud.provider: aws }
 *     recognise: { all: [ { fact: eventSource, operator: exists, value: true } ] }    # `when:` is a synonym
 *
 * `recognise` holds native conditions, evaluated on the object as received: without derived names or mapped fields.
 */
import type { Dataset } from '../core/ingest/dataset.ts';
import type { Event, JsonObject } from '../core/event.ts';
import { fieldPath, lookupRaw, type FieldPath } from '../core/match/fields.ts';
import { View } from '../core/match/view.ts';
import { ConditionPool } from './condition/condition.ts';
import { readConditions } from './condition/read-conditions.ts';
import { checkFieldName, FieldTable } from './condition/field-table.ts';
import { plain, type MapNode, type Position } from './source/node.ts';
import { PredicateMaker } from './condition/predicate.ts';
import type { Reporter } from './source/problems.ts';
import { asMap, asText, checkKeys, child, keyPosition, readText } from './source/read.ts';

const keys = ['dataset', 'title', 'description', 'id', 'time', 'fields', 'constants', 'recognise', 'when'] as const;

/** Undefined if an error was reported. */
export function readDataset(map: MapNode, report: Reporter): Dataset | undefined {
  const before = report.errors();
  checkKeys(map, keys, 'dataset', report.error, { later: ['normalise'] });
  const name = readText(map, 'dataset', report) ?? fileName(report.file);
  if (name.trim() === '')
    report.error(keyPosition(map, 'dataset'), 'dataset-name-empty', 'a dataset needs a name', 'dataset: aws.cloudtrail');
  const dataset: Dataset = {
    name,
    id: readPath(map, 'id', report),
    time: readPath(map, 'time', report),
    fields: readFields(map, report),
    constants: readConstants(map, report),
    recognise: readRecognise(map, report),
  };
  return report.errors() > before ? undefined : dataset;
}

const fileName = (path: string): string => (path.split(/[\\/]/).pop() ?? '').replace(/\.[^.]*$/, '');

function readPath(map: MapNode, key: string, report: Reporter): FieldPath | undefined {
  const name = readText(map, key, report);
  return name !== undefined && checkFieldName(name, child(map, key)!.at, report) ? fieldPath(name) : undefined;
}

function readFields(map: MapNode, report: Reporter): Dataset['fields'] {
  const node = child(map, 'fields');
  const fields = node === undefined ? undefined : asMap(node, '"fields"', report);
  return [...(fields?.entries ?? [])].flatMap(([to, { keyAt, value }]) => {
    checkDerived(to, keyAt, report);
    const from = asText(value, `the source of "${to}"`, report);
    if (from === undefined || !checkFieldName(to, keyAt, report) || !checkFieldName(from, value.at, report)) return [];
    return [{ to, from: fieldPath(from) }];
  });
}

function readConstants(map: MapNode, report: Reporter): Dataset['constants'] {
  const node = child(map, 'constants');
  const constants = node === undefined ? undefined : asMap(node, '"constants"', report);
  const read: Record<string, unknown> = { __proto__: null };
  for (const [name, { keyAt, value }] of constants?.entries ?? []) {
    checkDerived(name, keyAt, report);
    read[name] = plain(value);
  }
  return read;
}

/** Names that Weir sets before it applies a mapping, with the key that says where they come from. */
const derived: ReadonlyMap<string, string> = new Map([
  ['event.id', 'use id: the field that holds it'],
  ['@timestamp', 'use time: the field that holds it'],
  ['event.dataset', 'use dataset: the name, and "recognise" for events that do not name it'],
]);

function checkDerived(name: string, at: Position, report: Reporter): void {
  const hint = derived.get(name);
  if (hint !== undefined) report.warn(at, 'mapping-unused', `"${name}" is set for every event: mapping it has no effect`, hint);
}

function readRecognise(map: MapNode, report: Reporter): Dataset['recognise'] {
  const key = map.entries.has('recognise') ? 'recognise' : 'when';
  const node = child(map, key);
  if (node === undefined) return undefined;
  if (key === 'recognise' && map.entries.has('when')) {
    report.error(keyPosition(map, 'when'), 'recognise-twice', '"when" is a synonym of "recognise"', 'use only one of them');
  }
  const fields = new FieldTable();
  const condition = readConditions(node, { fields, pool: new ConditionPool(), report });
  if (condition === undefined) return undefined;
  const predicate = new PredicateMaker().make(condition);
  const view = new View(fields.paths, 0, (event, field) => lookupRaw(event.raw, field));
  return (raw) => predicate(view.load(bare(raw)));
}

const bare = (raw: JsonObject): Event => ({ id: '', time: 0, dataset: '', raw, mapped: undefined, tags: [] });
