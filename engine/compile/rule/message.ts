/** `message:` of a rule: a template with `{{…}}` placeholders, parsed at load. */
import { limits } from '../../core/limits.ts';
import type { Template } from '../../core/rule.ts';
import { parseTemplate, placesOf } from '../../core/alert/template.ts';
import type { MapNode } from '../source/node.ts';
import type { Reporter } from '../source/problems.ts';
import { asText, checkLength, child, keyPosition } from '../source/read.ts';
import { didYouMean } from '../source/suggest.ts';

/** `message`, else json-rules-engine's `event.params.message`. */
export function readMessage(map: MapNode, report: Reporter): Template | undefined {
  const event = child(map, 'event');
  const params = event?.kind === 'map' ? child(event, 'params') : undefined;
  const node = child(map, 'message') ?? (params?.kind === 'map' ? child(params, 'message') : undefined);
  const text = node === undefined ? undefined : asText(node, '"message"', report);
  if (node === undefined || text === undefined) return undefined;
  checkLength(text, node.at, 'a message', limits.messageLengthMax, report);
  const parsed = parseTemplate(text);
  if (parsed.ok) return parsed.template;
  const unclosed = parsed.because === 'unclosed';
  report.error(
    node.at,
    unclosed ? 'template-unclosed' : 'template-empty',
    unclosed ? `"{{" at character ${parsed.at + 1} of the message has no "}}"` : 'empty placeholder {{ }} in the message',
    'write {{field.name}}',
  );
  return undefined;
}

/** `{{steps.NAME.field}}` must name a step of the rule. */
export function checkPlaces(message: Template, names: readonly string[], map: MapNode, report: Reporter): void {
  const at = keyPosition(map, map.entries.has('message') ? 'message' : 'event');
  for (const place of placesOf(message)) {
    const name = /^steps\.([^.]*)\./.exec(place)?.[1];
    if (name !== undefined && !names.includes(name))
      report.warn(at, 'unknown-step', `unknown step "${name}" in {{${place}}}`, didYouMean(name, names));
  }
}
