/** Signatures, checked with the package that receivers use. */
import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { expect, it } from 'vitest';
import { secretBytes, secretOf, signedHeaders } from '../../../engine/core/deliver/signature.ts';
import { messageId, signingSecrets } from '../../../engine/core/deliver/target.ts';

const anySecret = fc.uint8Array({ minLength: 24, maxLength: 64 }).map((bytes) => secretOf(Buffer.from(bytes)));
const now = Date.now();

it('agrees with the standardwebhooks package for any secret, id and body', () => {
  fc.assert(
    fc.property(anySecret, fc.stringMatching(/^al_[A-Za-z0-9_-]{1,64}$/), fc.string({ unit: 'binary' }), (secret, id, body) => {
      const headers = signedHeaders(id, now, body, [secret]);
      expect(headers['webhook-signature']).toBe(new Webhook(secret).sign(id, new Date(now), body));
    }),
  );
  const body = JSON.stringify({ type: 'alert.created' });
  const secret = secretOf(randomBytes(32));
  expect(new Webhook(secret).verify(body, { ...signedHeaders('al_x', now, body, [secret]) })).toEqual({ type: 'alert.created' });
});

it('is invalid if the body, the id or the time was changed', () => {
  const secret = secretOf(randomBytes(32));
  const headers = { ...signedHeaders('al_x', now, '{"a":1}', [secret]) };
  const verify = (body: string, changes: object) => () => new Webhook(secret).verify(body, { ...headers, ...changes });
  expect(verify('{"a":1}', {})).not.toThrow();
  expect(verify('{"a":2}', {})).toThrow('signature');
  expect(verify('{"a":1}', { 'webhook-id': 'al_y' })).toThrow('signature');
  expect(verify('{"a":1}', { 'webhook-timestamp': String(Math.floor(now / 1000) - 1) })).toThrow('signature');
  expect(() => new Webhook(secret).verify('{"a":1}', { ...signedHeaders('al_x', now - 600_000, '{"a":1}', [secret]) })).toThrow('too old');
});

it('has one signature per secret during rotation, so that receivers with either secret can verify it', () => {
  const [old, fresh] = [secretOf(randomBytes(24)), secretOf(randomBytes(64))];
  const target = { secrets: [{ secret: fresh }, { secret: old, untilMs: now + 1000 }] };
  const headers = { ...signedHeaders('al_x', now, '{}', signingSecrets(target, now)) };
  for (const secret of [old, fresh]) expect(() => new Webhook(secret).verify('{}', headers)).not.toThrow();
  const later = { ...signedHeaders('al_x', now, '{}', signingSecrets(target, now + 1000)) };
  expect(() => new Webhook(fresh).verify('{}', later)).not.toThrow();
  expect(() => new Webhook(old).verify('{}', later)).toThrow('signature');
});

it.each([
  ['24 bytes', secretOf(Buffer.alloc(24)), true],
  ['64 bytes', secretOf(Buffer.alloc(64)), true],
  ['23 bytes', secretOf(Buffer.alloc(23)), false],
  ['65 bytes', secretOf(Buffer.alloc(65)), false],
  ['no prefix', Buffer.alloc(32).toString('base64'), false],
  ['no base64', `whsec_${'!'.repeat(40)}`, false],
  ['another text than its bytes', `whsec_${'A'.repeat(42)}B`, false],
  ['nothing', '', false],
])('validates secrets: %s', (_what, secret, good) => {
  expect(secretBytes(secret) !== undefined).toBe(good);
});

it('the id of a message has no dots, and is the same for every attempt', () => {
  expect([0, 1, 2, 3, 4].map((turn) => messageId('al_x', turn))).toEqual([
    'al_x',
    'al_x_closed',
    'al_x_reopened_2',
    'al_x_closed_3',
    'al_x_reopened_4',
  ]);
});
