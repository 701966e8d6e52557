/** The exact body in each form, and that text from events stays plain text. */
import { describe, expect, it } from 'vitest';
import { bodyOf } from '../../../engine/core/deliver/body.ts';
import { sampleAlert } from '../../../engine/core/deliver/sample.ts';
import { webhookForms, type WebhookEvent, type WebhookForm } from '../../../engine/core/deliver/target.ts';
import { alertOf } from '../../support/alerts.ts';

const alert = alertOf('golden', { level: 'critical', message: 'Five cards, one address', count: 7 });
/** When the events happened: after the alert was last seen. */
const at = '2026-01-01T15:30:00.000Z';
const sent = (form: WebhookForm, event: WebhookEvent, one = alert, evidence = true): unknown =>
  JSON.parse(bodyOf({ id: 'soc', form, routingKey: 'R0UT1NGK3Y', evidence }, one, event, at)) as unknown;

describe('standard', () => {
  it('has this body for a new alert', () => {
    expect(sent('standard', 'alert.created')).toEqual({ type: 'alert.created', timestamp: '2026-01-01T12:00:00.000Z', data: alert });
  });
  it('has this body for a closed alert', () => {
    expect(sent('standard', 'alert.closed', { ...alert, status: 'closed' })).toMatchObject({
      type: 'alert.closed',
      data: { status: 'closed' },
    });
  });
});

it('without evidence, the body has no raw events, and counts the missing ones', () => {
  const data = { ...alert, events: [], events_cut: 1 };
  expect(sent('standard', 'alert.created', alert, false)).toMatchObject({ data });
  expect(sent('pagerduty', 'alert.created', alert, false)).toMatchObject({ payload: { custom_details: data } });
});

it.each(webhookForms)("%s: removes Weir's own secrets from event data, even where texts are cut", (form) => {
  const secret = `weir_${'0123456789'.repeat(4)}`;
  const { events } = alert;
  for (let before = 2900; before < 3000; before += 10) {
    const leaky = { ...alert, message: `${'x'.repeat(before)}${secret}`, events: [{ ...events[0], header: secret }] };
    expect(JSON.stringify(sent(form, 'alert.created', leaky)), `after ${before}`).not.toMatch(/weir_0123|0123456789/);
  }
});

describe('slack', () => {
  const plain = (text: string) => ({ type: 'plain_text', text, emoji: false });
  it('has this body for a new alert', () => {
    expect(sent('slack', 'alert.created')).toEqual({
      text: '🔴 Card testing: Five cards, one address',
      mrkdwn: false,
      blocks: [
        { type: 'header', text: plain('🔴 Card testing') },
        { type: 'section', text: plain('Five cards, one address') },
        {
          type: 'section',
          fields: [plain('Level: critical'), plain('Rule: card-testing'), plain('Count: 7'), plain('source.ip: 203.0.113.9')],
        },
        { type: 'context', elements: [plain('al_golden · 2026-01-01T12:00:00.000Z')] },
      ],
    });
  });
  it('has this body for a closed alert', () => {
    expect(sent('slack', 'alert.closed')).toMatchObject({ text: '✅ Closed: Card testing: Five cards, one address' });
  });
  it('has this body for a reopened alert', () => {
    expect(sent('slack', 'alert.reopened')).toMatchObject({ text: '🔴 Reopened: Card testing: Five cards, one address' });
  });
  it('has no mentions, links or bidi overrides from event data', () => {
    const hostile = '<!channel> <@U123> <https://evil.example|your bank> &lt;!here&gt; \u202Etxt\u0007';
    const body = bodyOf(
      { id: 'soc', form: 'slack', evidence: true },
      alertOf('a', { message: hostile, group: { [hostile]: hostile } }),
      'alert.created',
      at,
    );
    for (const character of ['<', '>', '\u202E', '\u0007', '\\u0007']) expect(body).not.toContain(character);
    expect(body).toContain('&lt;!channel&gt; &lt;@U123&gt; &lt;https://evil.example|your bank&gt; &amp;lt;!here&amp;gt;');
  });
  it("keeps to Slack's length limits, and does not cut within an escape", () => {
    const long = '<'.repeat(5000);
    const body = bodyOf(
      { id: 'soc', form: 'slack', evidence: true },
      alertOf('a', { message: long, group: { [long]: long } }),
      'alert.created',
      at,
    );
    const texts = [...body.matchAll(/"text":"([^"]*)"/g)].map(([, text]) => text!);
    expect(Math.max(...texts.map((text) => text.length))).toBeLessThanOrEqual(2900);
    for (const text of texts.filter((one) => one.startsWith('&'))) expect(text).toMatch(/^(?:&lt;|…|: )+$/);
  });
});

