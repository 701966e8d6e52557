/**
 * A rule's id: written in the file, or, for a plain json-rules-engine rule, derived from its name or else from its event's
 * type. Two rules of one name are distinguished by their event types; otherwise the second is a duplicate. Which of them
 * gets the name does not change at a reload, whatever happens to the other: windows, suppression and alerts depend on
 * the id.
 */
import { limits } from '../../core/limits.ts';
import { kindName, type MapNode, type Position } from '../source/node.ts';
import type { Reporter } from '../source/problems.ts';
import { child, readText } from '../source/read.ts';

const kebab = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;

/** Lower case, words joined by hyphens; empty if nothing of the text can be used. */
function slug(text: string): string {
  return text
    .replaceAll('ß', 'ss')
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, limits.ruleIdLengthMax)
    .replace(/^-|-$/g, '');
}

/** `written`: given as `id`, not derived. */
export type Identity = { readonly id: string; readonly at: Position; readonly written: boolean };

/**
 * @param had the id of the document at this place in the previous set
 * @param taken whether another document has the id
 */
export function readIdentity(
  map: MapNode,
  had: string | undefined,
  taken: (id: string) => boolean,
  report: Reporter,
): Identity | undefined {
  const idNode = child(map, 'id');
  if (idNode === undefined) return derived(map, had, taken, report);
  const id = idNode.kind === 'scalar' ? idNode.value : undefined;
  if (typeof id !== 'string') {
    report.error(idNode.at, 'text-expected', `"id" must be text, not ${kindName(idNode)}`, 'put it in quotes');
  } else if (!kebab.test(id)) {
    const better = slug(id);
    report.error(
      idNode.at,
      'bad-id',
      `invalid id "${id.slice(0, 80)}": use lower-case letters, digits and single hyphens`,
      better === '' ? '' : `for example ${better}`,
    );
  } else if (id.length > limits.ruleIdLengthMax) {
    report.error(idNode.at, 'bad-id', `an id of ${id.length} characters; the limit is ${limits.ruleIdLengthMax}`, 'make it shorter');
  } else return { id, at: idNode.at, written: true };
  return undefined;
}

function derived(map: MapNode, had: string | undefined, taken: (id: string) => boolean, report: Reporter): Identity | undefined {
  const event = child(map, 'event');
  const name = child(map, 'name');
  const type = event?.kind === 'map' ? child(event, 'type') : undefined;
  const candidates = [name, type].flatMap((node) => {
    if (node?.kind !== 'scalar' || node.value === null || typeof node.value === 'boolean') return [];
    const id = slug(String(node.value));
    return id === '' ? [] : [{ id, at: node.at, written: false }];
  });
  const made = candidates.find(({ id }) => id === had) ?? candidates.find(({ id }) => !taken(id)) ?? candidates[0];
  if (made === undefined) {
    const title = readText(map, 'title', report);
    const better = title === undefined ? '' : slug(title);
    report.error(
      map.at,
      'id-missing',
      'a rule needs an id',
      better === '' ? 'add id: my-rule (or a name, as in json-rules-engine)' : `add id: ${better}`,
    );
  }
  return made;
}
