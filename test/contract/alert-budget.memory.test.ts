import { describe } from 'vitest';
import { createAlertBudget } from '../support/memory/alert-budget.ts';
import { alertBudgetContract } from './alert-budget.ts';

describe('the alert budget on Maps', () => {
  alertBudgetContract(async (max) => createAlertBudget(max));
});
