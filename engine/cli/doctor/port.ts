/** The port of the API: free, or who has it. A Weir tells by its OpenAPI document, which asks for no key; what it runs on it tells nobody. */
import { createServer } from 'node:net';
import type { Config } from '../../config/config.ts';
import { lockOwner } from '../../redis/embedded/lock.ts';
import { fail, ok, warn, type Finding } from '../../redis/start/checks.ts';
import { apiUrl } from '../api-client.ts';

const remedy = 'Stop it, or set WEIR_PORT (and WEIR_HOST) to another.';

export async function examinePort(config: Config): Promise<Finding> {
  const where = `${config.host}:${config.port}`;
  const refused = await listeningRefused(config);
  if (refused === undefined) return ok('port', `${where} is free`);
  if (refused.code !== 'EADDRINUSE')
    return fail('port', `${where} cannot be listened on: ${refused.message}`, 'Set WEIR_PORT (and WEIR_HOST) to another.');

  const owner = config.redisUrl === undefined ? lockOwner(config.dataPath) : undefined;
  if (owner !== undefined) return ok('port', `${where} is taken, and a Weir is running`);
  const version = await weirAt(apiUrl(config));
  if (version === undefined) return fail('port', `${where} is taken by another program.`, remedy);
  if (config.redisUrl === undefined)
    return fail('port', `${where} is taken by another Weir (version ${version}), which does not run on ${config.dataPath}.`, remedy);
  return warn('port', `${where} is taken by a Weir (version ${version}).`, `If it is not the one of this REDIS_URL: ${lowered(remedy)}`);
}

const lowered = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

function listeningRefused({ host, port }: Config): Promise<NodeJS.ErrnoException | undefined> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', resolve);
    probe.listen(port, host, () => probe.close(() => resolve(undefined)));
  });
}

/** Whoever has the port may be anything: it is not waited for, nor read, for longer than a Weir needs. */
const answerMsMax = 3000;
const answerBytesMax = 4 * 1024 * 1024;

/** The version of the Weir that answers there; undefined: it is none, or does not answer. */
async function weirAt(url: string): Promise<string | undefined> {
  try {
    const response = await fetch(`${url}/openapi.json`, { signal: AbortSignal.timeout(answerMsMax), redirect: 'error' });
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    for await (const chunk of response.body ?? []) {
      bytes += chunk.length;
      if (bytes > answerBytesMax) return undefined;
      chunks.push(chunk);
    }
    const { info } = JSON.parse(Buffer.concat(chunks).toString()) as { info?: { title?: unknown; version?: unknown } };
    return info?.title === 'Weir' && typeof info.version === 'string' ? info.version : undefined;
  } catch {
    return undefined;
  }
}
