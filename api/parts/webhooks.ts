/** Opens webhooks for the API: the service behind `/v1/webhooks`, and the fan-out into the queues. Workers deliver what is queued. */
import type { Cleanup } from '../../engine/cleanup.ts';
import { nothingAllowed, type EgressAllow } from '../../engine/compile/deliver/egress.ts';
import type { WebhookTarget } from '../../engine/core/deliver/target.ts';
import type { RuleStatus } from '../../engine/core/deliver/rule-warnings.ts';
import type { Redis } from '../../engine/redis/connection.ts';
import { sealWith } from '../../engine/redis/access/seal.ts';
import { openWebhookTargets } from '../../engine/redis/deliver/webhooks.ts';
import type { Meter } from '../../engine/runtime/metering/meter.ts';
import type { WebhookService } from '../../engine/runtime/deliver/service.ts';
import type { FanOut } from '../../engine/runtime/deliver/ports.ts';
import { openWebhookService } from '../../engine/deliver/webhooks/service.ts';
import { fanOut } from '../../engine/deliver/webhooks/fan-out.ts';
import { openWebhookQueues } from '../../engine/deliver/webhooks/queues.ts';
import { sender } from '../../engine/deliver/webhooks/send.ts';

export type WebhookSettings = {
  readonly ofFile: readonly WebhookTarget[];
  readonly allow: EgressAllow;
  readonly sealKey: string | undefined;
};

type Deps = {
  readonly webhookSettings?: WebhookSettings;
  readonly rules: { list(): Promise<{ readonly rules: readonly RuleStatus[] }> };
  readonly meter: Meter;
};
type WebhookParts = { readonly webhooks: WebhookService; readonly fanOut: FanOut };

export function openWebhooks(redis: Redis, { webhookSettings, rules: view, meter }: Deps, cleanup: Cleanup): WebhookParts {
  const { ofFile, allow, sealKey } = webhookSettings ?? { ofFile: [], allow: nothingAllowed, sealKey: undefined };
  const targets = openWebhookTargets(redis, { ofFile, seal: sealWith(sealKey) });
  const queues = cleanup.use(openWebhookQueues(redis));
  const rules = async () => (await view.list()).rules;
  return {
    webhooks: openWebhookService({ targets, queues, send: sender({ allow }), allow, rules, now: Date.now }),
    fanOut: fanOut({ targets, queues, meter }),
  };
}
