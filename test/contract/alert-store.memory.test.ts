import { describe } from 'vitest';
import { createAlertStore } from '../support/memory/alert-store.ts';
import { alertStoreContract } from './alert-store.ts';

describe('the alert store on Maps', () => {
  alertStoreContract(async (options) => createAlertStore(options));
});
