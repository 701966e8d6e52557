/**
 * A separate process for tests that kill it: `node siem-child.ts forward URL` runs a forwarder until it is killed, and
 * `… lease URL SECONDS` leases all alerts in the queue and then does nothing. It prints `ready` when it is ready.
 */
import { createAlertStore } from './memory/alert-store.ts';
import { openAlertBudget } from '../../engine/redis/forward/budget.ts';
import { openAlertStore } from '../../engine/redis/alert/store.ts';
import { openWaitingList } from '../../engine/redis/forward/waiting.ts';
import { connect } from '../../engine/redis/connection.ts';
import { openOutboxReader } from '../../engine/redis/forward/outbox.ts';
import { Forwarder } from '../../engine/runtime/forward/forwarder.ts';
import { silent } from '../../engine/runtime/metering/meter.ts';
import { openIntake } from '../../engine/deliver/siem-queue/intake.ts';
import { openSiemQueue } from '../../engine/deliver/siem-queue/queue.ts';

const [role, url, seconds] = process.argv.slice(2);
const redis = connect(url!, 'child');
const store = openAlertStore(redis);

if (role === 'forward') {
  const siem = openIntake(redis);
  const forwarder = new Forwarder(
    {
      outbox: openOutboxReader(redis, 8),
      store,
      budget: openAlertBudget(redis, 10_000),
      waiting: openWaitingList(redis),
      siem,
      meter: silent,
    },
    { sweepMs: 2 },
  );
  process.once('SIGTERM', () => void forwarder[Symbol.asyncDispose]());
} else {
  const leases = await openSiemQueue(redis, role === 'lease' ? store : createAlertStore(), { sweepMs: 0 }).lease({
    max: 500,
    seconds: Number(seconds),
  });
  process.stdout.write(`${leases.length} `);
}
process.stdout.write('ready\n');
