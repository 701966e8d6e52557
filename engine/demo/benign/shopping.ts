/** Customers in shops and online. Behaviour that resembles attacks: typing errors in card numbers, offices and carriers behind one address. */
import type { Cast, Story } from '../cast.ts';
import type { Place } from '../feeds.ts';
import { minute, second, type Planned } from '../planned.ts';
import type { Customer } from '../population.ts';

/** Half of all card payments are below this; one in a hundred is ten times as large. */
const medianCents = 2400;

export const atTheTill: Story = ({ dice, feeds, customers, shops }, at) => [
  feeds.cardPayment(at, dice.pick(customers), { cents: dice.amount(medianCents, 1), shop: dice.pick(shops), declined: dice.chance(0.02) }),
];

/** Groceries, fuel, a snack and a pharmacy on one trip: many payments in a short time, but fewer than eight in an hour. */
export const errands: Story = ({ dice, feeds, customers, shops }, at) => {
  const who = dice.pick(customers);
  const stops = dice.int(2, 5);
  return Array.from({ length: stops }, (_, n) =>
    feeds.cardPayment(at + n * dice.int(6, 12) * minute, who, { cents: dice.amount(medianCents, 0.8), shop: dice.pick(shops) }),
  );
};

export const browsing: Story = ({ dice, feeds, customers, webHosts }, at) => [
  feeds.web(at, { client: whereIs(dice.pick(customers), dice).ip, backend: dice.pick(webHosts), path: `/p/${dice.int(1, 900)}` }),
];

/** One in twenty mistypes, or tries an empty card, before the payment succeeds: up to three declined payments. */
export const online: Story = (cast, at) => {
  const { dice, feeds, customers, shops, webHosts } = cast;
  const who = dice.pick(customers);
  const place = whereIs(who, dice);
  const events: Planned[] = [];
  let now = at;
  for (let page = dice.int(1, 4); page > 0; page--) {
    events.push(feeds.web(now, { client: place.ip, backend: dice.pick(webHosts), path: `/p/${dice.int(1, 900)}` }));
    now += dice.wait(25 * second);
  }
  const bill = { cents: dice.amount(medianCents * 1.5, 1), shop: dice.pick(shops), place };
  for (let tries = dice.chance(0.05) ? dice.int(1, 3) : 0; tries > 0; tries--) {
    events.push(feeds.cardPayment(now, who, { ...bill, declined: true }));
    now += 20 * second + dice.wait(30 * second);
  }
  events.push(feeds.cardPayment(now, who, bill));
  return events;
};

export const refund: Story = ({ dice, feeds, customers }, at) => [
  feeds.money(at, 'refund', dice.pick(customers), { cents: dice.amount(medianCents, 1) }),
];

/** Furnishing a flat: two or three large payments within a few hours, usually in the same shop. */
export const furnishing: Story = ({ dice, feeds, customers, shops }, at) => {
  const who = dice.pick(customers);
  const first = dice.pick(shops);
  return Array.from({ length: dice.int(2, 3) }, (_, n) =>
    feeds.cardPayment(at + n * dice.int(30, 70) * minute, who, {
      cents: dice.int(25_000, 140_000),
      shop: dice.chance(0.8) ? first : dice.pick(shops),
    }),
  );
};

/** Where a customer is: at home, on the phone's network, or in an office with forty others; with their own device or the family's. */
export function whereIs(who: Customer, dice: Cast['dice']): Place {
  const ip = dice.pick([who.home, who.home, who.carrier, who.office ?? who.home]);
  return { ip, device: ip === who.home && who.tablet !== undefined && dice.chance(0.4) ? who.tablet : who.device };
}
