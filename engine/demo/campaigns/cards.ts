/** Stolen cards: tested, and spent. */
import { hour, minute, second } from '../planned.ts';
import { repeat, type Campaign } from './campaign.ts';

export const cards: readonly Campaign[] = [
  {
    name: 'stolen-card-list',
    about: 'nine cards from a list are tried from one address; most are declined',
    rule: 'card-testing',
    lastsMs: 15 * minute,
    play({ feeds, dice, shops, attacker, victim }, at) {
      const shop = dice.pick(shops);
      return {
        group: { 'source.ip': attacker },
        events: repeat(9, (k) =>
          feeds.cardPayment(at + k * 40 * second, victim(), {
            cents: 100,
            shop,
            declined: k % 4 !== 3,
            place: { ip: attacker, device: 'dev-c1' },
          }),
        ),
      };
    },
  },
  {
    name: 'scripted-checkout',
    about: 'the firewall sees a bot, and behind it three payments are declined',
    rule: 'bot-then-declined-cards',
    lastsMs: 15 * minute,
    play({ feeds, dice, shops, attacker, victim }, at) {
      const who = victim();
      const place = { ip: attacker, device: 'dev-c2' };
      const shop = dice.pick(shops);
      return {
        group: { 'source.ip': attacker },
        events: [
          ...repeat(7, (k) => feeds.web(at + k * 10 * second, { client: attacker, backend: 'web-2', attack: 'bot', path: '/checkout' })),
          ...repeat(3, (k) => feeds.cardPayment(at + (2 + k) * minute, who, { cents: 1900 - k * 500, shop, declined: true, place })),
        ],
      };
    },
  },
  {
    name: 'small-and-fast',
    about: 'a copied card pays eleven small sums within half an hour',
    rule: 'card-velocity',
    lastsMs: hour,
    play({ feeds, dice, shops, victim }, at) {
      const who = victim();
      return {
        group: { 'card.id': who.card },
        events: repeat(11, (k) => feeds.cardPayment(at + k * 150 * second, who, { cents: dice.int(300, 900), shop: dice.pick(shops) })),
      };
    },
  },
  {
    name: 'used-up-before-blocked',
    about: 'a stolen card buys a television, a coat and a flight in one afternoon',
    rule: 'card-spree',
    lastsMs: 3 * hour,
    play({ feeds, shops, victim }, at) {
      const who = victim();
      const kinds = ['electronics', 'clothing', 'travel'].map((kind) => shops.find(({ category }) => category === kind)!);
      return {
        group: { 'card.id': who.card },
        events: kinds.map((shop, k) => feeds.cardPayment(at + k * 50 * minute, who, { cents: 60_000 + k * 9000, shop })),
      };
    },
  },
  {
    name: 'shopping-by-night',
    about: 'two large payments while the card holder sleeps',
    rule: 'card-night-burst',
    lastsMs: 30 * minute,
    when: 'at-night',
    play({ feeds, dice, shops, victim }, at) {
      const who = victim();
      const shop = dice.pick(shops);
      return {
        group: { 'card.id': who.card },
        events: repeat(2, (k) => feeds.cardPayment(at + k * 25 * minute, who, { cents: 42_000 + k * 1000, shop })),
      };
    },
  },
  {
    name: 'gift-cards',
    about: 'five times the largest gift card, at one shop',
    rule: 'card-large-burst',
    lastsMs: 5 * hour,
    play({ feeds, dice, shops, victim }, at) {
      const who = victim();
      const shop = dice.pick(shops);
      return {
        group: { 'card.id': who.card },
        events: repeat(5, (k) => feeds.cardPayment(at + k * 55 * minute, who, { cents: 50_000, shop })),
      };
    },
  },
];
