/** Where the alert to explain comes from: the API of a running engine, or a file that `replay` wrote. */
import type { Alert } from '../../core/alert/alert.ts';
import { exitCodes, WeirError } from '../../errors.ts';
import { askApi, unexpected } from '../api-client.ts';
import type { Io } from '../command.ts';
import { itemsOfFile } from '../../replay/items.ts';

export type AlertSource = {
  /** Undefined: ask the API. */
  readonly file: string | undefined;
  readonly url: string;
};

/** @throws WeirError (1) when there is no such alert or the API does not answer, (2) when the file cannot be read */
export async function findAlert(id: string, { file, url }: AlertSource, io: Pick<Io, 'stdin'>): Promise<Alert> {
  const found = file === undefined ? await fromApi(id, url) : await fromFile(id, file, io);
  if (isAlert(found)) return found;
  throw new WeirError(
    `what ${file ?? url} has as ${id} is not an alert`,
    'It may be from another version of Weir, or another program.',
    exitCodes.findings,
  );
}

async function fromFile(id: string, file: string, io: Pick<Io, 'stdin'>): Promise<unknown> {
  for await (const lines of itemsOfFile(file, io.stdin)) {
    for (const { text } of lines) {
      // Search the text before parsing it: alerts carry up to fifty events each.
      const line = text.includes(id) ? parsed(text) : undefined;
      const alert = line?.['alert'] ?? line;
      if (typeof alert === 'object' && alert !== null && (alert as { id?: unknown }).id === id) return alert;
    }
  }
  throw new WeirError(`no alert ${id} in ${file}`, 'Give a file of alerts that weir replay printed.', exitCodes.findings);
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

async function fromApi(id: string, base: string): Promise<unknown> {
  const answer = await askApi(base, `v1/alerts/${encodeURIComponent(id)}`, {
    otherwise: ' with --url, or give a file of alerts with --from',
  });
  if (answer.status === 200) return answer.body;
  if (answer.status === 404) throw new WeirError(`${base} has no alert ${id}`, `GET ${base}/v1/alerts lists them.`, exitCodes.findings);
  throw unexpected(base, answer);
}

function isAlert(value: unknown): value is Alert {
  if (typeof value !== 'object' || value === null) return false;
  const { rule, events, group } = value as Partial<Alert>;
  return typeof rule?.id === 'string' && Array.isArray(events) && typeof group === 'object' && group !== null;
}
