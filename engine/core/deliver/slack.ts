/**
 * The body for a Slack incoming webhook. Text from events stays plain text: `&`, `<` and `>` are escaped as Slack
 * requires, so that a user name `<!channel>` notifies nobody; other markup has no effect in plain_text blocks, nor in the
 * fallback text, where it is turned off.
 */
import type { Alert } from '../alert/alert.ts';
import { clip } from './shrink.ts';
import type { WebhookEvent } from './target.ts';

const marks = { critical: '🔴', high: '🟠', medium: '🟡', low: '🔵', informational: '⚪' } as const;

const prefixes: Readonly<Record<WebhookEvent, string>> = {
  'alert.created': '',
  'alert.closed': 'Closed: ',
  'alert.reopened': 'Reopened: ',
};

/** In characters, including escapes. Slack refuses headers over 150, sections over 3,000, and more than ten fields. */
const fallbackMax = 300;
const headerMax = 150;
const sectionMax = 2900;
const fieldMax = 200;
const fieldsMax = 10;

/** Escapes Slack's markup, and replaces control characters and those that change the direction of writing. */
const escaped = (text: string): string =>
  text
    .replace(/[^\P{Cc}\n\t]|[\u202A-\u202E\u2066-\u2069]/gu, '\uFFFD')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');

const plainText = (text: string, length: number) => ({ type: 'plain_text', text: escapedWithin(text, length), emoji: false });

/** Escapes and cuts a text, never within an escape. */
function escapedWithin(text: string, length: number): string {
  let kept = clip(text, length);
  while (escaped(kept).length > length) kept = clip(kept, Math.max(1, kept.length - Math.ceil((escaped(kept).length - length) / 5)));
  return escaped(kept);
}

export function slackBody(alert: Alert, event: WebhookEvent): string {
  const { rule } = alert;
  const heading = `${event === 'alert.closed' ? '✅' : marks[rule.level]} ${prefixes[event]}${rule.title}`;
  const fields = [['Level', rule.level], ['Rule', rule.id], ['Count', String(alert.count)], ...Object.entries(alert.group)].slice(
    0,
    fieldsMax,
  );
  const why = alert.message === '' ? alert.reason : alert.message;
  return JSON.stringify({
    text: escapedWithin(`${heading}: ${why}`, fallbackMax),
    mrkdwn: false,
    blocks: [
      { type: 'header', text: plainText(heading, headerMax) },
      ...(why === '' ? [] : [{ type: 'section', text: plainText(why, sectionMax) }]),
      { type: 'section', fields: fields.map(([name, value]) => plainText(`${clip(name!, 40)}: ${value!}`, fieldMax)) },
      { type: 'context', elements: [plainText(`${alert.id} · ${alert.created}`, 200)] },
    ],
  });
}
