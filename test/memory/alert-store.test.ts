import { describe } from 'vitest';
import { createAlertStore } from '../../engine/memory/alert-store.ts';
import { alertStoreContract } from '../contract/alert-store.ts';

describe('the alert store on Maps', () => {
  alertStoreContract(async (options) => createAlertStore(options));
});
