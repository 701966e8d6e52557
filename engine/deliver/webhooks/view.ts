/** A target as the API shows it: of each secret the last four characters only. */
import type { JsonObject } from '../../core/event.ts';
import type { WebhookTarget } from '../../core/deliver/target.ts';
import type { WebhookView } from '../../runtime/deliver/service.ts';
import type { Failing, KnownTarget } from '../../runtime/deliver/ports.ts';

/** Masks a secret. A short one is masked completely, since four characters would reveal too much of it. */
const masked = (secret: string): string => `****${secret.length >= 16 ? secret.slice(-4) : ''}`;

/** The path of a Slack webhook is a secret: anyone who knows it can post to the channel. */
function shownUrl({ url, form }: Pick<WebhookTarget, 'url' | 'form'>): string {
  return form === 'slack' && url !== '' ? `${new URL(url).origin}/${masked(url)}` : url;
}

export type Circumstances = { readonly failing: Failing | undefined; readonly waiting: number; readonly warnings: readonly string[] };

export function viewOf(target: KnownTarget, { failing, waiting, warnings }: Circumstances): WebhookView {
  const { id, form, source, disabled, routingKey, minLevel, rules, tags, events, evidence } = target;
  return {
    id,
    url: shownUrl(target),
    form,
    source,
    enabled: disabled === undefined,
    ...(disabled === undefined ? {} : { disabled }),
    ...(failing === undefined ? {} : { failing }),
    secrets: target.secrets.map(({ secret, untilMs }) => ({
      secret: masked(secret),
      ...(untilMs === undefined ? {} : { until: new Date(untilMs).toISOString() }),
    })),
    ...(routingKey === undefined ? {} : { routing_key: masked(routingKey) }),
    headers: Object.fromEntries(Object.entries(target.headers).map(([name, value]) => [name, masked(value)])),
    min_level: minLevel,
    rules,
    tags,
    events,
    evidence,
    waiting,
    warnings,
  };
}

/** A target in the form of its input, as the base that changes are merged into. */
export function inputOf({
  id,
  url,
  form,
  secrets,
  routingKey,
  headers,
  minLevel,
  rules,
  tags,
  events,
  evidence,
}: WebhookTarget): JsonObject {
  return {
    id,
    url,
    form,
    ...(secrets.length === 0 ? {} : { secret: secrets.map(({ secret }) => secret) }),
    ...(routingKey === undefined ? {} : { routing_key: routingKey }),
    headers,
    min_level: minLevel,
    rules: [...rules],
    tags: [...tags],
    events: [...events],
    evidence,
  };
}
