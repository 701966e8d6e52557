/**
 * Every bound of the engine, each with its sentence. Reaching one is counted and visible (metrics.ts).
 * Those an operator may change are read in config.ts, with these as defaults.
 */
const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const KiB = 1024;
const MiB = 1024 * KiB;

export const limits = {
  /** One event's JSON text. */
  eventBytesMax: 64 * KiB,
  /** Nesting of objects and arrays in one event; deeper ones are rejected with `too-deep`. */
  eventDepthMax: 32,
  /** Keys in one event, all levels together. */
  eventKeysMax: 512,
  /** Events of one request. */
  requestEventsMax: 10_000,
  /** Bytes of one request after inflating. */
  requestBytesMax: 10 * MiB,
  /** Length of an event id, UTF-16 code units. */
  idLengthMax: 512,
  /** Length of a dataset's name, UTF-16 code units. */
  datasetLengthMax: 128,
  /** Bodies being read and packs being written, all requests of a process together; over it: 503 with Retry-After. */
  ingestBytesMax: 64 * MiB,
  /** Connections of one API process; more wait in the listener's queue or are refused. */
  connectionsMax: 4096,
  /** Accepted events that no worker has finished; over it: 429 with Retry-After. Ten seconds of work for one worker. */
  backlogEventsMax: 1_000_000,
  /** Share of Redis's maxmemory at which ingest closes: the rest is for the workers, which alone can make room. */
  memoryShareMax: 0.8,
  /** Errors listed in the answer to one request; the rest are counted. */
  requestErrorsMax: 100,
  /** A clock running ahead by more than this is not believed: the event gets the time of receipt. */
  futureMsMax: 5 * minute,
  /** Bytes of one stream entry: a pack. */
  packBytesMax: 256 * KiB,
  /** Entries of one step in one window log. */
  stepEntriesMax: 4096,
  /** Steps of one rule. */
  stepsMax: 32,
  /** Steps of the search for an assignment of different events to a sequence's steps, per evaluation of one log. */
  searchStepsMax: 100_000,
  /** Entries that one evaluation judges again because what they belong to changed after it was due. */
  rejudgedMax: 500_000,
  /** Groups that one event may belong to in one step (arrays in group-by: their product). */
  groupsPerEventMax: 64,
  /** Values that one event may add to one log (arrays in the counted field). */
  valuesPerEventMax: 256,
  /** Values that one event may add to all logs of one step together: where it has many groups, fewer to each. */
  eventEntriesMax: 4096,
  /** Entries, and alerts of single events, with which a batch is sent to Redis before the next of its events is matched: the logs that come back are judged in memory. */
  batchEntriesMax: 16_384,
  batchAlertsMax: 1024,
  /** Full events kept with an alert; an analyst reads no more, the rest are counted. */
  evidenceMax: 50,
  /** Characters of the events in an alert, about: of more, the newest are kept, and of the others id, dataset and time. */
  evidenceBytesMax: 128 * KiB,
  /** Values of one entity field in one alert. */
  entityValuesMax: 20,
  /** Characters of a rule's title and of each of its tags, and its tags: all are part of each of its alerts. */
  titleLengthMax: 256,
  tagLengthMax: 128,
  tagsMax: 64,
  /** Characters of a rule's message as it is written, and as an alert shows it, with the values of its events in it. */
  messageLengthMax: 4096,
  /** Default of WEIR_LATENESS: how late an event may arrive and still be judged in its windows exactly. */
  latenessMs: 5 * minute,
  /** Default of WEIR_LAG_MAX: how long an outage of all workers the window logs outlive. */
  lagMsMax: 24 * hour,
  /** Longest timespan of a rule. */
  timespanMsMax: 400 * 24 * hour,
  /** Dead letters kept per shard; older ones go. */
  deadLettersMax: 10_000,
  /** Text of one dead letter that is kept. */
  deadLetterBytesMax: 64 * KiB,
  /** Bytes a worker reads at once. */
  readBytesMax: 512 * KiB,
  /** Stream entries a worker reads at once from one shard. */
  readEntriesMax: 512,
  /** How long an entry may lie with a silent worker before others claim it. */
  claimIdleMs: 15_000,
  /** A worker whose loop has not gone round for so long is stuck, or its Redis is: the process is not ready then. */
  workerSilenceMsMax: 30_000,
  /** How long a consumer must have been silent, with nothing pending, to be taken out of the group: its worker is dead. */
  consumerIdleMs: 1 * hour,
  /** Deliveries of an entry after which its events are handled one by one: perhaps it kills its workers. */
  deliveriesMax: 3,
  /** Tries of one event by itself after which it is a dead letter. */
  aloneTriesMax: 3,
  /** Texts of packs kept in a process, to serve evidence without asking Redis for it. */
  evidenceCacheBytesMax: 32 * MiB,
  /** Longest silence of Redis while an answer is due; reads that wait are answered each second. */
  redisSilenceMsMax: 10_000,
  /** Groups of which a process remembers where their logs lie. */
  targetsKeptMax: 200_000,
  /** Counted values of which a process remembers the hash. */
  valueHashesKeptMax: 65_536,
  /** New window logs of one rule per minute; what would open more is refused: a flood of keys harms only its rule. */
  newLogsPerMinuteMax: 600_000,
  /** How long the numbers of a muted alert lag behind at least: its log is judged anew this long after a repeat. */
  recountMs: 1000,
  /** The same for each entry of the log, so that a muted key costs about as much a second whatever its log holds: looking takes longer in a long one. */
  recountEntryMs: 500,
  /** The same at most. */
  recountMsMax: 60_000,
  /** Share of maxmemory from which on acknowledged entries leave the streams whatever their age: before ingest closes at 0.8. */
  memoryScarceShare: 0.7,
  /** Reviews judged at once. */
  reviewsMax: 1000,
  /** A review whose rule this process does not know is left to others for so long; then it is forgotten. */
  orphanReviewMs: 10 * minute,
  /** Keys and bytes of one script call: Redis serves nobody else meanwhile. */
  scriptKeysMax: 1000,
  scriptBytesMax: 256 * KiB,
  /** Partitions of window logs and outboxes, fixed when a Redis is first used. */
  partitions: 64,
  /** Shards of the event stream, fixed when a Redis is first used. */
  shards: 4,
  /** Characters of one rule or dataset file: a longer one is split by its author, not read for seconds between two batches. */
  ruleFileCharactersMax: 2 * MiB,
  /** Nesting of one rule document; an event in a test may use limits.eventDepthMax of it. */
  documentDepthMax: 64,
  /** Values that the aliases of one rule file stand for, all together: what an alias bomb runs into. */
  aliasNodesMax: 100_000,
  /** Values of one condition that are compared one by one; those of `in`, `inCidr` and `someValue:equal` are looked up, and may be more. */
  conditionValuesMax: 1000,
  /** Rules of one rule set. */
  rulesMax: 20_000,
  /** Characters of a field name or of a condition's `path`. */
  fieldNameLengthMax: 256,
  /** Characters of a rule's id. */
  ruleIdLengthMax: 128,
  /** Outbox items that one forwarding pass takes: what fits into a few pipelined round trips. */
  forwardBatchMax: 512,
  /** How often the outboxes are looked through for what nobody in this process was told of. */
  forwardSweepMs: 200,
  /** Failing outbox items that a forwarder remembers, to try them ever more rarely. */
  forwardFailingMax: 10_000,
  /** New alerts of one rule per minute of event time; those over it are folded into one: a rule that is always true is one line. */
  alertsPerRuleMinuteMax: 1000,
  /** How long after its last alert the budget of a rule and minute is remembered. */
  alertBudgetMs: 6 * hour,
  /** Alerts waiting in the SIEM queue and leased; beyond it the lowest levels wait in front of it. */
  siemMax: 100_000,
  /** Leases at one time: an acknowledgement costs Redis time in proportion. */
  siemLeasedMax: 10_000,
  /** Alerts of one lease request, and how long it may hold them. */
  siemLeaseMax: 500,
  siemLeaseSecondsMax: 3600,
  /** Acknowledged alerts are remembered this long and in this number: an outbox entry that is older would be queued again. */
  siemDoneMsMax: 7 * 24 * hour,
  siemDoneMax: 500_000,
  /** Stored alerts: how long, and how many. */
  alertsMsMax: 30 * 24 * hour,
  alertsMax: 500_000,
  /** Entities of one alert under which it can be found. */
  alertEntitiesMax: 32,
  /** Alerts that one search request looks at; it answers with a cursor when it found fewer than asked. */
  alertScanMax: 5000,
  /** Alerts in the answer to one search. */
  alertPageMax: 500,
  /** Characters of one note. */
  noteLengthMax: 4000,
  /** Characters of the name of an assignee. */
  assigneeLengthMax: 128,
  /** Changes kept in the history of one alert: older ones are counted, and stand in the audit log. */
  alertHistoryMax: 200,
  /** Alerts that one request of bulk triage changes. */
  triageBulkMax: 500,
  /** Changes of alerts that are kept for clients of the stream that come back, about. */
  alertChangesMax: 10_000,
  /** Clients of the alert stream, per process and per key; over it: 429. */
  streamClientsMax: 256,
  streamClientsPerKeyMax: 32,
  /** Bytes that wait for a client of the stream, one copy for all; over it, it is cut off, and may come back with its last id. */
  streamClientBytesMax: 1 * MiB,
  /** Silence after which the stream says something, so that nobody on the way takes it for dead. */
  streamBeatMs: 15_000,
  /** Dead letters that one request retries or discards. */
  deadLetterBulkMax: 500,
  /** A closed alert whose webhooks nobody was told of for so long is told of by a worker. */
  closingTellMs: 10 * second,
  /** Such alerts that a worker looks at in one step; there is a step a second. */
  closingTellMax: 100,
  /** Of so many events one is matched with a watch, to know what each rule costs. */
  costSampleEvents: 1024,
  /** How often a worker tells what its rules cost. */
  costTellMs: 10_000,
  /** How old the numbers of GET /v1/overview may be: many who look cost one reading. */
  overviewAgeMsMax: 1000,
  /** Entries of the audit log, about: the oldest are cut. */
  auditEntriesMax: 100_000,
  /** Detail of one entry of the audit log; a longer one is left out, and its size told. */
  auditDetailBytesMax: 8 * KiB,
  /** Entries of the audit log that one request looks at; it answers with a cursor when it found fewer than asked. */
  auditScanMax: 5000,
  /** API keys of the settings, and about as many made by command or API: each request is compared with all of them, at 0.1 µs each. */
  apiKeysMax: 500,
  /** How long a key that was made or revoked elsewhere may go unnoticed by an API process. */
  apiKeysRefreshMs: 1000,
  /** How long what a key spent in one API process may go unnoticed by the others. */
  rateSettleMs: 250,
  /** Refused requests (401, 403, 429) that a process logs per minute; all are counted. */
  refusalsLoggedPerMinuteMax: 60,
  /** Rules with metrics of their own, in order of id; those beyond share the label `other`. */
  ruleSeriesMax: 500,
  /** Feeds with metrics of their own, in order of name; the others share the label `other`. */
  sourceSeriesMax: 100,
  /** Keys of Redis up to which window logs are counted one by one for the metrics; beyond, random ones are looked at. */
  censusKeysMax: 1000,
  /** Random keys that one look at the metrics takes. */
  censusSample: 200,
  /** Events that `weir generate` and `weir demo` make: its stories repeat themselves long before. */
  generatedEventsMax: 1_000_000,
  /** A window log that got nothing for so long is rewritten in its exact size. */
  compactIdleSeconds: 60,
  /** Keys of Redis that one step of compacting looks at; there is a step a second. */
  compactKeysMax: 2000,
  /** Threads of a replay that read and match; one more plays what they found. */
  replayThreadsMax: 8,
  /** Blocks of a file, of about 256 KB, that a replay matches before it starts threads. */
  replayAloneBlocks: 8,
  /** Events that the alerts of one replay hold as evidence, all together: they are kept to the end, since their numbers may still rise. */
  replayEvidenceMax: 3_000_000,
  /** Webhook targets: each has a queue, and a connection to Redis in each process that delivers. */
  webhookTargetsMax: 50,
  /** Deliveries of one target that wait; what comes on top of them is dropped and counted. */
  webhookWaitingMax: 10_000,
  /** Deliveries to one target at a time, from one process. */
  webhookConcurrencyMax: 4,
  /** Body of a webhook: 20 KB are what receivers must take; evidence that does not fit is cut, and said to be. */
  webhookBodyBytesMax: 19 * KiB,
  /** Name look-up, connection, request and the head of the answer, all together. */
  webhookAttemptMsMax: 15 * second,
  /** How long, and how much of, the rest of an answer is read. Nothing of it is kept. */
  webhookAnswerMsMax: 1 * second,
  webhookAnswerBytesMax: 64 * KiB,
  /** A target's Retry-After counts for no more than this. */
  webhookRetryAfterMsMax: 1 * hour,
  /** Failures of a target in a row after which it is paused, and how long at most: then one delivery tries. */
  webhookFailuresMax: 5,
  webhookPauseMsMax: 10 * minute,
  /** A delivery that has waited for so long, because its target was paused, is given up. */
  webhookAgeMsMax: 3 * 24 * hour,
  /** Deliveries that are done or given up are remembered this long and in this number per target: to be looked at, and to be sent only once. */
  webhookDoneMsMax: 7 * 24 * hour,
  webhookDoneMax: 10_000,
  /** Deliveries in one answer of the API. */
  webhookListMax: 500,
} as const;