describe('pagerduty', () => {
  it('has this body for a new alert', () => {
    expect(sent('pagerduty', 'alert.created')).toEqual({
      routing_key: 'R0UT1NGK3Y',
      dedup_key: 'al_golden',
      event_action: 'trigger',
      client: 'Weir',
      payload: {
        summary: 'Card testing: Five cards, one address',
        source: '203.0.113.9',
        severity: 'critical',
        timestamp: '2026-01-01T12:00:00.000Z',
        component: 'card-testing',
        group: 'source.ip',
        class: 'critical',
        custom_details: alert,
      },
    });
  });
  it('has this body for a closed alert', () => {
    expect(sent('pagerduty', 'alert.closed')).toEqual({ routing_key: 'R0UT1NGK3Y', dedup_key: 'al_golden', event_action: 'resolve' });
  });
  it('has the same body for a reopened alert as for a new one: a trigger of the same incident', () => {
    expect(sent('pagerduty', 'alert.reopened')).toEqual(sent('pagerduty', 'alert.created'));
  });
  it.each([
    ['critical', 'critical'],
    ['high', 'error'],
    ['medium', 'warning'],
    ['low', 'info'],
    ['informational', 'info'],
  ] as const)('maps the level %s to the severity %s', (level, severity) => {
    expect(sent('pagerduty', 'alert.created', alertOf('a', { level }))).toMatchObject({ payload: { severity } });
  });
  it("keeps to PagerDuty's length limits", () => {
    const body = sent('pagerduty', 'alert.created', alertOf('a', { message: 'm'.repeat(5000), group: { g: 'v'.repeat(3000) } })) as {
      payload: { summary: string; source: string };
    };
    expect(body.payload.summary).toHaveLength(1024);
    expect(body.payload.source).toHaveLength(255);
  });
});

describe('alertmanager', () => {
  const labels = { source_ip: '203.0.113.9', alertname: 'card-testing', severity: 'critical' };
  const annotations = { summary: 'Card testing', description: 'Five cards, one address', alert_id: 'al_golden', count: '7' };
  const body = (status: string, endsAt: string) => ({
    version: '4',
    groupKey: '{}:{alertname="card-testing"}/al_golden',
    truncatedAlerts: 0,
    status,
    receiver: 'soc',
    groupLabels: { alertname: 'card-testing' },
    commonLabels: labels,
    commonAnnotations: annotations,
    externalURL: '',
    alerts: [{ status, labels, annotations, startsAt: '2026-01-01T12:00:00.000Z', endsAt, generatorURL: '', fingerprint: 'al_golden' }],
  });
  it('has this body for a new alert', () => {
    expect(sent('alertmanager', 'alert.created')).toEqual(body('firing', '0001-01-01T00:00:00Z'));
  });
  it('has this body for a closed alert', () => {
    expect(sent('alertmanager', 'alert.closed')).toEqual(body('resolved', at));
  });
  it('has this body for a reopened alert', () => {
    expect(sent('alertmanager', 'alert.reopened')).toEqual(body('firing', '0001-01-01T00:00:00Z'));
  });
  it('has label names that are valid in Prometheus', () => {
    const { alerts } = sent('alertmanager', 'alert.created', alertOf('a', { group: { '9.ünter-x': 'v' } })) as {
      alerts: [{ labels: object }];
    };
    for (const name of Object.keys(alerts[0].labels)) expect(name).toMatch(/^[a-zA-Z_][a-zA-Z0-9_]*$/);
  });
});

it.each(webhookForms)('a test delivery in the form %s says that it is a test', (form) => {
  expect(
    bodyOf({ id: 't', form, routingKey: 'k', evidence: true }, sampleAlert('al_test1', '2026-01-01T00:00:00.000Z'), 'alert.created', at),
  ).toContain('A test of this webhook');
});
