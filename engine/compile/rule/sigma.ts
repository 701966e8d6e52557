/** Distinguishes Sigma documents from native ones, and reports what is not supported yet. */
import type { MapNode, Position } from '../source/node.ts';
import type { ProblemCode } from '../source/problem-codes.ts';
import type { Reporter } from '../source/problems.ts';
import { child, keyPosition } from '../source/read.ts';

/** Whether this version cannot read the document; if so, that was reported. */
export function refuseForeign(map: MapNode, report: Reporter): boolean {
  const correlation = child(map, 'correlation');
  const references = correlation?.kind === 'map' && correlation.entries.has('rules');
  const native = map.entries.has('conditions') || map.entries.has('steps');
  const sigma = ['detection', 'filter'].find((key) => map.entries.has(key));
  if (sigma !== undefined && !native)
    return refuse(
      keyPosition(map, sigma),
      'sigma-unsupported',
      'Sigma rules are not supported yet',
      'write native conditions: { all: [ … ] }',
      report,
    );
  if (references && !native) {
    return refuse(
      keyPosition(correlation, 'rules'),
      'sigma-unsupported',
      'Sigma correlations over other rules are not supported yet',
      'write the referenced conditions out as steps',
      report,
    );
  }
  if (references || map.entries.has('rules')) {
    const at = references ? keyPosition(correlation, 'rules') : keyPosition(map, 'rules');
    return refuse(
      at,
      'rules-reference-unsupported',
      'rules over other rules are not supported yet',
      'write the referenced conditions out as steps',
      report,
    );
  }
  if (!native)
    return refuse(
      map.at,
      'no-conditions',
      'a rule needs "conditions" or "steps"',
      'conditions: { all: [ { fact: …, operator: …, value: … } ] }',
      report,
    );
  return false;
}

function refuse(at: Position, code: ProblemCode, message: string, hint: string, report: Reporter): true {
  report.error(at, code, message, hint);
  return true;
}
