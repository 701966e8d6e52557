/** Redis answers but takes no writes, while nothing is sent: readiness, the log and the metrics of every process say so. */
import { expect, it } from 'vitest';
import { startEngine } from '../support/engine.ts';
import { until } from '../support/processes.ts';
import { rules } from '../support/workload.ts';

it('is said by /readyz, once in the log, and by a metric, until it is over', async () => {
  await using engine = await startEngine({ rules });
  const child = await engine.start('up');
  const ready = async (): Promise<{ status: number; text: string }> => {
    const answer = await fetch(`${engine.url()}/readyz`);
    return { status: answer.status, text: await answer.text() };
  };
  expect((await ready()).status).toBe(200);
  await engine.redis.config('SET', 'min-replicas-to-write', '1');
  const refusals = async (): Promise<number> => {
    const text = await (await fetch(`${engine.url()}/metrics`)).text();
    return Number(/^weir_redis_refusals_total\{code="NOREPLICAS"\} (\d+)$/m.exec(text)![1]);
  };
  await until(async () => (await refusals()) > 1);
  expect(await ready()).toMatchObject({ status: 503, text: expect.stringContaining('Redis refuses to work: NOREPLICAS Not enough') });
  expect(await engine.post([{ id: 'a' }])).toMatchObject({ status: 503 });
  await engine.redis.config('SET', 'min-replicas-to-write', '0');
  await until(async () => (await ready()).status === 200);
  expect(child.stderr().match(/Redis refuses to work/g)).toHaveLength(1);
  expect(child.stderr().match(/Redis works again/g)).toHaveLength(1);
  expect(child.stderr()).toContain('Bring its replicas back');
});
