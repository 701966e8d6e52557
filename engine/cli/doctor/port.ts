/**
 * Checks the port of the API: whether it is free, or what uses it. A Weir is recognised by its OpenAPI document, which
 * needs no key; which Redis it runs on cannot be seen from outside.
 */
import { createServer } from 'node:net';
import type { Config } from '../../config/config.ts';
import { lockOwner } from '../../redis/embedded/lock.ts';
import { fail, ok, warn, type Finding } from '../../redis/start/checks.ts';
import { apiUrl } from '../api-client.ts';

const remedy = 'Stop it, or change WEIR_PORT (and WEIR_HOST).';

export async function examinePort(config: Config): Promise<Finding> {
  const where = `${config.host}:${config.port}`;
  const refused = await listeningRefused(config);
  if (refused === undefined) return ok('port', `${where} is free`);
  if (refused.code !== 'EADDRINUSE')
    return fail('port', `Cannot listen on ${where}: ${refused.message}`, 'Change WEIR_PORT (and WEIR_HOST).');

  const owner = config.redisUrl === undefined ? lockOwner(config.dataPath) : undefined;
  if (owner !== undefined) return ok('port', `${where} is in use, and Weir is running`);
  const version = await weirAt(apiUrl(config));
  if (version === undefined) return fail('port', `${where} is in use by another program.`, remedy);
  if (config.redisUrl === undefined)
    return fail('port', `${where} is in use by another Weir (version ${version}), which is not running on ${config.dataPath}.`, remedy);
  return warn('port', `${where} is in use by a Weir (version ${version}).`, `If it does not use this REDIS_URL, ${lowered(remedy)}`);
}

const lowered = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

function listeningRefused({ host, port }: Config): Promise<NodeJS.ErrnoException | undefined> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', resolve);
    probe.listen(port, host, () => probe.close(() => resolve(undefined)));
  });
}

/** Any program may use the port: wait for it, and read from it, no longer than a Weir needs. */
const answerMsMax = 3000;
const answerBytesMax = 4 * 1024 * 1024;

/** The version of the Weir that answers there; undefined if another program answers, or none. */
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
