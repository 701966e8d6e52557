/** `group-by:` of a correlation, and of a step. */
import { checkFieldName } from '../condition/field-table.ts';
import type { MapNode } from '../source/node.ts';
import type { Reporter } from '../source/problems.ts';
import { readTexts } from '../source/read.ts';

/** The field names of `group-by`; invalid ones are reported and left out. */
export const readGroupBy = (map: MapNode, report: Reporter): string[] =>
  readTexts(map, 'group-by', report).flatMap(({ text, at }) => (checkFieldName(text, at, report) ? [text] : []));
