/** What the shop's firewall sees all day: scanners, price comparisons, and customers who trigger a rule by mistake. */
import type { Story } from '../cast.ts';
import { second } from '../planned.ts';
import { whereIs } from './shopping.ts';

/** Scanners from many addresses try common paths, are blocked, and never log in. */
export const scanner: Story = ({ dice, feeds, webHosts }, at) => {
  const client = `100.${dice.int(100, 126)}.${dice.int(0, 255)}.${dice.int(1, 254)}`;
  const backend = dice.pick(webHosts);
  return Array.from({ length: dice.int(2, 12) }, (_, n) =>
    feeds.web(at + n * dice.int(1, 3) * second, {
      client,
      backend,
      blocked: true,
      attack: dice.pick(['sqli', 'path-traversal', 'scanner', 'rce']),
      path: dice.pick(['/wp-login.php', '/.env', '/?id=1%27--', '/cgi-bin/']),
    }),
  );
};

/** A price comparison from an address that shoppers share. */
export const priceBot: Story = ({ dice, feeds, customers, webHosts }, at) => {
  const client = dice.pick(customers).carrier;
  return Array.from({ length: dice.int(3, 10) }, (_, n) =>
    feeds.web(at + n * 4 * second, { client, backend: dice.pick(webHosts), blocked: dice.chance(0.2), attack: 'bot', path: `/p/${n}` }),
  );
};

/** A customer whose message to the bank looks like an attack, once or twice, and who then logs in. */
export const blockedByMistake: Story = ({ dice, feeds, customers }, at) => {
  const who = dice.pick(customers);
  const place = whereIs(who, dice);
  const blocked = Array.from({ length: dice.int(1, 2) }, (_, n) =>
    feeds.web(at + n * 20 * second, { client: place.ip, backend: 'web-1', blocked: true, attack: 'sqli', path: '/contact' }),
  );
  return [...blocked, feeds.login(at + 90 * second, who, place)];
};
