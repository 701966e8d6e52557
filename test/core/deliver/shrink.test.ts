/** No body exceeds the limit, whatever the alert contains, and the body says what was cut. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Alert } from '../../../engine/core/alert/alert.ts';
import { limits } from '../../../engine/core/limits.ts';
import { bodyOf } from '../../../engine/core/deliver/body.ts';
import { webhookEvents, webhookForms, type WebhookTarget } from '../../../engine/core/deliver/target.ts';
import type { ShrunkAlert } from '../../../engine/core/deliver/shrink.ts';
import { alertOf } from '../../support/alerts.ts';

const target = (form: WebhookTarget['form']) => ({ id: 't', form, routingKey: 'k'.repeat(32), evidence: true });
const dataOf = (alert: Alert): ShrunkAlert =>
  (JSON.parse(bodyOf(target('standard'), alert, 'alert.created', alert.created)) as { data: ShrunkAlert }).data;
const event = (n: number, size = 1000) => ({ 'event.id': `e${n}`, text: 'é'.repeat(size / 2) });

it('a small alert is sent whole', () => {
  expect(dataOf(alertOf('a'))).toEqual(alertOf('a'));
});

describe('a large alert', () => {
  it('keeps as much of the newest evidence as fits, and counts what is missing', () => {
    const data = dataOf(alertOf('a', { events: Array.from({ length: 50 }, (_, n) => event(n)) }));
    expect(data.events.length).toBeGreaterThan(10);
    expect(data.events.at(-1)).toEqual(event(49));
    expect(data.events_cut).toBe(50 - data.events.length);
    expect(data.texts_cut).toBeUndefined();
    const one = JSON.stringify({ ...data, events: [event(0), ...data.events] });
    expect(Buffer.byteLength(one)).toBeGreaterThan(limits.webhookBodyBytesMax - 200);
  });

  it('is sent without evidence if a single event is too large', () => {
    const data = dataOf(alertOf('a', { events: [event(0, 60_000)] }));
    expect(data).toMatchObject({ id: 'al_a', events: [], events_cut: 1 });
  });

  it('has its texts cut if they alone are too large', () => {
    const data = dataOf(alertOf('a', { group: { 'user.id': 'x'.repeat(60_000) }, message: '🂡'.repeat(30_000) }));
    expect(data).toMatchObject({ id: 'al_a', texts_cut: true });
    expect(data.group['user.id']).toMatch(/^x{511}…$/);
    expect(data.message.isWellFormed()).toBe(true);
  });
});

it('every body is within the limit, in every form and for any alert', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.nat(70_000).map((n) => '<é'.repeat(n / 2)),
    fc.constant('\u0000'.repeat(9000)),
  );
  const anyAlert = fc
    .record({
      message: text,
      reason: text,
      group: fc.dictionary(text, text, { maxKeys: 8 }),
      entities: fc.array(fc.record({ field: text, value: text, risk: fc.nat() }), { maxLength: 64 }),
      events: fc.array(fc.dictionary(fc.string(), text, { maxKeys: 3 }), { maxLength: 50 }),
    })
    .map((parts) => alertOf('a', parts));
  fc.assert(
    fc.property(anyAlert, fc.constantFrom(...webhookForms), fc.constantFrom(...webhookEvents), (alert, form, kind) => {
      const body = bodyOf(target(form), alert, kind, alert.created);
      expect(Buffer.byteLength(body)).toBeLessThan(20_000);
      expect(() => JSON.parse(body) as unknown).not.toThrow();
    }),
    { numRuns: 200 },
  );
});
