/** The API of a running engine. */
import { startApi, type ApiServer } from '../../api/server.ts';
import { replayStores } from '../memory/replay-stores.ts';
import { rulesService } from '../runtime/rules/service.ts';
import { version } from '../version.ts';
import type { Foundation } from './foundation.ts';
import { healthOf } from './readiness.ts';
import type { Workers } from './workers.ts';

/**
 * @param workers the workers of this process; undefined when it has none
 * @throws WeirError when the address cannot be listened on
 */
export async function openApi(engine: Foundation, workers: Pick<Workers, 'silentMs'> | undefined): Promise<ApiServer> {
  const { config, redisUrl, metrics, rules, webhookTargets, log } = engine;
  return startApi({
    config,
    redisUrl,
    version: version(),
    webhookSettings: { ofFile: webhookTargets, allow: config.webhooksAllow, sealKey: config.webhooksKey },
    datasets: () => rules.current().ruleset.datasets,
    rules: rulesService({ current: rules.current, stores: replayStores, latenessMs: config.latenessMs }),
    health: healthOf(engine, workers),
    metrics,
    meter: metrics.meter,
    logger: log,
  });
}
