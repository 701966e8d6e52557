/** The API on the running parts. */
import { startApi, type ApiServer } from '../../api/server.ts';
import { replayStores } from '../memory/replay-stores.ts';
import { rulesService } from '../runtime/rules/service.ts';
import { version } from '../version.ts';
import type { EngineParts } from './foundation.ts';
import { readiness } from './readiness.ts';
import type { Workers } from './workers.ts';

/**
 * @param workers those of this process; undefined when it has none
 * @throws WeirError when the address cannot be listened on
 */
export async function openApi(engine: EngineParts, workers: Pick<Workers, 'silentMs'> | undefined): Promise<ApiServer> {
  const { config, redis, redisUrl, metrics, rules, webhookTargets, log } = engine;
  return startApi({
    config,
    redisUrl,
    version: version(),
    webhookSettings: { ofFile: webhookTargets, allow: config.webhooksAllow, sealKey: config.webhooksKey },
    datasets: () => rules.current().ruleset.datasets,
    rules: rulesService({ current: rules.current, stores: replayStores, latenessMs: config.latenessMs }),
    health: { ready: async () => readiness({ redis: redis.status, rules: rules.current(), silentMs: workers?.silentMs() }) },
    metrics,
    meter: metrics.meter,
    logger: log,
  });
}
