/** The bank's employees and servers. Behaviour that resembles attacks: admins at night, phones near a border, slow computers, batch jobs. */
import type { Story } from '../cast.ts';
import { hour, minute, second, type Planned } from '../planned.ts';

/** The bank's outgoing address: people on the VPN appear on the internet with it, in the country of the data centre. */
const wayOut = '192.0.2.17';

/**
 * VPN, the computer's check-in, single sign-on, and for some the cloud console. One computer in 400 falls asleep before it
 * checks in, one in 400 takes a minute or more; one person in 300 has a phone that roams across the border.
 */
export const workday: Story = ({ dice, feeds, employees }, at) => {
  const who = dice.pick(employees);
  const asleep = dice.chance(1 / 400);
  const slow = dice.chance(1 / 400);
  const signOn = at + 40 * second + dice.wait(60 * second);
  const events: Planned[] = [feeds.vpn(at, who, 'connect', who.home, 'DE')];
  if (!asleep) events.push(feeds.checkin(at + (slow ? dice.int(50, 90) * second : Math.min(45 * second, dice.wait(5 * second))), who));
  events.push(feeds.sso(signOn, who, wayOut, 'NL'));
  if (dice.chance(1 / 300)) events.push(feeds.sso(at + 12 * minute, who, `100.90.0.${dice.int(1, 250)}`, dice.pick(['AT', 'CH', 'LU'])));
  if (dice.chance(0.3)) {
    const inside = signOn + 15 * second + dice.wait(60 * second);
    events.push(feeds.cloud(inside, who, 'ConsoleLogin', wayOut, entered));
    for (let calls = dice.int(1, 5); calls > 0; calls--) {
      events.push(
        feeds.cloud(
          inside + calls * dice.int(5, 50) * second,
          who,
          dice.pick(['DescribeInstances', 'DescribeDBInstances', 'ListUsers']),
          wayOut,
        ),
      );
    }
  }
  events.push(feeds.vpn(at + dice.int(3, 9) * hour, who, 'disconnect', who.home, 'DE'));
  return events;
};

/** A console login with a second factor. */
export const entered = { responseElements: { ConsoleLogin: 'Success' }, additionalEventData: { MFAUsed: 'Yes' } } as const;

/** Check-ins while people work. */
export const heartbeat: Story = ({ dice, feeds, employees }, at) => [feeds.checkin(at, dice.pick(employees))];

/** An admin on call, from home: VPN at night, the second factor, a copied snapshot, a new key. */
export const onCall: Story = ({ dice, feeds, admins }, at) => {
  const who = dice.pick(admins);
  const events = [
    feeds.vpn(at, who, 'connect', who.home, 'DE'),
    feeds.checkin(at + 4 * second, who),
    feeds.sso(at + minute, who, wayOut, 'NL'),
    feeds.factor(at + 70 * second, who, true),
    feeds.cloud(at + 5 * minute, who, 'CopyDBSnapshot', wayOut),
    feeds.vpn(at + hour, who, 'disconnect', who.home, 'DE'),
  ];
  if (dice.chance(0.2)) events.push(feeds.cloud(at + 20 * minute, who, 'CreateAccessKey', wayOut));
  return events;
};

/** A conference: the VPN from a new country, but no data leaves the cloud. */
export const conference: Story = ({ dice, feeds, employees }, at) => {
  const who = dice.pick(employees);
  const ip = `100.91.${dice.int(0, 9)}.${dice.int(1, 250)}`;
  return [
    feeds.vpn(at, who, 'connect', ip, dice.pick(['PT', 'IE', 'US']), true),
    feeds.checkin(at + dice.int(2, 20) * second, who),
    feeds.sso(at + 2 * minute, who, wayOut, 'NL'),
    feeds.vpn(at + 2 * hour, who, 'disconnect', ip, 'PT'),
  ];
};

/** Nightly jobs: a Java scheduler starts shells, on servers that are not behind the firewall. */
export const batchJob: Story = ({ dice, feeds, batchHosts }, at) => {
  const host = dice.pick(batchHosts);
  return Array.from({ length: dice.int(2, 6) }, (_, n) =>
    feeds.process(at + n * dice.int(5, 60) * second, host, dice.pick(['bash', 'sh', 'python3']), 'java'),
  );
};

/** Normal processes on web servers: the service manager starts the server, cron rotates the logs. */
export const upkeep: Story = ({ dice, feeds, webHosts }, at) => [
  feeds.process(at, dice.pick(webHosts), dice.pick(['nginx', 'logrotate', 'sh']), dice.pick(['systemd', 'cron'])),
];

/** Adware and similar on customers' computers; one finding in fifty is serious, and was stopped. */
export const finding: Story = ({ dice, feeds, customers }, at) => {
  const bad = dice.chance(0.02);
  const who = dice.pick(customers);
  return [feeds.finding(at, who.no, `pc-${who.no}`, bad ? dice.int(70, 80) : dice.int(10, 60), bad ? 'Trojan.Generic' : 'PUA.Toolbar')];
};
