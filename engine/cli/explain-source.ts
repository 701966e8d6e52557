/** Where the alert to explain comes from: the API of a running engine, or a file that `replay` wrote. */
import { loadConfig } from '../config.ts';
import type { Alert } from '../core/alert.ts';
import { exitCodes, WeirError } from '../errors.ts';
import type { Io } from './command.ts';
import { eventLines } from './event-lines.ts';

/** An engine that does not answer in this time is not asked any longer. */
const answerMsMax = 10_000;

export type AlertSource = {
  /** Undefined: ask the API. */
  readonly file: string | undefined;
  readonly url: string;
};

/** @throws WeirError (1) when there is no such alert or nobody to ask, (2) when the file cannot be read */
export async function findAlert(id: string, { file, url }: AlertSource, io: Pick<Io, 'stdin'>): Promise<Alert> {
  const found = file === undefined ? await fromApi(id, url) : await fromFile(id, file, io);
  if (isAlert(found)) return found;
  throw new WeirError(`what ${file ?? url} has under ${id} is no alert`, 'Is it another version, or another program?', exitCodes.findings);
}

async function fromFile(id: string, file: string, io: Pick<Io, 'stdin'>): Promise<unknown> {
  for await (const lines of eventLines(file, io.stdin)) {
    for (const { text } of lines) {
      // Cheap first: alerts carry up to fifty events each.
      const line = text.includes(id) ? parsed(text) : undefined;
      const alert = line?.['alert'] ?? line;
      if (typeof alert === 'object' && alert !== null && (alert as { id?: unknown }).id === id) return alert;
    }
  }
  throw new WeirError(`there is no alert ${id} in ${file}`, 'Give what weir replay printed.', exitCodes.findings);
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

async function fromApi(id: string, base: string): Promise<unknown> {
  const address = URL.canParse(base) ? new URL(`v1/alerts/${encodeURIComponent(id)}`, base.endsWith('/') ? base : `${base}/`) : undefined;
  if (address === undefined) throw new WeirError(`'${base}' is no address`, 'Such as --url http://127.0.0.1:8080.', exitCodes.usage);
  const answer = await ask(address, base);
  if (answer.status === 200) return answer.body;
  if (answer.status === 404) throw new WeirError(`${base} has no alert ${id}`, `GET ${base}/v1/alerts lists them.`, exitCodes.findings);
  const detail = (answer.body as { detail?: unknown } | undefined)?.detail;
  throw new WeirError(
    `${base} answers ${answer.status}${typeof detail === 'string' ? `: ${detail}` : ''}`,
    answer.status === 401 || answer.status === 403
      ? 'Set WEIR_TOKEN to the secret of a key with the scope read.'
      : `GET ${base}/readyz tells more.`,
    exitCodes.findings,
  );
}

async function ask(address: URL, base: string): Promise<{ status: number; body: unknown }> {
  try {
    const { token } = loadConfig();
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const response = await fetch(address, { headers, signal: AbortSignal.timeout(answerMsMax), redirect: 'error' });
    const text = await response.text();
    return { status: response.status, body: parsed(text) };
  } catch (error) {
    const { message, cause } = error as Error & { cause?: { code?: unknown } };
    throw new WeirError(
      `${base} does not answer: ${typeof cause?.code === 'string' ? cause.code : message}`,
      'Start the engine, or name it with --url, or give a file of alerts with --from.',
      exitCodes.findings,
    );
  }
}

function isAlert(value: unknown): value is Alert {
  if (typeof value !== 'object' || value === null) return false;
  const { rule, events, group } = value as Partial<Alert>;
  return typeof rule?.id === 'string' && Array.isArray(events) && typeof group === 'object' && group !== null;
}
