/** `{{…}}` placeholders in messages. */
import { expect, test } from 'vitest';
import type { Event } from '../../../engine/core/event.ts';
import { limits } from '../../../engine/core/limits.ts';
import { parseTemplate, placesOf, render, type TemplateScope } from '../../../engine/core/alert/template.ts';

const event = (raw: Event['raw']): Event => ({ id: 'e7', time: 0, dataset: 'payments', raw, mapped: { 'host.name': 'h1' }, tags: [] });
const scope: TemplateScope = {
  group: { 'source.ip': '203.0.113.9', 'user.id': '42' },
  event: event({ user: { id: 'not this one', name: 'alice' }, tags: ['a', 'b'], n: 0, no: false, none: null }),
  steps: new Map([['enter', event({ 'source.ip': '198.51.100.7' })]]),
  value: 5,
  count: 12,
};
const rendered = (text: string, within: TemplateScope = scope): string => {
  const parsed = parseTemplate(text);
  return parsed.ok ? render(parsed.template, within) : `${parsed.because} at ${parsed.at}`;
};

test.each([
  ['plain', 'plain'],
  ['', ''],
  ['{{source.ip}} tried {{value}} of {{ count }}', '203.0.113.9 tried 5 of 12'],
  ['{{user.id}} is {{user.name}} on {{host.name}}', '42 is alice on h1'],
  ['{{steps.enter.source.ip}}|{{steps.other.source.ip}}|{{steps.enter}}', '198.51.100.7||'],
  ['{{missing}}{{none}}.', '.'],
  ['{{n}} {{no}} {{tags}}', '0 false ["a","b"]'],
  ['{{event.id}} {{event.dataset}} {{@timestamp}}', 'e7 payments 1970-01-01T00:00:00.000Z'],
  ['{{constructor}}{{__proto__}}{{toString}}', ''],
  ['a }} b { c }', 'a }} b { c }'],
  ['{{a', 'unclosed at 0'],
  ['x {{a {{b}}', 'unclosed at 2'],
  ['x {{}}', 'empty at 2'],
  ['{{ \t}}', 'empty at 0'],
])('%j renders as %j', (text, expected) => {
  expect(rendered(text)).toBe(expected);
});

test('a text over the bound is cut, and onCut is called', () => {
  const { messageLengthMax: most } = limits;
  const long = (length: number): TemplateScope => ({ ...scope, event: event({ a: 'x'.repeat(length) }) });
  const parsed = parseTemplate('{{a}}');
  if (!parsed.ok) throw new Error('no template');
  let cuts = 0;
  const cutAt = (within: TemplateScope): string => render(parsed.template, within, () => void cuts++);
  expect(cutAt(long(most))).toBe('x'.repeat(most));
  expect(cuts).toBe(0);
  expect(cutAt(long(most + 1))).toBe(`${'x'.repeat(most - 1)}…`);
  expect(cuts).toBe(1);
  const many = parseTemplate('{{a}}'.repeat(20_000));
  expect(many.ok && render(many.template, long(60_000))).toHaveLength(most);
  const halved = rendered('{{a}}', { ...scope, event: event({ a: `${'x'.repeat(most - 2)}😀😀` }) });
  expect(halved.isWellFormed()).toBe(true);
});

test('placeholders of an expired event are empty', () => {
  expect(rendered('{{source.ip}} {{user.name}}.', { ...scope, event: undefined })).toBe('203.0.113.9 .');
});

test('placesOf lists the placeholders of a template', () => {
  const parsed = parseTemplate('{{a.b}} and {{steps.x.c}}');
  expect(parsed.ok ? placesOf(parsed.template) : []).toEqual(['a.b', 'steps.x.c']);
});
