/** Requests from commands to a running engine, over its API. */
import { loadConfig, type Config } from '../config/config.ts';
import { exitCodes, WeirError } from '../errors.ts';

/** How long to wait for an answer. A webhook test takes up to half of it. */
const answerMsMax = 35_000;

export type Answer = { readonly status: number; readonly body: unknown };

/** Where the engine of this configuration listens. */
export function apiUrl({ host, port }: Pick<Config, 'host' | 'port'>): string {
  const reachable = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`;
}

/**
 * @param base address of the API
 * @param path without a leading slash
 * @param options `otherwise` ends the hint: which option names another engine, and what else the user can do
 * @throws WeirError (2) when `base` is not a URL, (1) when nothing answers there
 */
export async function askApi(base: string, path: string, { method = 'GET', otherwise = '' } = {}): Promise<Answer> {
  const address = URL.canParse(base) ? new URL(path, base.endsWith('/') ? base : `${base}/`) : undefined;
  if (address === undefined) throw new WeirError(`invalid address '${base}'`, 'For example http://127.0.0.1:8080.', exitCodes.usage);
  try {
    const { token } = loadConfig();
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const response = await fetch(address, { method, headers, signal: AbortSignal.timeout(answerMsMax), redirect: 'error' });
    return { status: response.status, body: parsed(await response.text()) };
  } catch (error) {
    const { message, cause } = error as Error & { cause?: { code?: unknown } };
    throw new WeirError(
      `${base} does not answer: ${typeof cause?.code === 'string' ? cause.code : message}`,
      `Start the engine, or give its address${otherwise}.`,
      exitCodes.findings,
    );
  }
}

/** The error for an answer that the command cannot use. */
export function unexpected(base: string, { status, body }: Answer): WeirError {
  const { detail, required_scope: scope } = (body ?? {}) as { detail?: unknown; required_scope?: unknown };
  const text = `${base} answered ${status}${typeof detail === 'string' ? `: ${detail}` : ''}`;
  const hint =
    status === 401 || typeof scope === 'string'
      ? `Set WEIR_TOKEN to the secret of a key${typeof scope === 'string' ? ` with the scope ${scope}` : ''}.`
      : `GET ${base}/readyz shows the state of the engine.`;
  return new WeirError(text, hint, exitCodes.findings);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
