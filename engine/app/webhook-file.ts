/** The file that WEIR_WEBHOOKS names. It is read once, at startup. */
import { readFileSync } from 'node:fs';
import { readWebhookFile } from '../compile/deliver/webhook-file.ts';
import type { Config } from '../config/config.ts';
import type { WebhookTarget } from '../core/deliver/target.ts';
import { WeirError } from '../errors.ts';

type Settings = Pick<Config, 'webhooksPath' | 'webhooksAllow'>;

/** @throws WeirError (78) that lists all problems of the file */
export function webhookTargetsOf({ webhooksPath, webhooksAllow }: Settings): readonly WebhookTarget[] {
  if (webhooksPath === undefined) return [];
  let text: string;
  try {
    text = readFileSync(webhooksPath, 'utf8');
  } catch (error) {
    throw new WeirError(`WEIR_WEBHOOKS: ${(error as Error).message}`, 'Set it to a readable file, or leave it empty.');
  }
  const { targets, problems } = readWebhookFile(text, webhooksAllow);
  if (problems.length === 0) return targets;
  const lines = problems.map(({ line, column, message }) => `${webhooksPath}:${line}:${column}: ${message}`);
  throw new WeirError(
    lines.length === 1 ? lines[0]! : `${lines.length} problems in the webhook targets:\n  ${lines.join('\n  ')}`,
    'docs/integrating.md#webhooks describes the file.',
  );
}
