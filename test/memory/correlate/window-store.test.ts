import { describe } from 'vitest';
import type { Alert, AlertUpdate } from '../../../engine/core/alert/alert.ts';
import { memoryWindowStore } from '../../../engine/memory/correlate/window-store.ts';
import { testProfile, windowStoreContract } from '../../contract/window-store.ts';

describe('window store on Maps', () => {
  windowStoreContract(async () => {
    const alerts: Alert[] = [];
    const updates: AlertUpdate[] = [];
    const store = memoryWindowStore(testProfile, { alert: (one) => alerts.push(one), update: (one) => updates.push(one) });
    return { store, outbox: async () => ({ alerts, updates }) };
  });
});
