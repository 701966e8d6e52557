/** The API of a running engine. */
import { startApi, type ApiServer } from '../../api/server.ts';
import { openCleanup } from '../cleanup.ts';
import { rulesService } from '../runtime/rules/service.ts';
import { openTrials } from '../runtime/rules/trials.ts';
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
  const cleanup = openCleanup();
  const thread = new URL('./trial-thread.ts', import.meta.url);
  const trials = cleanup.use(openTrials({ thread, current: rules.current, latenessMs: config.latenessMs }));
  const server = await startApi({
    config,
    redisUrl,
    version: version(),
    webhookSettings: { ofFile: webhookTargets, allow: config.webhooksAllow, sealKey: config.webhooksKey },
    datasets: () => rules.current().ruleset.datasets,
    rules: rulesService({ current: rules.current, trials }),
    health: healthOf(engine, workers),
    metrics,
    meter: metrics.meter,
    logger: log,
  });
  cleanup.use(server);
  return { ...server, [Symbol.asyncDispose]: cleanup.close };
}
