/**
 * `weir demo`: sends a day of traffic to its own engine over real HTTP in less than a minute, shows the alerts as they
 * arrive, and at the end what was caught and what was missed.
 *
 * Event times cover a day that ends now, so windows have their real length; only the sending is fast. A rule that waits
 * on the arrival clock (an absence) still waits: the demo runs until the alert is due, and says so.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Alert } from '../../core/alert/alert.ts';
import { generate } from '../../demo/generate.ts';
import { exitCodes } from '../../errors.ts';
import { openCleanup } from '../../cleanup.ts';
import { readArgs } from '../args.ts';
import type { Command, Io } from '../command.ts';
import { openDemoEngine, type DemoEngine } from '../demo/engine.ts';
import { formatResult } from '../demo/format.ts';
import { resultOf, waitOf, type DemoResult } from '../demo/result.ts';
import { send } from '../demo/send.ts';
import { watch } from '../demo/watch.ts';
import { visible } from '../../core/util/control-characters.ts';
import { paint } from '../output.ts';
import { listenForStop } from '../../app/lifetime.ts';
import { readTraffic, trafficOptions, wholeNumber } from '../demo/traffic-options.ts';

const rateDefault = 5000;
const rateMax = 100_000;

type Traffic = { readonly seed: number; readonly events: number; readonly rate: number };

export const command: Command = {
  name: 'demo',
  summary: 'run the whole engine on generated traffic and show which attacks it catches',
  usage: `weir demo [--seed N] [--events N] [--rate N] [--keep]

  --seed N    seed of the traffic generator (default 1)
  --events N  number of events (default 100000)
  --rate N    events per second, if the machine can keep up (default ${rateDefault})
  --keep      keep running afterwards, until Ctrl-C

Starts everything that \`up\` starts, with Redis in a temporary folder that is deleted at the end; REDIS_URL, WEIR_DATA,
WEIR_KEYS and webhooks are ignored. Uses a free port if WEIR_PORT is taken. Shows alerts on stderr as they arrive, if it
is a terminal; prints the result to stdout, as a table or, with --json, as one JSON object. Exits with 1 if a campaign
is missed.`,
  async run(args, io) {
    const { values } = readArgs('demo', args, { ...trafficOptions, rate: { type: 'string' }, keep: { type: 'boolean' } });
    const asked = { ...readTraffic('demo', values), rate: wholeNumber('demo', 'rate', values.rate, rateDefault, 1, rateMax) };
    const stop = listenForStop();
    const stopped = new AbortController();
    void stop.first.then(() => stopped.abort());
    const cleanup = openCleanup();
    try {
      const engine = cleanup.use(await openDemoEngine(io));
      io.say(`weir: console ${engine.url}/  alerts ${engine.url}/v1/alerts`);
      const result = await play(engine, asked, io, stopped.signal);
      if (io.json) await io.print(JSON.stringify({ ...asked, url: engine.url, ...result }));
      else for (const line of formatResult(result, io.color.stdout)) await io.print(line);
      if (values.keep === true) {
        io.say(`weir: still running at ${engine.url}; press Ctrl-C to stop`);
        await stop.first;
      }
      return result.caught === result.campaigns.length ? exitCodes.fine : exitCodes.findings;
    } catch (error) {
      if (!stopped.signal.aborted) throw error;
      io.say('weir: stopped before the end');
      return exitCodes.findings;
    } finally {
      await cleanup.close();
      stop.release();
    }
  },
};

async function play(engine: DemoEngine, { seed, events, rate }: Traffic, io: Io, signal: AbortSignal): Promise<DemoResult> {
  const { latenessMs } = engine;
  const traffic = generate({ seed, events, endMs: Date.now() + Math.ceil((events / rate) * 1000), latenessMs });
  const attacks = new Set(traffic.truths.flatMap((truth) => truth.events));
  io.say(`weir: sending ${events} events from the last 24 hours at ${rate} per second, including ${traffic.truths.length} campaigns`);
  const watching = watch(engine.url, (alert) => void (io.terminal && io.say(alertLine(alert, io.color.stderr))), signal);
  const { of: sent, lastAt, seconds } = await send(engine.url, traffic.events, rate, attacks, signal);
  await engine.quiet(lastAt, signal);
  io.say(`weir: sent in ${seconds.toFixed(1)} s, all events processed`);
  const waitMs = Math.max(0, ...traffic.truths.map(({ rule }) => waitOf(engine.rules(), rule, latenessMs)));
  await until(lastAt + waitMs, io, signal);
  await engine.quiet(lastAt + waitMs, signal);
  const seen = await watching.finish();
  return resultOf({ truths: traffic.truths, seen, sent, benign: events - attacks.size, rules: engine.rules(), latenessMs });
}

/** Waits until the arrival clock has passed the deadlines of absences and the lateness. */
async function until(dueMs: number, io: Io, signal: AbortSignal): Promise<void> {
  const leftMs = dueMs - Date.now();
  if (leftMs <= 0) return;
  io.say(`weir: waiting ${Math.ceil(leftMs / 1000)} s: an absence is certain only once its deadline and the allowed lateness have passed`);
  await sleep(leftMs, undefined, { signal });
}

function alertLine({ rule, message, created }: Alert, color: boolean): string {
  const style = rule.level === 'critical' || rule.level === 'high' ? 'red' : 'yellow';
  return `${paint(color, 'dim', created.slice(11, 19))}  ${paint(color, style, rule.level.padEnd(8))}  ${rule.id}  ${visible(message)}`;
}
