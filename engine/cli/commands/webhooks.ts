/**
 * `weir webhooks`: lists webhook targets and tests whether they can be reached. The running engine tests its own targets,
 * since its alerts will come from there; a URL given with `--url` is tested from here, without an engine.
 */
import { randomBytes } from 'node:crypto';
import { readTarget } from '../../compile/deliver/webhook-target.ts';
import { loadConfig } from '../../config/config.ts';
import { secretOf } from '../../core/deliver/signature.ts';
import { exitCodes, WeirError } from '../../errors.ts';
import type { WebhookTrial, WebhookView } from '../../runtime/deliver/service.ts';
import { sender } from '../../deliver/webhooks/send.ts';
import { tryTarget } from '../../deliver/webhooks/attempt.ts';
import { apiUrl, askApi, unexpected } from '../api-client.ts';
import { readArgs, usageError } from '../args.ts';
import type { Command, Io } from '../command.ts';
import { visible } from '../../core/util/control-characters.ts';
import { paint } from '../output.ts';

export const command: Command = {
  name: 'webhooks',
  summary: 'list and test webhook targets',
  usage: `weir webhooks list [--api URL]
weir webhooks test [ID] [--api URL]
weir webhooks test --url URL [--form FORM] [--secret SECRET] [--routing-key KEY]

  list             show the targets of the running engine and their state
  test             send a sample alert from the running engine to all targets, or to one
  ID               id of a target
  --url URL        send to this URL instead, from this process; needs no engine
  --form FORM      standard (default), slack, pagerduty or alertmanager
  --secret SECRET  signing secret, whsec_… (default: a new one, which is shown)
  --routing-key KEY  PagerDuty's routing key
  --api URL        the engine's API (default: WEIR_HOST and WEIR_PORT)

Private addresses are refused unless WEIR_WEBHOOKS_ALLOW names them. --json prints one line per target.
Exits with 1 if a target does not accept its alert.`,
  async run(args, io) {
    const { values, positionals } = readArgs('webhooks', args, options, [0, 2]);
    const [verb, id] = positionals;
    const api = values.api ?? apiUrl(loadConfig());
    if (verb === 'list' && id === undefined) return await list(api, io);
    if (verb !== 'test') throw usageError('webhooks', 'give list or test');
    if (values.url === undefined) return await testKnown(api, id, io);
    if (id !== undefined || values.api !== undefined) throw usageError('webhooks', 'give either a target of the engine or --url');
    return await testUrl({ ...values, url: values.url }, io);
  },
};

const options = {
  api: { type: 'string' },
  url: { type: 'string' },
  form: { type: 'string' },
  secret: { type: 'string' },
  'routing-key': { type: 'string' },
} as const;

async function targetsOf(api: string): Promise<readonly WebhookView[]> {
  const answer = await askApi(api, 'v1/webhooks', { otherwise: ' with --api' });
  const { webhooks } = (answer.body ?? {}) as { webhooks?: readonly WebhookView[] };
  if (answer.status !== 200 || !Array.isArray(webhooks)) throw unexpected(api, answer);
  return webhooks;
}

async function list(api: string, io: Io): Promise<number> {
  const targets = await targetsOf(api);
  if (targets.length === 0) io.say('No webhook targets. Create one with POST /v1/webhooks, or in the file that WEIR_WEBHOOKS names.');
  const width = Math.max(0, ...targets.map(({ id }) => id.length));
  for (const target of targets) {
    if (io.json) await io.print(JSON.stringify(target));
    else
      await io.print(visible(`${target.id.padEnd(width)}  ${stateOf(target).padEnd(8)}  ${target.form}  ${target.url}${remarkOf(target)}`));
    for (const warning of target.warnings) io.say(visible(`${target.id}: warning: ${warning}`));
  }
  return exitCodes.fine;
}

const stateOf = ({ enabled, failing }: WebhookView): string => (enabled ? (failing === undefined ? 'fine' : 'failing') : 'disabled');

function remarkOf({ disabled, failing, waiting }: WebhookView): string {
  const because = disabled?.because ?? failing?.because;
  return `${waiting > 0 ? `  ${waiting} waiting` : ''}${because === undefined ? '' : `  (${because})`}`;
}

async function testKnown(api: string, id: string | undefined, io: Io): Promise<number> {
  const ids = id === undefined ? (await targetsOf(api)).map((target) => target.id) : [id];
  if (ids.length === 0) io.say('No webhook targets to test; --url URL tests any address.');
  let failed = false;
  for (const one of ids) {
    const answer = await askApi(api, `v1/webhooks/${encodeURIComponent(one)}/test`, { method: 'POST', otherwise: ' with --api' });
    if (answer.status === 404)
      throw new WeirError(`unknown webhook target ${one}`, 'weir webhooks list shows all targets.', exitCodes.findings);
    if (answer.status !== 200) throw unexpected(api, answer);
    failed = !(await show(one, answer.body as WebhookTrial, io)) || failed;
  }
  return failed ? exitCodes.findings : exitCodes.fine;
}

type OwnTarget = { readonly url: string; readonly form?: string; readonly secret?: string; readonly 'routing-key'?: string };

async function testUrl({ url, form = 'standard', secret, 'routing-key': key }: OwnTarget, io: Io): Promise<number> {
  const { webhooksAllow } = loadConfig();
  const made = secret === undefined && form === 'standard' ? secretOf(randomBytes(32)) : undefined;
  const signing = secret ?? made;
  const { target, problems } = readTarget(
    { id: 'test', url, form, ...(signing === undefined ? {} : { secret: signing }), ...(key === undefined ? {} : { routing_key: key }) },
    webhooksAllow,
  );
  if (target === undefined) {
    const lines = problems.map(({ path, message }) => `--${path.join('.').replace('_', '-')}: ${message}`);
    throw new WeirError(lines.join('\n  '), 'weir webhooks --help shows the options.', exitCodes.usage);
  }
  if (made !== undefined) io.say(`signed with ${made}`);
  return (await show(new URL(target.url).host, await tryTarget(sender({ allow: webhooksAllow }), target, Date.now()), io))
    ? exitCodes.fine
    : exitCodes.findings;
}

/** @returns whether it was delivered */
async function show(name: string, trial: WebhookTrial, io: Io): Promise<boolean> {
  const { delivered, result, because, ms } = trial;
  if (io.json) await io.print(JSON.stringify({ target: name, ...trial }));
  else await io.print(`${paint(io.color.stdout, delivered ? 'green' : 'red', result)}  ${visible(name)}: ${because} (${ms} ms)`);
  return delivered;
}
