/** Every name that objects inherit is an ordinary name of a map. */
import { expect, it } from 'vitest';
import { own } from '../../../engine/core/util/own.ts';

const inherited = Object.getOwnPropertyNames(Object.prototype);

it.each(inherited)('finds %s where it was stored, and only there', (name) => {
  expect(own({}, name)).toBeUndefined();
  expect(own(JSON.parse(`{${JSON.stringify(name)}:"its own"}`) as Record<string, string>, name)).toBe('its own');
});
