import { describe } from 'vitest';
import { createAlertStore } from '../support/memory/alert-store.ts';
import { alertTriageContract } from './alert-triage.ts';

describe('triage on Maps', () => {
  alertTriageContract(async (options) => {
    const store = createAlertStore(options);
    return { store, triage: store.triage, changes: store.changes };
  });
});
