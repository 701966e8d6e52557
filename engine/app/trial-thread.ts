/** The thread that runs trials of rules for the API, on the stores of a replay. */
import { parentPort } from 'node:worker_threads';
import { replayStores } from '../memory/replay-stores.ts';
import { serveTrials } from '../runtime/rules/trial-thread.ts';

serveTrials(parentPort!, replayStores);
