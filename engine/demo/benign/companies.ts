/** Companies: payrolls that pay many people, merchants and appeals that receive from many, payees that two employees approved. */
import type { Story } from '../cast.ts';
import { hour, minute, second } from '../planned.ts';

/** Salaries: dozens of transfers within two minutes, released by an employee who entered none of the payees. */
export const payroll: Story = ({ dice, feeds, customers, employees }, at) => {
  const company = dice.pick(customers);
  const releasedBy = dice.pick(employees).no;
  const first = dice.int(0, Math.max(0, customers.length - 60));
  return customers.slice(first, first + dice.int(20, 50)).map((who, n) =>
    feeds.money(at + n * 2 * second, 'transfer', company, {
      cents: dice.amount(260_000, 0.3),
      to: who.account,
      toAgeDays: dice.int(100, 4000),
      releasedBy,
    }),
  );
};

/** An appeal or a market stall: a young account that many people pay, and that keeps the money overnight. */
export const appeal: Story = ({ dice, feeds, customers, shops }, at) => {
  const to = `${dice.pick(shops).account}-${dice.int(100, 999)}`;
  return Array.from({ length: dice.int(4, 12) }, (_, n) =>
    feeds.money(at + n * dice.int(1, 15) * minute, 'transfer', dice.pick(customers), {
      cents: dice.amount(3000, 0.6),
      to,
      toNew: true,
      toAgeDays: dice.int(5, 60),
    }),
  );
};

/** A new payee done correctly: one employee enters it, another one releases the payment. */
export const twoPairsOfEyes: Story = ({ dice, feeds, customers, employees, shops }, at) => {
  const [enters, releases] = [dice.int(0, employees.length - 2), employees.length - 1];
  const to = dice.pick(shops).account;
  return [
    feeds.change(at, 'payee-created', undefined, { employee: employees[enters]!.no, target: to }),
    feeds.money(at + dice.int(10, 90) * minute, 'transfer', dice.pick(customers), {
      cents: dice.amount(180_000, 0.8),
      to,
      toNew: true,
      toAgeDays: dice.int(200, 3000),
      releasedBy: employees[releases]!.no,
    }),
  ];
};

/** The takings of a shop, deposited at the bank; on some days close to the limit. */
export const takings: Story = ({ dice, feeds, customers }, at) => {
  const who = dice.pick(customers);
  const bags = dice.chance(0.1) ? 2 : 1;
  return Array.from({ length: bags }, (_, n) => feeds.money(at + n * hour, 'cash_deposit', who, { cents: dice.int(150_000, 980_000) }));
};
