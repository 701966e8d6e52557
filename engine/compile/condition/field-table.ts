/** The fields of a rule set, each name (with its inner path) once. The index in the table is the slot in the View. */
import { fieldPath } from '../../core/match/fields.ts';
import type { Field } from '../../core/step.ts';
import type { ViewPath } from '../../core/match/view.ts';
import { limits } from '../../core/limits.ts';
import type { Position } from '../source/node.ts';
import type { Reporter } from '../source/problems.ts';

export class FieldTable {
  readonly paths: ViewPath[] = [];
  readonly #slots = new Map<string, number>();

  /** @param inside parts of a condition's `path`, read inside the field's value */
  field(name: string, inside?: readonly string[]): Field {
    const key = JSON.stringify([name, ...(inside ?? [])]);
    let slot = this.#slots.get(key);
    if (slot === undefined) {
      slot = this.paths.length;
      this.paths.push(inside === undefined ? fieldPath(name) : { ...fieldPath(name), inside });
      this.#slots.set(key, slot);
    }
    return { name, slot };
  }
}

/** Whether the field name can be used; if not, that was reported. */
export function checkFieldName(name: string, at: Position, report: Reporter): boolean {
  if (name.trim() === '') report.error(at, 'field-name-empty', 'a field name must not be empty', 'for example source.ip');
  else if (name.length > limits.fieldNameLengthMax) {
    report.error(at, 'field-name-too-long', `a field name of ${name.length} characters; the limit is ${limits.fieldNameLengthMax}`);
  } else if (/^\$[.[]/.test(name)) {
    report.error(at, 'field-name-path', `"${name.slice(0, 40)}" is a path, not a field name`, 'write the dotted name without "$."');
  } else {
    const dotted = name.replace(/\[(\d+)\]/g, '.$1');
    if (dotted !== name) {
      report.warn(
        at,
        'field-name-index',
        `"${name}" matches only a key of exactly that name: field names use dots, not brackets`,
        `write ${dotted}`,
      );
    }
    return true;
  }
  return false;
}
