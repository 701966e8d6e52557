/**
 * Keys that other tools have, or that belong to another level, with what Weir has in their place. Without these, the
 * nearest known word could mean something else: `type` is close to `title`.
 */
import { didYouMean } from './suggest.ts';

const level = 'did you mean "level"?';
const status = 'to switch a rule off: status: off, or draft';
const condition = 'a threshold belongs into the correlation: condition: { gte: 5 }';
const timespan = 'the length of a window is the "timespan" of the correlation';
const groupBy = 'did you mean "group-by", of the correlation?';
const exceptions = 'exclude them in the conditions: { not: { any: [ … ] } }';
const suppress = 'did you mean "suppress"?';
const ofCorrelation = 'it belongs into "correlation"';
const ofStep = 'it belongs into one of the "steps"';

/** By name, in lower case and without hyphens and underscores. */
const synonyms: ReadonlyMap<string, string> = new Map([
  ['severity', level],
  ...['enabled', 'enable', 'disabled', 'active'].map((name) => [name, status] as const),
  ...['threshold', 'thresholds', 'minevents'].map((name) => [name, condition] as const),
  ...['window', 'timeframe', 'timewindow', 'interval'].map((name) => [name, timespan] as const),
  ...['groupby', 'partitionby'].map((name) => [name, groupBy] as const),
  ...['exception', 'exceptions', 'exclude', 'exclusions', 'allowlist', 'whitelist'].map((name) => [name, exceptions] as const),
  ...['suppression', 'cooldown', 'throttle', 'mute'].map((name) => [name, suppress] as const),
  ...['type', 'timespan', 'condition'].map((name) => [name, ofCorrelation] as const),
  ...['within', 'times'].map((name) => [name, ofStep] as const),
]);

/** The hint for an unknown key. @param known the keys that are allowed in its place */
export const keyHint = (key: string, known: readonly string[]): string =>
  synonyms.get(key.toLowerCase().replace(/[-_]/g, '')) ?? didYouMean(key, known);
