/**
 * A process that forwards and delivers, for tests that kill it: `node webhook-child.ts URL`. Other processes take over its
 * unfinished work after some seconds. It prints `ready` when it is ready.
 */
import { readAllowed } from '../../engine/compile/deliver/egress.ts';
import { openAlertBudget } from '../../engine/redis/forward/budget.ts';
import { openAlertStore } from '../../engine/redis/alert/store.ts';
import { openWaitingList } from '../../engine/redis/forward/waiting.ts';
import { connect } from '../../engine/redis/connection.ts';
import { openOutboxReader } from '../../engine/redis/forward/outbox.ts';
import { openWebhookTargets } from '../../engine/redis/deliver/webhooks.ts';
import { Forwarder } from '../../engine/runtime/forward/forwarder.ts';
import { silent } from '../../engine/runtime/metering/meter.ts';
import { openIntake } from '../../engine/deliver/siem-queue/intake.ts';
import { startDeliverer } from '../../engine/deliver/webhooks/deliverer.ts';
import { fanOut } from '../../engine/deliver/webhooks/fan-out.ts';
import { openWebhookQueues } from '../../engine/deliver/webhooks/queues.ts';
import { sender } from '../../engine/deliver/webhooks/send.ts';

const redis = connect(process.argv[2]!, 'child', { socketTimeout: 30_000 });
redis.on('error', () => undefined);
const targets = openWebhookTargets(redis);
const queues = openWebhookQueues(redis);
const alerts = openAlertStore(redis);
const send = sender({ allow: readAllowed(['127.0.0.1'])! });
const deliverer = startDeliverer(
  { redis, targets, queues, alerts, send, meter: silent, now: Date.now, pauseMs: () => 0, trouble: () => undefined },
  { lookMs: 10, lockMs: 5000, delayMs: () => 20 },
);
const forwarder = new Forwarder(
  {
    outbox: openOutboxReader(redis, 8),
    store: alerts,
    budget: openAlertBudget(redis, 10_000),
    waiting: openWaitingList(redis),
    siem: openIntake(redis),
    webhooks: fanOut({ targets, queues }),
    meter: silent,
  },
  { sweepMs: 2 },
);
process.once('SIGTERM', () => void Promise.all([deliverer[Symbol.asyncDispose](), forwarder[Symbol.asyncDispose]()]));
process.stdout.write('ready\n');
