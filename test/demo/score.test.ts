/** Which alerts count as catching a campaign, as also correct, and as false. */
import { describe, expect, it } from 'vitest';
import { score, type Scored } from '../../engine/demo/score.ts';
import type { Truth } from '../../engine/demo/truth.ts';

const truth = (campaign: string, rule: string, events: readonly string[]): Truth => ({
  campaign,
  about: '',
  rule,
  group: { 'user.id': campaign },
  events,
  first: '',
  last: '',
});
const alert = (rule: string, user: string, ids: readonly string[]): Scored => ({
  rule: { id: rule },
  group: { 'user.id': user },
  events: ids.map((id) => ({ id })),
});
const idOf = (event: { readonly [key: string]: unknown }): string => String(event['id']);
const truths = [truth('ann', 'takeover', ['a1', 'a2']), truth('bob', 'spree', ['b1'])];

describe('score', () => {
  it('a campaign is caught by an alert with its rule and group, based on its events', () => {
    const alerts = [alert('takeover', 'bob', ['a1']), alert('spree', 'ann', ['a1']), alert('takeover', 'ann', ['x1'])];
    const { campaigns } = score(truths, alerts, idOf);
    expect(campaigns.map((one) => one.alert)).toEqual([undefined, undefined]);
    const right = alert('takeover', 'ann', ['x1', 'a2']);
    const found = score(truths, [...alerts, right], idOf);
    expect(found.campaigns[0]).toEqual({ truth: truths[0], alert: right, proof: ['a2'] });
    expect(found.besides).toEqual(alerts.slice(0, 2));
    expect(found.wrong).toEqual(alerts.slice(2));
  });

  it('the first of several alerts catches the campaign; the others are also correct', () => {
    const [first, second] = [alert('spree', 'bob', ['b1']), alert('spree', 'bob', ['b1'])];
    const { campaigns, besides, wrong } = score(truths, [first, second], idOf);
    expect(campaigns[1]!.alert).toBe(first);
    expect([besides, wrong]).toEqual([[second], []]);
  });

  it('a group with an additional field is a different group', () => {
    const wider = { ...alert('spree', 'bob', ['b1']), group: { 'user.id': 'bob', 'source.ip': '203.0.113.9' } };
    expect(score(truths, [wider], idOf).campaigns[1]!.alert).toBeUndefined();
  });
});
