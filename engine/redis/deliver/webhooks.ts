/**
 * Webhook targets and their health. Targets created by the API are stored here; those of the configuration file are merged
 * in, and win where both have the same id. Whether a target is paused, and its failures, are stored here for both.
 *
 * Forwarding asks for the targets with every batch. A version number says whether anything has changed, and only then is
 * anything else read. So this is cheap, and a target that was just created misses no alert.
 */
import { limits } from '../../core/limits.ts';
import type { WebhookTarget } from '../../core/deliver/target.ts';
import type { Disabled, Failing, KnownTarget, WebhookTargets } from '../../runtime/deliver/ports.ts';
import { commandsOn, type Commands, type RedisNodes } from '../commands.ts';
import { command, type CommandCall } from '../commands/call.ts';
import { keys } from '../keys.ts';
import { sealWith, type Seal } from '../access/seal.ts';

export type WebhookTargetsOptions = {
  readonly ofFile?: readonly WebhookTarget[];
  /** Default: none. */
  readonly seal?: Seal;
};

const sealedElsewhere = 'its secrets were sealed with another WEIR_WEBHOOKS_KEY than this process has';

export function openWebhookTargets(
  nodes: RedisNodes,
  { ofFile = [], seal = sealWith(undefined) }: WebhookTargetsOptions = {},
): WebhookTargets {
  const redis = commandsOn(nodes);
  const inFile = new Set(ofFile.map(({ id }) => id));
  let known: { readonly version: string | null; readonly targets: readonly KnownTarget[] } | undefined;

  async function current(): Promise<readonly KnownTarget[]> {
    const version = await redis.ask<string | null>(command('get', keys.webhookVersion));
    if (known !== undefined && known.version === version) return known.targets;
    const [own, disabled] = await rowsOf(redis, keys.webhookTargets, keys.webhooksDisabled);
    const ofApi = [...own!.values()].map((text) => targetOfRecord(text, seal)).filter(({ target }) => !inFile.has(target.id));
    const off = (id: string) => (disabled!.has(id) ? { disabled: JSON.parse(disabled!.get(id)!) as Disabled } : {});
    const targets: KnownTarget[] = [
      ...ofFile.map((target) => ({ ...target, source: 'file' as const, ...off(target.id) })),
      ...ofApi.map(({ target, readable }) => ({
        ...target,
        source: 'api' as const,
        ...(readable ? off(target.id) : { disabled: { because: sealedElsewhere } }),
      })),
    ].sort((a, b) => (a.id < b.id ? -1 : 1));
    known = { version, targets };
    return targets;
  }

  /** Makes a change and raises the version number, in one step. */
  const change = (...calls: readonly CommandCall[]): Promise<unknown[]> => redis.transact([...calls, command('incr', keys.webhookVersion)]);

  /** The calls that clear the failures of a target that is on again, or deleted. */
  const forgetFailures = (id: string): CommandCall[] =>
    [keys.webhooksDisabled, keys.webhookFailures, keys.webhookFailed].map((key) => command('hdel', key, id));

  return {
    current,
    async create(target) {
      const all = await current();
      if (all.some(({ id }) => id === target.id)) return 'exists';
      if (all.length >= limits.webhookTargetsMax) return 'full';
      const [made] = await change(command('hsetnx', keys.webhookTargets, target.id, recordOf(target, seal)));
      return made === 1 ? 'created' : 'exists';
    },
    async replace(target) {
      if ((await redis.ask(command('hexists', keys.webhookTargets, target.id))) === 0) return false;
      await change(command('hset', keys.webhookTargets, target.id, recordOf(target, seal)));
      return true;
    },
    async remove(id) {
      const [removed] = await change(command('hdel', keys.webhookTargets, id), ...forgetFailures(id));
      return removed === 1;
    },
    async disable(id, disabled) {
      await change(command('hset', keys.webhooksDisabled, id, JSON.stringify(disabled)));
    },
    async enable(id) {
      await change(...forgetFailures(id));
    },
    async failed(id, at, because) {
      const [failures] = await redis.send([
        command('hincrby', keys.webhookFailures, id, 1),
        command('hset', keys.webhookFailed, id, JSON.stringify({ at, because })),
      ]);
      return Number(failures);
    },
    async delivered(id) {
      await redis.send([command('hdel', keys.webhookFailures, id), command('hdel', keys.webhookFailed, id)]);
    },
    async failing() {
      const [counts, last] = await rowsOf(redis, keys.webhookFailures, keys.webhookFailed);
      return new Map(
        [...counts!].map(([id, failures]): [string, Failing] => {
          const { at = '', because = '' } = JSON.parse(last!.get(id) ?? '{}') as Partial<Failing>;
          return [id, { failures: Number(failures), at, because }];
        }),
      );
    },
  };
}

/** Hashes as Maps, because an id may be the name of something that objects inherit. */
async function rowsOf(redis: Commands, ...hashes: readonly string[]): Promise<ReadonlyMap<string, string>[]> {
  const answers = await redis.send<Record<string, string>>(hashes.map((key) => command('hgetall', key)));
  return answers.map((row) => new Map(Object.entries(row)));
}

/** A webhook target of the API as it is stored: its secret parts, including its address, are separate and sealed. */
type Secret = Pick<WebhookTarget, 'url' | 'secrets' | 'headers' | 'routingKey'>;
type Stored = Omit<WebhookTarget, keyof Secret> & { readonly sealed: string };

function recordOf({ url, secrets, headers, routingKey, ...open }: WebhookTarget, seal: Seal): string {
  const secret: Secret = { url, secrets, headers, ...(routingKey === undefined ? {} : { routingKey }) };
  const stored: Stored = { ...open, sealed: seal.close(JSON.stringify(secret), open.id) };
  return JSON.stringify(stored);
}

/** If it was sealed with another key, `readable` is false and the secret parts are empty. */
function targetOfRecord(text: string, seal: Seal): { readonly target: WebhookTarget; readonly readable: boolean } {
  const { sealed, ...open } = JSON.parse(text) as Stored;
  const secret = seal.open(sealed, open.id);
  if (secret === undefined) return { target: { ...open, url: '', secrets: [], headers: {} }, readable: false };
  return { target: { ...open, ...(JSON.parse(secret) as Secret) }, readable: true };
}
