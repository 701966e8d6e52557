/**
 * Every limit of the engine, with an explanation. Reaching one is counted and visible (metrics.ts). Those that an operator
 * can change are read in config.ts, with these as defaults.
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
  /** Bytes of one request after decompression. */
  requestBytesMax: 10 * MiB,
  /** Length of an event id, UTF-16 code units. */
  idLengthMax: 512,
  /** Length of a dataset's name, UTF-16 code units. */
  datasetLengthMax: 128,
  /** Bodies being read and packs being written, all requests of a process together; above it: 503 with Retry-After. */
  ingestBytesMax: 64 * MiB,
  /** Connections of one API process; more wait in the listener's queue or are refused. */
  connectionsMax: 4096,
  /** Accepted events that no worker has finished; above it: 429 with Retry-After. Ten seconds of work for one worker. */
  backlogEventsMax: 1_000_000,
  /** Share of Redis's maxmemory at which ingest closes: the rest is for the workers, because only they free memory. */
  memoryShareMax: 0.8,
  /** Errors listed in the response to one request; the rest are counted. */
  requestErrorsMax: 100,
  /** A clock that is ahead by more than this is not believed: the event gets the time of receipt. */
  futureMsMax: 5 * minute,
  /** Bytes of one pack (a stream entry). */
  packBytesMax: 256 * KiB,
  /** Entries of one step in one window log. */
  stepEntriesMax: 4096,
  /** Fewest entries at which a window log is tidied. */
  tidyEntriesMin: 64,
  /** Entries by which a window log grows at most before it is tidied again; a shorter one doubles. */
  tidyGrowthMax: 1024,
  /** Steps of one rule. */
  stepsMax: 32,
  /** Steps of the search for an assignment of different events to a sequence's steps: of one window, and of one evaluation of a log. */
  searchStepsMax: 100_000,
  searchesStepsMax: 5_000_000,
  /** Entries that one evaluation evaluates again because they belong to something that changed after it was due. */
  rejudgedMax: 500_000,
  /** Groups that one event may belong to in one step (arrays in group-by: their product). */
  groupsPerEventMax: 64,
  /** Values that one event may add to one log (arrays in the counted field). */
  valuesPerEventMax: 256,
  /** Values that one event may add to all logs of one step together: with many groups, fewer to each. */
  eventEntriesMax: 4096,
  /** Entries, and alerts of single events, after which a batch is sent to Redis before its next event is matched: the logs that Redis returns are evaluated in memory. */
  batchEntriesMax: 16_384,
  batchAlertsMax: 1024,
  /** Full events kept with an alert; analysts read no more, the rest are counted. */
  evidenceMax: 50,
  /** Approximate characters of the events in an alert: beyond it, the newest are kept whole, and of the others only id, dataset and time. */
  evidenceBytesMax: 128 * KiB,
  /** Values of one entity field in one alert. */
  entityValuesMax: 20,
  /** Characters of a rule's title and of each of its tags, and number of tags: all are part of each of its alerts. */
  titleLengthMax: 256,
  tagLengthMax: 128,
  tagsMax: 64,
  /** Characters of a rule's message, both as written and with its placeholders filled in. */
  messageLengthMax: 4096,
  /** Default of WEIR_LATENESS: how late an event may arrive and still be evaluated in its windows exactly. */
  latenessMs: 5 * minute,
  /** Default of WEIR_LAG_MAX: the longest outage of all workers that window logs survive. */
  lagMsMax: 24 * hour,
  /** Longest timespan of a rule. */
  timespanMsMax: 400 * 24 * hour,
  /** Dead letters kept per shard; older ones are deleted. */
  deadLettersMax: 10_000,
  /** Bytes of the text that is kept of one dead letter. */
  deadLetterBytesMax: 64 * KiB,
  /** Bytes a worker reads at once. */
  readBytesMax: 512 * KiB,
  /** Stream entries a worker reads at once from one shard. */
  readEntriesMax: 512,
  /** How long a silent worker may hold an entry before others claim it. */
  claimIdleMs: 15_000,
  /** A worker whose loop has not completed a round for this long is stuck, or Redis is: the process is then not ready. */
  workerSilenceMsMax: 30_000,
  /** How long a consumer must be silent, with nothing pending, before it is removed from the group: its worker is dead. */
  consumerIdleMs: 1 * hour,
  /** Deliveries of an entry after which its events are processed one by one: it may be crashing its workers. */
  deliveriesMax: 3,
  /** Attempts at one event by itself after which it is a dead letter. */
  aloneTriesMax: 3,
  /** Texts of packs cached in a process, to serve evidence without a request to Redis. */
  evidenceCacheBytesMax: 32 * MiB,
  /** Longest silence of Redis while a reply is due; blocking reads are answered every second. */
  redisSilenceMsMax: 10_000,
  /** Groups for which a process remembers where their logs are. */
  targetsKeptMax: 200_000,
  /** Counted values for which a process remembers the hash. */
  valueHashesKeptMax: 65_536,
  /** New window logs of one rule per minute; more are refused, so that a flood of keys harms only its own rule. */
  newLogsPerMinuteMax: 600_000,
  /** How long the number of new window logs of a minute is kept: events of that minute may be appended a little later. */
  newLogsKeptMs: 3 * minute,
  /** Minimum delay before the numbers of an alert are updated while it suppresses repeats: its log is evaluated again this long after a repeat. */
  recountMs: 1000,
  /** Additional delay per entry of the log, so that a suppressed key costs about the same per second whatever the length of its log. */
  recountEntryMs: 500,
  /** Maximum of that delay. */
  recountMsMax: 60_000,
  /** Share of maxmemory above which acknowledged entries are removed from the streams whatever their age: before ingest closes at 0.8. */
  memoryScarceShare: 0.7,
  /** Reviews evaluated at once. */
  reviewsMax: 1000,
  /** How long a review of a rule that this process does not know is left to others; then it is dropped. */
  orphanReviewMs: 10 * minute,
  /** How long this process must have met such reviews itself before it drops one: after an outage all are overdue at once. */
  orphanMetMs: 1 * minute,
  /** How long reviews that could not be evaluated are left alone: a millisecond for each of them, within these bounds. */
  reviewRestMs: 1 * second,
  reviewRestMsMax: 1 * minute,
  /** Keys and bytes of one script call: Redis serves no other client meanwhile. */
  scriptKeysMax: 1000,
  scriptBytesMax: 256 * KiB,
  /** Partitions of window logs and outboxes, fixed when a Redis is first used. */
  partitions: 64,
  /** Shards of the event stream, fixed when a Redis is first used. */
  shards: 4,
  /** Characters of one rule or dataset file: a longer one would take seconds to read between two batches, so its author must split it. */
  ruleFileCharactersMax: 2 * MiB,
  /** Nesting of one rule document; an event in a test may use limits.eventDepthMax levels of it. */
  documentDepthMax: 64,
  /** Values of one rule document, approximately: each takes a kilobyte while it is parsed. */
  documentValuesMax: 250_000,
  /** Errors, and warnings, that are reported of one rule file; the rest are counted. */
  problemsPerFileMax: 100,
  /** Values that the aliases of one rule file expand to, all together: stops alias bombs. */
  aliasNodesMax: 100_000,
  /** Trials of rules over the API, reading their bodies, waiting and running together; above it: 503 with Retry-After. */
  trialSeatsMax: 8,
  /** How long one trial may run: the author of rules waits for it. */
  trialMsMax: 10 * second,
  /** Heap of the thread that runs trials. */
  trialHeapBytesMax: 512 * MiB,
  /** Answer of one trial. */
  trialAnswerBytesMax: 10 * MiB,
  /** How long the thread that runs trials is kept when there are none. */
  trialIdleMs: minute,
  /** Values of one condition that are compared one by one; `in`, `inCidr` and `someValue:equal` look values up, and may have more. */
  conditionValuesMax: 1000,
  /** Rules of one rule set. */
  rulesMax: 20_000,
  /** Characters of a field name or of a condition's `path`. */
  fieldNameLengthMax: 256,
  /** Characters of a rule's id. */
  ruleIdLengthMax: 128,
  /** Outbox items of one forwarding pass: as many as fit into a few pipelined round trips. */
  forwardBatchMax: 512,
  /** How often the outboxes are scanned for items that this process was not notified of. */
  forwardSweepMs: 200,
  /** Failing outbox items that a forwarder remembers, to retry them with increasing delays. */
  forwardFailingMax: 10_000,
  /** New alerts of one rule per minute of event time; further ones are folded into one, so that a rule that always matches shows as one alert. */
  alertsPerRuleMinuteMax: 1000,
  /** How long the budget of a rule and minute is remembered after its last alert. */
  alertBudgetMs: 6 * hour,
  /** Alerts waiting in the SIEM queue and leased; above it, the lowest levels wait to enter the queue. */
  siemMax: 100_000,
  /** Leases at one time: the cost of an acknowledgement in Redis grows with it. */
  siemLeasedMax: 10_000,
  /** Alerts of one lease request, and how long it may hold them. */
  siemLeaseMax: 500,
  siemLeaseSecondsMax: 3600,
  /** How long, and how many, acknowledged alerts are remembered: an older outbox entry would be queued again. */
  siemDoneMsMax: 7 * 24 * hour,
  siemDoneMax: 500_000,
  /** How long, and how many, alerts are stored. */
  alertsMsMax: 30 * 24 * hour,
  alertsMax: 500_000,
  /** Entities of one alert under which it can be found. */
  alertEntitiesMax: 32,
  /** Alerts that one search request scans; it returns a cursor if it found fewer than requested. */
  alertScanMax: 5000,
  /** Alerts in the response to one search. */
  alertPageMax: 500,
  /** Characters of one note. */
  noteLengthMax: 4000,
  /** Characters of the name of an assignee. */
  assigneeLengthMax: 128,
  /** Changes kept in the history of one alert: older ones are counted, and are in the audit log. */
  alertHistoryMax: 200,
  /** Alerts that one request of bulk triage changes. */
  triageBulkMax: 500,
  /** Approximate number of alert changes kept for stream clients that reconnect. */
  alertChangesMax: 10_000,
  /** Clients of the alert stream, per process and per key; above it: 429. */
  streamClientsMax: 256,
  streamClientsPerKeyMax: 32,
  /** Bytes that wait for a client of the stream, of which all clients share one copy; above it, the client is disconnected, and can reconnect with its last id. */
  streamClientBytesMax: 1 * MiB,
  /** Silence after which the stream sends a heartbeat, so that no proxy closes the connection. */
  streamBeatMs: 15_000,
  /** Dead letters that one request retries or discards. */
  deadLetterBulkMax: 500,
  /** How long after an alert was closed a worker notifies its webhooks, if nothing else has. */
  closingTellMs: 10 * second,
  /** Such alerts that a worker checks in one step; there is one step per second. */
  closingTellMax: 100,
  /** One event in this many is timed while it is matched, to measure the cost of each rule. */
  costSampleEvents: 1024,
  /** How often a worker reports the cost of its rules. */
  costTellMs: 10_000,
  /** How old the numbers of GET /v1/overview may be, so that many clients cost one read. */
  overviewAgeMsMax: 1000,
  /** Approximate number of entries of the audit log: the oldest are deleted. */
  auditEntriesMax: 100_000,
  /** Detail of one entry of the audit log; a longer one is replaced by its size. */
  auditDetailBytesMax: 8 * KiB,
  /** Entries of the audit log that one request scans; it returns a cursor if it found fewer than requested. */
  auditScanMax: 5000,
  /** API keys in the configuration, and about as many created by command or API: each request is compared with all of them, at 0.1 µs each. */
  apiKeysMax: 500,
  /** How long an API process may not notice a key that was created or revoked elsewhere. */
  apiKeysRefreshMs: 1000,
  /** How long API processes may not notice what a key has spent in another one. */
  rateSettleMs: 250,
  /** Refused requests (401, 403, 429) that a process logs per minute; all are counted. */
  refusalsLoggedPerMinuteMax: 60,
  /** Rules with their own metrics, in order of id; further ones share the label `other`. */
  ruleSeriesMax: 500,
  /** Feeds with their own metrics, in order of name; further ones share the label `other`. */
  sourceSeriesMax: 100,
  /** Keys of Redis up to which the metrics count window logs one by one; above it, they sample random keys. */
  censusKeysMax: 1000,
  /** Random keys sampled for one read of the metrics. */
  censusSample: 200,
  /** Events that `weir generate` and `weir demo` make: their stories repeat long before. */
  generatedEventsMax: 1_000_000,
  /** A window log without new entries for this long is rewritten to its exact size. */
  compactIdleSeconds: 60,
  /** Keys of Redis that one compaction step checks; there is one step per second. */
  compactKeysMax: 2000,
  /** Threads of a replay that read and match; one more processes what they found. */
  replayThreadsMax: 8,
  /** Blocks of a file, of about 256 KB, that a replay matches before it starts threads. */
  replayAloneBlocks: 8,
  /** Events that the alerts of one replay hold as evidence, all together: they are kept to the end, because their counts may still rise. */
  replayEvidenceMax: 3_000_000,
  /** Webhook targets: each has a queue, and a connection to Redis in each process that delivers. */
  webhookTargetsMax: 50,
  /** Waiting deliveries of one target; further ones are dropped and counted. */
  webhookWaitingMax: 10_000,
  /** Deliveries to one target at a time, from one process. */
  webhookConcurrencyMax: 4,
  /** Body of a webhook: receivers must accept 20 KB; evidence that does not fit is cut, and the body says so. */
  webhookBodyBytesMax: 19 * KiB,
  /** Name lookup, connection, request and the head of the response, all together. */
  webhookAttemptMsMax: 15 * second,
  /** How long, and how many bytes, the rest of a response is read. Nothing of it is kept. */
  webhookAnswerMsMax: 1 * second,
  webhookAnswerBytesMax: 64 * KiB,
  /** The longest Retry-After of a target that is respected. */
  webhookRetryAfterMsMax: 1 * hour,
  /** Consecutive failures of a target after which it is paused, and for how long at most: then one delivery is tried. */
  webhookFailuresMax: 5,
  webhookPauseMsMax: 10 * minute,
  /** A delivery that has waited for this long, because its target was paused, is given up. */
  webhookAgeMsMax: 3 * 24 * hour,
  /** How long, and how many per target, finished and abandoned deliveries are remembered: to be listed, and to be sent only once. */
  webhookDoneMsMax: 7 * 24 * hour,
  webhookDoneMax: 10_000,
  /** Deliveries in one response of the API. */
  webhookListMax: 500,
} as const;
