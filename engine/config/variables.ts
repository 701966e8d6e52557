/**
 * The list of all variables: name, default, expected value, example, and a sentence for operators. `.env.example` is
 * written from it.
 */
import { nothingAllowed } from '../compile/deliver/egress.ts';
import * as kind from './values.ts';
import type { SettingKind } from './values.ts';
import { formatDuration } from '../core/util/duration.ts';
import { limits } from '../core/limits.ts';
import type { RatePolicy } from '../core/access/token-bucket.ts';

export type Variable<T> = {
  readonly name: string;
  /** Empty: no default; `parse` is not called. */
  readonly byDefault: string;
  /** The value if nothing is set and the default is empty. */
  readonly nothing?: T;
  readonly kind: SettingKind<T>;
  readonly example: string;
  /** One or two sentences for operators. */
  readonly about: string;
};

const variable = <T>(entry: Variable<T>): Variable<T> => entry;
const MiB = 1024 * 1024;
const hour = 3_600_000;

export const variables = {
  redisUrl: variable<string | undefined>({
    name: 'REDIS_URL',
    byDefault: '',
    kind: kind.redisUrl,
    example: 'redis://:password@redis.internal:6379/0',
    about: 'Address of Redis. Empty: Weir starts its own redis-server in WEIR_DATA.',
  }),
  host: variable({
    name: 'WEIR_HOST',
    byDefault: '127.0.0.1',
    kind: kind.host,
    example: '0.0.0.0',
    about: 'Address the API listens on. Any address but loopback requires WEIR_KEYS.',
  }),
  port: variable({
    name: 'WEIR_PORT',
    byDefault: '8080',
    kind: kind.integer(0, 65_535),
    example: '8080',
    about: 'Port the API listens on; 0 picks a free one.',
  }),
  metricsPort: variable<number | undefined>({
    name: 'WEIR_METRICS_PORT',
    byDefault: '',
    kind: kind.integer(0, 65_535),
    example: '9464',
    about: 'Port on which `weir worker` serves /metrics, /healthz and /readyz; 0 picks a free one. Empty: none.',
  }),
  rulesPath: variable({
    name: 'WEIR_RULES',
    byDefault: 'rules',
    kind: kind.folder,
    example: '/etc/weir/rules',
    about: 'Folder of the rule files, watched for changes.',
  }),
  dataPath: variable({
    name: 'WEIR_DATA',
    byDefault: 'data',
    kind: kind.folder,
    example: '/var/lib/weir',
    about: 'Folder of the embedded Redis; created if it does not exist.',
  }),
  keys: variable<readonly kind.ApiKey[]>({
    name: 'WEIR_KEYS',
    byDefault: '',
    nothing: [],
    kind: kind.apiKeys,
    example: 'shop:ingest=sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    about:
      'API keys, sent as Authorization: Bearer. If empty, and weir keys has created none, requests need no key and the API listens on loopback only.',
  }),
  keysPath: variable<string | undefined>({
    name: 'WEIR_KEYS_FILE',
    byDefault: '',
    kind: kind.file,
    example: '/run/secrets/weir-keys',
    about: 'A file with more keys, in the format of WEIR_KEYS, one per line; # starts a comment. Read at startup.',
  }),
  token: variable<string | undefined>({
    name: 'WEIR_TOKEN',
    byDefault: '',
    kind: kind.secret,
    example: 'weir_0000000000000000000000000000000000000000',
    about: 'The secret that commands such as weir explain send to an API that requires keys. The API itself does not read it.',
  }),
  rate: variable<RatePolicy | 'off'>({
    name: 'WEIR_RATE',
    byDefault: '1000/10s',
    kind: kind.rate,
    example: '6000/1m',
    about:
      'Requests per key, ingest excluded: burst size and sustained rate; the API answers 429 above it. Without keys there is no limit.',
  }),
  ingestRate: variable<RatePolicy | 'off'>({
    name: 'WEIR_INGEST_RATE',
    byDefault: 'off',
    kind: kind.rate,
    example: '50000/1s',
    about: 'Events per key: burst size and sustained rate; the API answers 429 above it. Off: only WEIR_BACKLOG_MAX limits them.',
  }),
  board: variable({
    name: 'WEIR_BOARD',
    byDefault: 'off',
    kind: kind.oneOf('on', 'off'),
    example: 'on',
    about: 'Whether bull-board shows the SIEM queue at /admin/queues, read-only, to keys with the scope admin.',
  }),
  workers: variable({
    name: 'WEIR_WORKERS',
    byDefault: '1',
    kind: kind.integer(1, 256),
    example: '4',
    about: 'Worker loops in this process. They share one CPU core; to use more cores, start more `weir worker` processes.',
  }),
  latenessMs: variable({
    name: 'WEIR_LATENESS',
    byDefault: formatDuration(limits.latenessMs),
    kind: kind.duration(0, 7 * 24 * hour),
    example: '5m',
    about: 'How late an event may arrive and still be evaluated in its windows.',
  }),
  lagMsMax: variable({
    name: 'WEIR_LAG_MAX',
    byDefault: formatDuration(limits.lagMsMax),
    kind: kind.duration(60_000, 90 * 24 * hour),
    example: '1d',
    about: 'The longest outage of all workers that windows survive.',
  }),
  retentionMs: variable({
    name: 'WEIR_RETENTION',
    byDefault: '1d',
    kind: kind.duration(60_000, 400 * 24 * hour),
    example: '7d',
    about: 'How long processed events stay in Redis as evidence.',
  }),
  heartbeatMs: variable({
    name: 'WEIR_HEARTBEAT',
    byDefault: '10s',
    kind: kind.duration(0, hour),
    example: '1m',
    about: 'How often an API process sends a heartbeat event through stream, windows and commit, for the metrics; 0s: never.',
  }),
  webhooksPath: variable<string | undefined>({
    name: 'WEIR_WEBHOOKS',
    byDefault: '',
    kind: kind.file,
    example: '/etc/weir/webhooks.yaml',
    about: 'File of webhook targets, read at startup. Empty: only targets created through the API.',
  }),
  webhooksAllow: variable({
    name: 'WEIR_WEBHOOKS_ALLOW',
    byDefault: '',
    nothing: nothingAllowed,
    kind: kind.egressAllow,
    example: '10.1.2.0/24,alertmanager',
    about: 'Private networks and hosts that webhooks may reach. Empty: the public internet only.',
  }),
  webhooksKey: variable<string | undefined>({
    name: 'WEIR_WEBHOOKS_KEY',
    byDefault: '',
    kind: kind.sealKey,
    example: 'ThisIsOnlyAnExampleOfAKey/NotOneToUse=',
    about: 'Encrypts the secrets of webhook targets created through the API. Empty: Redis holds them unencrypted.',
  }),
  logLevel: variable({
    name: 'WEIR_LOG_LEVEL',
    byDefault: 'info',
    kind: kind.oneOf('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'),
    example: 'debug',
    about: 'Minimum log level. At debug and trace, unexpected errors show where they were thrown.',
  }),
  fsync: variable({
    name: 'WEIR_FSYNC',
    byDefault: 'everysec',
    kind: kind.oneOf('everysec', 'always'),
    example: 'always',
    about: 'Embedded Redis: write to disk every second, or before every reply. A power failure loses at most one second, or nothing.',
  }),
  maxmemoryBytes: variable({
    name: 'WEIR_MAXMEMORY',
    byDefault: '25%',
    kind: kind.memory(64 * MiB, 256 * MiB),
    example: '2gb',
    about: 'Embedded Redis: maximum memory, as a size or a share of the machine (at least 256mb). Ingest closes at 80 % of it.',
  }),
  siemMax: variable({
    name: 'WEIR_SIEM_MAX',
    byDefault: '100000',
    kind: kind.integer(1, 10_000_000),
    example: '100000',
    about: 'Maximum alerts in the SIEM queue; above it, the lowest priorities wait in the outbox.',
  }),
  backlogEventsMax: variable({
    name: 'WEIR_BACKLOG_MAX',
    byDefault: '1000000',
    kind: kind.integer(1, 1_000_000_000),
    example: '1000000',
    about: 'Maximum events accepted and not yet processed; above it, ingest answers 429.',
  }),
  eventBytesMax: variable({
    name: 'WEIR_EVENT_BYTES_MAX',
    byDefault: kind.sizeText(limits.eventBytesMax),
    kind: kind.bytes(1024, limits.packBytesMax),
    example: '64kb',
    about: 'Maximum size of one event.',
  }),
  eventDepthMax: variable({
    name: 'WEIR_EVENT_DEPTH_MAX',
    byDefault: String(limits.eventDepthMax),
    kind: kind.integer(1, 256),
    example: '32',
    about: 'Maximum nesting of objects and arrays in one event.',
  }),
  eventKeysMax: variable({
    name: 'WEIR_EVENT_KEYS_MAX',
    byDefault: String(limits.eventKeysMax),
    kind: kind.integer(1, 65_536),
    example: '512',
    about: 'Maximum keys in one event, all levels together.',
  }),
  requestEventsMax: variable({
    name: 'WEIR_REQUEST_EVENTS_MAX',
    byDefault: String(limits.requestEventsMax),
    kind: kind.integer(1, 1_000_000),
    example: '10000',
    about: 'Maximum events in one request.',
  }),
  requestBytesMax: variable({
    name: 'WEIR_REQUEST_BYTES_MAX',
    byDefault: kind.sizeText(limits.requestBytesMax),
    kind: kind.bytes(1024, 1024 * MiB),
    example: '10mb',
    about: 'Maximum size of one request after decompression.',
  }),
  partitions: variable({
    name: 'WEIR_PARTITIONS',
    byDefault: String(limits.partitions),
    kind: kind.integer(1, 4096),
    example: '64',
    about: 'Partitions of the window logs. Fixed when a Redis is first used.',
  }),
  shards: variable({
    name: 'WEIR_SHARDS',
    byDefault: String(limits.shards),
    kind: kind.integer(1, 256),
    example: '4',
    about: 'Shards of the event stream. Fixed when a Redis is first used.',
  }),
} as const;
