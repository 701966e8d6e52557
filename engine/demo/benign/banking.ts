/**
 * Customers of the bank. Behaviour that resembles attacks: forgetful users who fail and then log in, families on one tablet,
 * pushes denied by mistake, travellers, first payments to a new payee.
 */
import type { Cast, Story } from '../cast.ts';
import type { Place } from '../feeds.ts';
import { hour, minute, second, type Planned } from '../planned.ts';
import type { Customer } from '../population.ts';
import { whereIs } from './shopping.ts';

const medianCents = 7000;

/** Logs in, perhaps confirms, perhaps pays. One in twelve mistypes the password, one in two hundred many times. */
export const visit: Story = (cast, at) => {
  const { dice, feeds, customers } = cast;
  const who = dice.pick(customers);
  const place = whereIs(who, dice);
  const events: Planned[] = [];
  let now = at;
  for (let wrong = slips(cast); wrong > 0; wrong--) {
    events.push(feeds.login(now, who, { ...place, failed: true }));
    now += 4 * second + dice.wait(12 * second);
  }
  events.push(feeds.login(now, who, place));
  if (dice.chance(0.6)) events.push(...transfer(cast, who, place, now + 20 * second + dice.wait(80 * second)));
  return events;
};

function slips({ dice }: Cast): number {
  if (dice.chance(0.005)) return dice.int(4, 6);
  return dice.chance(0.08) ? dice.int(1, 3) : 0;
}

/** Confirmed with a push if the payee is new or the amount is large; one push in twenty is denied first, by accident. */
export function transfer({ dice, feeds, customers }: Cast, who: Customer, place: Place, at: number): Planned[] {
  const toNew = dice.chance(0.06);
  const cents = dice.amount(medianCents, 1.2);
  const events: Planned[] = [];
  let now = at;
  if (toNew || cents > 50_000) {
    for (let denied = dice.chance(0.05) ? dice.int(1, 2) : 0; denied > 0; denied--) {
      events.push(feeds.factor(now, who, false));
      now += 15 * second;
    }
    events.push(feeds.factor(now, who, true));
    now += 3 * second + dice.wait(5 * second);
  }
  const to = toNew ? dice.pick(customers).account : dice.pick(who.payees);
  events.push(feeds.money(now, 'transfer', who, { cents, to, toNew, toAgeDays: dice.int(40, 4000), place }));
  return events;
}

/** A journey abroad, usually with the customer's own phone: payments in shops there, and sometimes a login at the bank. */
export const journey: Story = (cast, at) => {
  const { dice, feeds, customers, shops } = cast;
  const who = dice.pick(customers);
  const newDevice = dice.chance(0.05);
  const place = { ip: `100.80.${dice.int(0, 40)}.${dice.int(1, 250)}`, device: newDevice ? `${who.device}-b` : who.device };
  const country = dice.pick(['ES', 'IT', 'FR', 'GR', 'TR']);
  const events = [feeds.login(at, who, { ...place, country, newCountry: dice.chance(0.5), newDevice })];
  if (dice.chance(0.4)) events.push(...transfer(cast, who, place, at + 2 * minute));
  for (let bills = dice.int(0, 3); bills > 0; bills--) {
    events.push(feeds.cardPayment(at + bills * dice.int(20, 50) * minute, who, { cents: dice.amount(4000, 0.9), shop: dice.pick(shops) }));
  }
  return events;
};

/** A new phone: the help desk resets the second factor, the new device logs in, and pays the usual payees. */
export const newPhone: Story = ({ dice, feeds, customers, employees }, at) => {
  const who = dice.pick(customers);
  const place = { ip: who.home, device: `${who.device}-b` };
  const events = [
    feeds.change(at, dice.chance(0.5) ? 'mfa-reset' : 'sim-changed', who, { employee: dice.pick(employees).no }),
    feeds.login(at + 10 * minute, who, { ...place, newDevice: true }),
  ];
  if (dice.chance(0.5)) {
    const to = dice.pick(who.payees);
    events.push(
      feeds.money(at + 30 * minute, 'transfer', who, { cents: dice.amount(medianCents, 1), to, toNew: dice.chance(0.03), place }),
    );
  }
  return events;
};

/** A new phone number, address or password; a later payout is confirmed. */
export const newDetails: Story = ({ dice, feeds, customers }, at) => {
  const who = dice.pick(customers);
  const place = whereIs(who, dice);
  const what = dice.pick(['phone-changed', 'email-changed', 'password-changed', 'language-changed', 'language-changed']);
  const events = [feeds.login(at, who, place), feeds.change(at + minute, what, who, { place })];
  if (dice.chance(0.3)) {
    const later = at + dice.int(1, 5) * hour;
    events.push(feeds.factor(later, who, true));
    events.push(feeds.money(later + 30 * second, 'payout', who, { cents: dice.amount(20_000, 1), to: dice.pick(who.payees), place }));
  }
  return events;
};

/** A new payout account; some couples use the same one. */
export const newPayoutAccount: Story = ({ dice, feeds, customers }, at) => {
  const n = dice.int(0, customers.length - 2);
  const couple = dice.chance(0.3) ? [customers[n]!, customers[n + 1]!] : [customers[n]!];
  return couple.map((who, k) =>
    feeds.change(at + k * 5 * minute, 'payout-account-changed', who, {
      target: couple[0]!.account,
      place: { ip: who.home, device: who.device },
    }),
  );
};

/** A login once a year, sometimes with a payout of the interest. */
export const onceAYear: Story = ({ dice, feeds, customers }, at) => {
  const who = dice.pick(customers);
  const place = whereIs(who, dice);
  const events = [feeds.login(at, who, { ...place, idleDays: dice.int(60, 500) })];
  if (dice.chance(0.15)) {
    events.push(feeds.money(at + 5 * minute, 'payout', who, { cents: dice.amount(12_000, 0.8), to: dice.pick(who.payees), place }));
  }
  return events;
};

/** A new customer deposits money and tries the card. */
export const newCustomer: Story = ({ dice, feeds, customers, shops }, at) => {
  const who = dice.pick(customers);
  const account = `${who.account}-2`;
  const mine = { ...who, account };
  const events = [
    feeds.change(at, 'account-opened', who, { account, place: { ip: who.home, device: who.device } }),
    feeds.money(at + hour, 'transfer', dice.pick(customers), { cents: dice.amount(30_000, 0.8), to: account, toNew: true, toAgeDays: 0 }),
    feeds.cardPayment(at + 90 * minute, who, { cents: dice.amount(2400, 1), shop: dice.pick(shops) }),
  ];
  if (dice.chance(0.4))
    events.push(feeds.money(at + hour + 20 * minute, 'withdrawal', mine, { cents: dice.pick([5000, 10_000, 20_000, 50_000]) }));
  return events;
};

export const cash: Story = ({ dice, feeds, customers }, at) => [
  dice.chance(0.9)
    ? feeds.money(at, 'withdrawal', dice.pick(customers), { cents: dice.pick([2000, 5000, 10_000, 20_000, 40_000]) })
    : feeds.money(at, 'cash_deposit', dice.pick(customers), { cents: dice.amount(120_000, 1) }),
];
