/** The stores of one replay, on Maps. */
import type { LogProfile } from '../core/correlate/log-profile.ts';
import type { Rule } from '../core/rule.ts';
import type { ReplayStores } from '../runtime/pipeline/replay-session.ts';
import { memoryAlerts } from './alert/alerts.ts';
import { memoryEvidence, type MemoryRef } from './alert/evidence.ts';
import { memoryPacks } from './decode/packs.ts';
import { memoryWindowStore } from './correlate/window-store.ts';

export function replayStores(profile: (rule: Rule) => LogProfile): ReplayStores {
  const alerts = memoryAlerts();
  const packs = memoryPacks();
  return {
    windows: memoryWindowStore(profile, alerts, packs),
    evidence: memoryEvidence(packs),
    outbox: alerts,
    locate: (event, ms, seq) => {
      const ref: MemoryRef = { shard: 0, ms, seq, index: 0, event };
      return { event, ref };
    },
    keep: packs.keep,
    alerts: alerts.all,
  };
}
