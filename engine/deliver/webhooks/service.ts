/** Implements the webhook service of the API (engine/runtime/deliver/service.ts). */
import { randomBytes } from 'node:crypto';
import type { EgressAllow } from '../../compile/deliver/egress.ts';
import { readTarget, type TargetReading } from '../../compile/deliver/webhook-target.ts';
import type { JsonObject } from '../../core/event.ts';
import { secretBytes, secretExpectation, secretOf } from '../../core/deliver/signature.ts';
import { webhookForms, type WebhookTarget } from '../../core/deliver/target.ts';
import { warningsOf, type RuleStatus } from '../../core/deliver/rule-warnings.ts';
import type { MadeWebhook, NotDone, WebhookService, WebhookView } from '../../runtime/deliver/service.ts';
import type { KnownTarget, WebhookTargets } from '../../runtime/deliver/ports.ts';
import { deliveriesOf, replay } from './deliveries.ts';
import type { WebhookQueues } from './queues.ts';
import type { Send } from './send.ts';
import { tryTarget } from './attempt.ts';
import { inputOf, viewOf } from './view.ts';

export type WebhookServiceDeps = {
  readonly targets: WebhookTargets;
  readonly queues: WebhookQueues;
  readonly send: Send;
  readonly allow: EgressAllow;
  /** The running rules, live or not. */
  readonly rules: () => Promise<readonly RuleStatus[]>;
  readonly now: () => number;
};

const newSecret = (): string => secretOf(randomBytes(32));

export function openWebhookService({ targets, queues, send, allow, rules, now }: WebhookServiceDeps): WebhookService {
  const find = async (id: string): Promise<KnownTarget | undefined> => (await targets.current()).find((one) => one.id === id);

  async function view(target: KnownTarget): Promise<WebhookView> {
    const [failing, waiting, running] = await Promise.all([targets.failing(), queues.waiting(target.id), rules()]);
    return viewOf(target, { failing: failing.get(target.id), waiting, warnings: warningsOf(target, running) });
  }

  /** The target, if the API may change it. */
  async function own(id: string): Promise<KnownTarget | NotDone> {
    const target = await find(id);
    if (target === undefined) return { kind: 'none' };
    return target.source === 'file' ? { kind: 'in-file' } : target;
  }

  const read = (input: JsonObject): TargetReading => readTarget(input, allow);
  const invalid = ({ problems }: TargetReading): NotDone => ({ kind: 'invalid', problems });

  return {
    async list() {
      const all = await targets.current();
      await queues.keepOnly(all.map(({ id }) => id));
      return Promise.all(all.map(view));
    },

    async get(id) {
      const target = await find(id);
      return target === undefined ? undefined : view(target);
    },

    async create(input) {
      const form = webhookForms.find((known) => known === input['form']) ?? 'standard';
      const made = input['secret'] === undefined && form === 'standard' ? newSecret() : undefined;
      const id = input['id'] ?? `wh-${randomBytes(8).toString('hex')}`;
      const reading = read({ ...input, id, ...(made === undefined ? {} : { secret: made }) });
      if (reading.target === undefined) return invalid(reading);
      const kind = await targets.create(reading.target);
      if (kind !== 'created') return { kind };
      const shown = await view({ ...reading.target, source: 'api' });
      return { kind: 'done', value: made === undefined ? shown : { ...shown, secret: made } };
    },

    async change(id, { enabled, ...changes }) {
      const known = await find(id);
      if (known === undefined) return { kind: 'none' };
      if (Object.keys(changes).length > 0) {
        if (known.source === 'file') return { kind: 'in-file' };
        if (known.url === '') return { kind: 'sealed' };
        const reading = read({ ...inputOf(known), ...changes });
        if (reading.target === undefined) return invalid(reading);
        await targets.replace({ ...reading.target, secrets: known.secrets });
      }
      if (enabled === false && known.disabled === undefined) {
        await targets.disable(id, { at: new Date(now()).toISOString(), because: 'disabled through the API' });
      }
      if (enabled === true) {
        await targets.enable(id);
        await queues.of(id).removeRateLimitKey();
      }
      const changed = await find(id);
      return changed === undefined ? { kind: 'none' } : { kind: 'done', value: await view(changed) };
    },

    async remove(id) {
      const target = await own(id);
      if ('kind' in target) return target;
      await targets.remove(id);
      await queues.remove(id);
      return { kind: 'done', value: undefined };
    },

    async rotate(id, given, keepMs) {
      const target = await own(id);
      if ('kind' in target) return target;
      if (target.url === '') return { kind: 'sealed' };
      if (given !== undefined && secretBytes(given) === undefined) {
        return { kind: 'invalid', problems: [{ path: ['secret'], message: `must be ${secretExpectation}` }] };
      }
      const secret = given ?? newSecret();
      const [old] = target.secrets;
      const kept = old === undefined || keepMs === 0 ? [] : [{ secret: old.secret, untilMs: now() + keepMs }];
      const rotated: KnownTarget = { ...target, secrets: [{ secret }, ...kept] };
      await targets.replace(stored(rotated));
      const shown: MadeWebhook = await view(rotated);
      return { kind: 'done', value: given === undefined ? { ...shown, secret } : shown };
    },

    async test(id) {
      const target = await find(id);
      if (target?.url === '') return { delivered: false, result: 'refused', because: target.disabled?.because ?? '', ms: 0 };
      return target === undefined ? undefined : tryTarget(send, target, now());
    },

    async deliveries(id, state, max) {
      return (await find(id)) === undefined ? undefined : deliveriesOf(queues.of(id), state, max);
    },

    async replay(id, delivery) {
      return (await find(id)) !== undefined && replay(queues.of(id), delivery, now());
    },
  };
}

function stored({ source: _source, disabled: _disabled, ...target }: KnownTarget): WebhookTarget {
  return target;
}
