/** Attacks on the bank itself: its employees, its servers, its cloud. */
import { entered } from '../benign/staff.ts';
import { hour, minute, second } from '../planned.ts';
import { repeat, type Campaign } from './campaign.ts';

export const staff: readonly Campaign[] = [
  {
    name: 'vpn-without-computer',
    about: 'a stolen password opens the VPN from a machine that nobody manages',
    rule: 'vpn-without-endpoint-checkin',
    lastsMs: hour,
    when: 'early',
    play({ feeds, attacker, away }, at) {
      const who = away.employees[0]!;
      return {
        group: { 'user.email': who.mail },
        events: [feeds.vpn(at, who, 'connect', attacker, 'DE'), feeds.vpn(at + 50 * minute, who, 'disconnect', attacker, 'DE')],
      };
    },
  },
  {
    name: 'two-places-at-once',
    about: 'the owner is on the VPN at home while somebody else signs on from far away',
    rule: 'staff-in-two-countries',
    lastsMs: hour,
    play({ feeds, attacker, insider }, at) {
      const who = insider();
      return {
        group: { 'user.email': who.mail },
        events: [
          feeds.vpn(at, who, 'connect', who.home, 'DE'),
          feeds.checkin(at + 3 * second, who),
          feeds.sso(at + 14 * minute, who, attacker, 'VN'),
          feeds.sso(at + 19 * minute, who, attacker, 'VN'),
        ],
      };
    },
  },
  {
    name: 'around-the-front-door',
    about: 'the cloud console is entered without single sign-on, while the owner is on leave',
    rule: 'console-login-without-sso',
    lastsMs: 10 * minute,
    play({ feeds, attacker, away }, at) {
      const who = away.employees[1]!;
      return {
        group: { 'user.name': who.mail },
        events: [
          feeds.cloud(at, who, 'ConsoleLogin', attacker, entered),
          feeds.cloud(at + minute, who, 'DescribeInstances', attacker),
          feeds.cloud(at + 2 * minute, who, 'ListUsers', attacker),
        ],
      };
    },
  },
  {
    name: 'tired-admin',
    about: 'an admin gives in to the fifth push, and a key is made',
    rule: 'mfa-fatigue-then-cloud-action',
    lastsMs: 40 * minute,
    play({ feeds, attacker, insider }, at) {
      const who = insider();
      return {
        group: { 'user.email': who.mail },
        events: [
          ...repeat(4, (k) => feeds.factor(at + k * 70 * second, who, false)),
          feeds.factor(at + 7 * minute, who, true),
          feeds.cloud(at + 18 * minute, who, 'CreateAccessKey', attacker),
        ],
      };
    },
  },
  {
    name: 'database-carried-off',
    about: 'the VPN from a country never seen, then a snapshot is exported',
    rule: 'vpn-new-place-then-cloud-export',
    lastsMs: 2 * hour,
    play({ feeds, attacker, insider }, at) {
      const who = insider();
      return {
        group: { 'user.email': who.mail },
        events: [
          feeds.vpn(at, who, 'connect', attacker, 'MD', true),
          feeds.checkin(at + 9 * second, who),
          feeds.sso(at + minute, who, attacker, 'MD'),
          feeds.cloud(at + 35 * minute, who, 'DescribeDBInstances', attacker),
          feeds.cloud(at + 41 * minute, who, 'StartExportTask', attacker),
        ],
      };
    },
  },
  {
    name: 'blocked-then-inside',
    about: 'an address that the firewall blocked five times logs in',
    rule: 'waf-attack-then-login',
    lastsMs: hour,
    play({ feeds, attacker, victim }, at) {
      return {
        group: { 'source.ip': attacker },
        events: [
          ...repeat(5, (k) =>
            feeds.web(at + k * 30 * second, { client: attacker, backend: 'web-1', blocked: true, attack: 'sqli', path: '/login' }),
          ),
          feeds.login(at + 35 * minute, victim(), { ip: attacker, device: 'dev-w1' }),
        ],
      };
    },
  },
  {
    name: 'shell-on-the-web-server',
    about: 'an upload of code gets through, and the web server starts a shell',
    rule: 'waf-hit-then-host-process',
    lastsMs: 15 * minute,
    play({ feeds, attacker }, at) {
      return {
        group: { 'host.name': 'api-1' },
        events: [
          ...repeat(2, (k) => feeds.web(at + k * minute, { client: attacker, backend: 'api-1', attack: 'rce', path: '/upload' })),
          feeds.process(at + 3 * minute, 'api-1', 'sh', 'java'),
        ],
      };
    },
  },
];
