/** Webhooks as the API configures them, behind /v1/webhooks. No answer contains a secret, except one that Weir has just made. */
import type { TargetProblem } from '../../compile/deliver/webhook-target.ts';
import type { JsonObject } from '../../core/event.ts';
import type { Level } from '../../core/rule.ts';
import type { WebhookEvent, WebhookForm } from '../../core/deliver/target.ts';
import type { Disabled, Failing } from './ports.ts';

export type WebhookView = {
  readonly id: string;
  /** For Slack, only the origin and the last four characters: the rest of the URL is a secret. */
  readonly url: string;
  readonly form: WebhookForm;
  readonly source: 'file' | 'api';
  readonly enabled: boolean;
  readonly disabled?: Disabled;
  readonly failing?: Failing;
  /** `****` and the last four characters of each, the newest first. `until`: when an old secret stops signing. */
  readonly secrets: readonly { readonly secret: string; readonly until?: string }[];
  readonly routing_key?: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly min_level: Level;
  readonly rules: readonly string[];
  readonly tags: readonly string[];
  readonly events: readonly WebhookEvent[];
  readonly evidence: boolean;
  /** Deliveries that are waiting to be made. */
  readonly waiting: number;
  /** Settings that are valid but probably not intended, one sentence each. */
  readonly warnings: readonly string[];
};

/** Includes the secret if Weir made it. It is never shown again. */
export type MadeWebhook = WebhookView & { readonly secret?: string };

export const deliveryStates = ['waiting', 'delivered', 'failed'] as const;
export type DeliveryState = (typeof deliveryStates)[number];

export type DeliveryView = {
  /** The webhook-id of the message. */
  readonly id: string;
  readonly alert: string;
  readonly event: WebhookEvent;
  readonly state: DeliveryState;
  readonly attempts: number;
  readonly queued: string;
  readonly last_attempt?: string;
  readonly next_attempt?: string;
  /** Why the last attempt failed, if it did. */
  readonly because?: string;
  readonly status?: number;
};

export type WebhookTrial = {
  readonly delivered: boolean;
  readonly result: string;
  readonly status?: number;
  readonly because: string;
  readonly ms: number;
};

/** Why a change was not made. */
export type NotDone =
  | { readonly kind: 'none' | 'exists' | 'full' | 'in-file' | 'sealed' }
  | { readonly kind: 'invalid'; readonly problems: readonly TargetProblem[] };
export type Done<T> = { readonly kind: 'done'; readonly value: T };

export type WebhookService = {
  list(): Promise<WebhookView[]>;
  get(id: string): Promise<WebhookView | undefined>;
  create(input: JsonObject): Promise<Done<MadeWebhook> | NotDone>;
  /** `enabled` switches it on or off; the other keys replace the target's. */
  change(id: string, input: JsonObject & { readonly enabled?: boolean }): Promise<Done<WebhookView> | NotDone>;
  remove(id: string): Promise<Done<undefined> | NotDone>;
  /** The old secret signs next to the new one for `keepMs`. Without `secret`, Weir makes one. */
  rotate(id: string, secret: string | undefined, keepMs: number): Promise<Done<MadeWebhook> | NotDone>;
  /** Sends a sample alert, now and once. */
  test(id: string): Promise<WebhookTrial | undefined>;
  /** The newest first. */
  deliveries(id: string, state: DeliveryState | undefined, max: number): Promise<DeliveryView[] | undefined>;
  /** Delivers again, now, with a full set of attempts. False: there is no such delivery, or it is under way. */
  replay(id: string, delivery: string): Promise<boolean>;
};
