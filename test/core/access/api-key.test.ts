import { expect, it } from 'vitest';
import { hashOf, lapsed, secretPattern, withoutSecrets, allows, readScopes, scopes } from '../../../engine/core/access/api-key.ts';
import { newKey, newSecret } from '../../../engine/runtime/access/api-keys.ts';

it('new secrets are recognisable, long, and different each time', () => {
  const many = new Set(Array.from({ length: 1000 }, newSecret));
  expect(many.size).toBe(1000);
  for (const secret of many) {
    expect(secret).toMatch(/^weir_[0-9A-Za-z]{40}$/);
    expect(secret).toMatch(secretPattern);
  }
  // Each of the 62 characters occurs about equally often at every position.
  const all = [...many].map((secret) => secret.slice(5)).join('');
  expect(new Set(all).size).toBe(62);
});

it('a record does not contain the secret', () => {
  const { key, secret } = newKey({ name: 'a', scopes: ['admin', 'read'], expires: undefined, by: 'x' }, 7);
  expect(key).toEqual({ name: 'a', scopes: ['read', 'admin'], hash: hashOf(secret), created: 7, by: 'x' });
  expect(JSON.stringify(key)).not.toContain(secret.slice(5));
});

it('admin grants every scope, any other scope only itself', () => {
  for (const given of scopes) {
    for (const needed of scopes) expect(allows([given], needed)).toBe(given === needed || given === 'admin');
  }
  expect(readScopes('triage,read+read')).toEqual(['read', 'triage']);
  for (const wrong of ['', 'read+', 'READ', 'all', 'read triage']) expect(readScopes(wrong)).toBeUndefined();
});

it('a key is valid until it expires or is revoked', () => {
  expect(lapsed({ expires: 10 }, 9)).toBeUndefined();
  expect(lapsed({ expires: 10 }, 10)).toBe('expired');
  expect(lapsed({ expires: 10, revoked: 50 }, 9)).toBe('revoked');
});

it('removes secrets from texts, but not the names of metrics', () => {
  const secret = newSecret();
  expect(withoutSecrets(`a=${secret}&b=${secret.replace('_', '%5f')}b ${secret}`)).toBe('a=weir_…&b=weir_… weir_…');
  expect(withoutSecrets('weir_rules_last_good_load_timestamp_seconds')).toBe('weir_rules_last_good_load_timestamp_seconds');
});
