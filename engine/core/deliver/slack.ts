/**
 * A Slack incoming webhook. What comes from an event is text and nothing else: `&`, `<` and `>` are escaped, as Slack
 * asks for, so that a user name `<!channel>` calls nobody; the rest of the markup is kept out of it by plain_text
 * blocks, and by a fallback text that is said to hold none.
 */
import type { Alert } from '../alert/alert.ts';
import { clip } from './shrink.ts';
import type { WebhookEvent } from './target.ts';

const marks = { critical: '🔴', high: '🟠', medium: '🟡', low: '🔵', informational: '⚪' } as const;

/** In characters, escapes included. Slack refuses headers over 150, sections over 3,000 and more than ten fields. */
const fallbackMax = 300;
const headerMax = 150;
const sectionMax = 2900;
const fieldMax = 200;
const fieldsMax = 10;

/** Nor does a text steer the reader's screen: control characters, and those that turn the direction of writing. */
const escaped = (text: string): string =>
  text
    .replace(/[^\P{Cc}\n\t]|[\u202A-\u202E\u2066-\u2069]/gu, '\uFFFD')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');

const plainText = (text: string, length: number) => ({ type: 'plain_text', text: escapedWithin(text, length), emoji: false });

/** Never ends inside of an escape. */
function escapedWithin(text: string, length: number): string {
  let kept = clip(text, length);
  while (escaped(kept).length > length) kept = clip(kept, Math.max(1, kept.length - Math.ceil((escaped(kept).length - length) / 5)));
  return escaped(kept);
}

export function slackBody(alert: Alert, event: WebhookEvent): string {
  const { rule } = alert;
  const closed = event === 'alert.closed';
  const heading = `${closed ? '✅' : marks[rule.level]} ${closed ? 'Closed: ' : ''}${rule.title}`;
  const fields = [['Level', rule.level], ['Rule', rule.id], ['Count', String(alert.count)], ...Object.entries(alert.group)].slice(
    0,
    fieldsMax,
  );
  const told = alert.message === '' ? alert.reason : alert.message;
  return JSON.stringify({
    text: escapedWithin(`${heading}: ${told}`, fallbackMax),
    mrkdwn: false,
    blocks: [
      { type: 'header', text: plainText(heading, headerMax) },
      ...(told === '' ? [] : [{ type: 'section', text: plainText(told, sectionMax) }]),
      { type: 'section', fields: fields.map(([name, value]) => plainText(`${clip(name!, 40)}: ${value!}`, fieldMax)) },
      { type: 'context', elements: [plainText(`${alert.id} · ${alert.created}`, 200)] },
    ],
  });
}
