import { describe } from 'vitest';
import { createAlertBudget } from '../../engine/memory/alert-budget.ts';
import { alertBudgetContract } from '../contract/alert-budget.ts';

describe('the budget of alerts on Maps', () => {
  alertBudgetContract(async (max) => createAlertBudget(max));
});
