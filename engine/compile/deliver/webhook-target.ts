/**
 * Reads one webhook target, from a file or a request → WebhookTarget, or all problems, each with its path. No message
 * contains a secret.
 */
import { closest } from '../../core/util/closest.ts';
import { limits } from '../../core/limits.ts';
import { levels } from '../../core/rule.ts';
import { pagerdutyUrl } from '../../core/deliver/pagerduty.ts';
import { secretBytes, secretExpectation } from '../../core/deliver/signature.ts';
import { targetIdShape, webhookEvents, webhookForms, type WebhookForm, type WebhookTarget } from '../../core/deliver/target.ts';
import { readTargetUrl, type EgressAllow } from './egress.ts';

/** `path`: keys and indexes, starting at the target. */
export type TargetProblem = { readonly path: readonly (string | number)[]; readonly message: string };
export type TargetReading =
  | { readonly target: WebhookTarget; readonly problems: readonly [] }
  | { readonly target: undefined; readonly problems: readonly TargetProblem[] };

const keys = ['id', 'url', 'form', 'secret', 'routing_key', 'headers', 'min_level', 'rules', 'tags', 'events', 'evidence'] as const;
export type TargetKey = (typeof keys)[number];

/** Services that keep incidents open are also notified when an alert is closed. */
const eventsByDefault: Readonly<Record<WebhookForm, WebhookTarget['events']>> = {
  standard: ['alert.created'],
  slack: ['alert.created'],
  pagerduty: webhookEvents,
  alertmanager: webhookEvents,
};

const listMax = 200;
const textMax = 512;
const headersMax = 10;
/** Headers that Weir sets, and those that determine where a message ends. */
const ownHeaders = /^(?:webhook-.*|host|content-.*|transfer-encoding|connection|upgrade|te|trailer|expect|keep-alive|proxy-.*|user-agent)$/;

export function readTarget(value: unknown, allow: EgressAllow): TargetReading {
  const problems: TargetProblem[] = [];
  const problem = (path: TargetProblem['path'], message: string): undefined => void problems.push({ path, message });
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { target: undefined, problems: [{ path: [], message: 'a target must be a map with id and url' }] };
  }
  const given = new Map(Object.entries(value));
  for (const key of given.keys()) {
    if ((keys as readonly string[]).includes(key)) continue;
    const near = closest(key, keys);
    problem([key], `unknown key ${JSON.stringify(key)}${near === undefined ? '' : `; did you mean ${near}?`}`);
  }

  function text(key: TargetKey): string | undefined {
    const found = given.get(key);
    if (found === undefined || (typeof found === 'string' && found !== '' && found.length <= 2048)) return found;
    return problem([key], 'must be text');
  }
  function oneOf<T extends string>(key: TargetKey, known: readonly T[], byDefault: T): T {
    const found = given.get(key) ?? byDefault;
    if (known.includes(found as T)) return found as T;
    problem([key], `must be one of ${known.join(', ')}`);
    return byDefault;
  }
  function list<T extends string>(key: TargetKey, byDefault: readonly T[], known?: readonly T[]): readonly T[] {
    const found = given.get(key) ?? byDefault;
    if (!Array.isArray(found) || found.length > listMax) {
      problem([key], `must be a list of at most ${listMax} texts`);
      return byDefault;
    }
    found.forEach((item: unknown, index) => {
      if (typeof item !== 'string' || item === '' || item.length > textMax) problem([key, index], 'must be text');
      else if (known !== undefined && !known.includes(item as T)) problem([key, index], `must be one of ${known.join(', ')}`);
    });
    return found as T[];
  }

  function secrets(): WebhookTarget['secrets'] {
    const found = given.get('secret') ?? [];
    const texts: unknown[] = Array.isArray(found) ? found : [found];
    if (texts.length > 2) problem(['secret'], 'must be at most two: the new secret, and the one it replaces');
    texts.forEach((one, index) => {
      const path = Array.isArray(found) ? ['secret', index] : ['secret'];
      if (typeof one !== 'string' || secretBytes(one) === undefined) problem(path, `must be ${secretExpectation}`);
    });
    if (form === 'standard' && texts.length === 0) problem(['secret'], `is required: ${secretExpectation}`);
    return texts.map((one) => ({ secret: String(one) }));
  }
  function headers(): WebhookTarget['headers'] {
    const found = given.get('headers') ?? {};
    if (typeof found !== 'object' || found === null || Array.isArray(found) || Object.keys(found).length > headersMax) {
      problem(['headers'], `must be a map of at most ${headersMax} headers`);
      return {};
    }
    const good = new Map<string, string>();
    for (const [name, held] of Object.entries(found)) {
      const lower = name.toLowerCase();
      if (!/^[a-z0-9][a-z0-9_-]{0,63}$/.test(lower) || lower === '__proto__' || ownHeaders.test(lower)) {
        problem(['headers', name], 'is not a header that can be set');
      } else if (typeof held !== 'string' || !/^[\x20-\x7e]{1,1024}$/.test(held)) {
        problem(['headers', name], 'must be 1 to 1024 printable ASCII characters');
      } else good.set(lower, held);
    }
    return Object.fromEntries(good);
  }

  function evidence(): boolean {
    // By default only the operator's own receivers get evidence, not third-party services.
    const found = given.get('evidence') ?? form === 'standard';
    return typeof found === 'boolean' ? found : (problem(['evidence'], 'must be true or false') ?? false);
  }

  const form = oneOf('form', webhookForms, 'standard');
  const id = text('id');
  if (id === undefined) problem(['id'], 'is required');
  else if (!targetIdShape.test(id)) problem(['id'], 'must be 1 to 64 characters from a-z, 0-9 and -');
  const given_url = text('url') ?? (form === 'pagerduty' ? pagerdutyUrl : undefined);
  const url = given_url === undefined ? { refusal: 'is required' } : readTargetUrl(given_url, allow);
  if ('refusal' in url) problem(['url'], url.refusal);
  const routingKey = text('routing_key');
  if (form === 'pagerduty' && routingKey === undefined) problem(['routing_key'], "is required: the integration's key");
  if (form !== 'pagerduty' && routingKey !== undefined) problem(['routing_key'], 'is only allowed with the form pagerduty');
  const target: WebhookTarget = {
    id: id ?? '',
    url: 'url' in url ? url.url : '',
    form,
    secrets: secrets(),
    ...(routingKey === undefined ? {} : { routingKey }),
    headers: headers(),
    minLevel: oneOf('min_level', levels, levels[0]),
    rules: list('rules', []),
    tags: list('tags', []),
    events: list('events', eventsByDefault[form], webhookEvents),
    evidence: evidence(),
  };
  if (target.events.length === 0) problem(['events'], 'must not be empty: nothing would ever be sent');
  return problems.length === 0 ? { target, problems: [] } : { target: undefined, problems };
}

/** The problem with the number of targets; undefined if there is none. */
export const tooMany = (count: number): string | undefined =>
  count > limits.webhookTargetsMax ? `more than ${limits.webhookTargetsMax} webhook targets` : undefined;
