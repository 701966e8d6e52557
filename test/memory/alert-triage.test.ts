import { describe } from 'vitest';
import { createAlertStore } from '../../engine/memory/alert-store.ts';
import { alertTriageContract } from '../contract/alert-triage.ts';

describe('triage on Maps', () => {
  alertTriageContract(async (options) => {
    const store = createAlertStore(options);
    return { store, triage: store.triage, changes: store.changes };
  });
});
