import { expect, it } from 'vitest';
import { hashOf, lapsed, secretPattern, withoutSecrets, allows, readScopes, scopes } from '../../../engine/core/access/api-key.ts';
import { newKey, newSecret } from '../../../engine/runtime/access/api-keys.ts';

it('a new secret is recognisable, long, and each time another', () => {
  const many = new Set(Array.from({ length: 1000 }, newSecret));
  expect(many.size).toBe(1000);
  for (const secret of many) {
    expect(secret).toMatch(/^weir_[0-9A-Za-z]{40}$/);
    expect(secret).toMatch(secretPattern);
  }
  // Every one of the 62 characters, at every place about as often.
  const all = [...many].map((secret) => secret.slice(5)).join('');
  expect(new Set(all).size).toBe(62);
});

it('a record holds no secret', () => {
  const { key, secret } = newKey({ name: 'a', scopes: ['admin', 'read'], expires: undefined, by: 'x' }, 7);
  expect(key).toEqual({ name: 'a', scopes: ['read', 'admin'], hash: hashOf(secret), created: 7, by: 'x' });
  expect(JSON.stringify(key)).not.toContain(secret.slice(5));
});

it('admin may all, any other only what it says', () => {
  for (const given of scopes) {
    for (const needed of scopes) expect(allows([given], needed)).toBe(given === needed || given === 'admin');
  }
  expect(readScopes('triage,read+read')).toEqual(['read', 'triage']);
  for (const wrong of ['', 'read+', 'READ', 'all', 'read triage']) expect(readScopes(wrong)).toBeUndefined();
});

it('a key counts until it expires or is revoked', () => {
  expect(lapsed({ expires: 10 }, 9)).toBeUndefined();
  expect(lapsed({ expires: 10 }, 10)).toBe('expired');
  expect(lapsed({ expires: 10, revoked: 50 }, 9)).toBe('revoked');
});

it('texts are told without the secrets in them, and metrics keep their names', () => {
  const secret = newSecret();
  expect(withoutSecrets(`a=${secret}&b=${secret.replace('_', '%5f')}b ${secret}`)).toBe('a=weir_…&b=weir_… weir_…');
  expect(withoutSecrets('weir_rules_last_good_load_timestamp_seconds')).toBe('weir_rules_last_good_load_timestamp_seconds');
});
