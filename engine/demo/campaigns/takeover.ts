/** Customer accounts that are taken over and emptied. */
import { hour, minute, second } from '../planned.ts';
import { repeat, type Campaign } from './campaign.ts';

const mule = 'DE6600000001';

export const takeover: readonly Campaign[] = [
  {
    name: 'guessed-and-cashed-out',
    about: 'a password is guessed at the sixth try, and the balance goes to a new payee',
    rule: 'account-takeover-cash-out',
    lastsMs: 20 * minute,
    play({ feeds, attacker, victim }, at) {
      const who = victim();
      const place = { ip: attacker, device: 'dev-x1' };
      return {
        group: { 'user.id': who.no },
        events: [
          ...repeat(6, (k) => feeds.login(at + k * 20 * second, who, { ...place, failed: true })),
          feeds.login(at + 3 * minute, who, place),
          feeds.money(at + 9 * minute, 'transfer', who, { cents: 184_000, to: mule, toNew: true, toAgeDays: 200, place }),
        ],
      };
    },
  },
  {
    name: 'phone-number-swapped',
    about: 'the number that warnings go to is changed, and three hours later money is paid out',
    rule: 'profile-change-then-payout',
    lastsMs: 4 * hour,
    play({ feeds, attacker, away }, at) {
      const who = away.customer;
      const place = { ip: attacker, device: 'dev-x2' };
      return {
        group: { 'user.id': who.no },
        events: [
          feeds.login(at, who, place),
          feeds.change(at + minute, 'phone-changed', who, { place }),
          feeds.money(at + 3 * hour, 'payout', who, { cents: 92_000, to: mule, place }),
        ],
      };
    },
  },
  {
    name: 'help-desk-talked-over',
    about: 'a call to the help desk, a new device, a new payee',
    rule: 'support-reset-then-payout',
    lastsMs: 6 * hour,
    play({ feeds, attacker, victim, insider }, at) {
      const who = victim();
      const place = { ip: attacker, device: 'dev-x3' };
      return {
        group: { 'user.id': who.no },
        events: [
          feeds.change(at, 'mfa-reset', who, { employee: insider().no }),
          feeds.login(at + 20 * minute, who, { ...place, newDevice: true }),
          feeds.money(at + 5 * hour, 'transfer', who, { cents: 64_000, to: mule, toNew: true, toAgeDays: 200, place }),
        ],
      };
    },
  },
  {
    name: 'stolen-session-abroad',
    about: 'a device and a country that are both new, then 4,100 leave',
    rule: 'new-device-abroad-then-payment',
    lastsMs: 2 * hour,
    play({ feeds, attacker, victim }, at) {
      const who = victim();
      const place = { ip: attacker, device: 'dev-x4' };
      return {
        group: { 'user.id': who.no },
        events: [
          feeds.login(at, who, { ...place, country: 'BR', newCountry: true, newDevice: true }),
          feeds.money(at + hour, 'transfer', who, { cents: 410_000, to: who.payees[0]!, toAgeDays: 900, place }),
        ],
      };
    },
  },
  {
    name: 'sleeper-account-emptied',
    about: 'nobody looked at the account for 412 days; now it pays out',
    rule: 'dormant-account-then-payout',
    lastsMs: 2 * hour,
    play({ feeds, attacker, victim }, at) {
      const who = victim();
      const place = { ip: attacker, device: 'dev-x5' };
      return {
        group: { 'user.id': who.no },
        events: [
          feeds.login(at, who, { ...place, idleDays: 412 }),
          feeds.money(at + 40 * minute, 'payout', who, { cents: 230_000, to: mule, place }),
        ],
      };
    },
  },
  {
    name: 'pushed-until-approved',
    about: 'five pushes denied, the sixth approved, and a new payee is paid',
    rule: 'mfa-fatigue-then-payment',
    lastsMs: 30 * minute,
    play({ feeds, attacker, victim }, at) {
      const who = victim();
      const place = { ip: attacker, device: 'dev-x6' };
      return {
        group: { 'user.id': who.no },
        events: [
          feeds.login(at, who, place),
          ...repeat(5, (k) => feeds.factor(at + (k + 1) * 45 * second, who, false)),
          feeds.factor(at + 6 * minute, who, true),
          feeds.money(at + 11 * minute, 'transfer', who, { cents: 99_000, to: mule, toNew: true, toAgeDays: 200, place }),
        ],
      };
    },
  },
  {
    name: 'banking-trojan',
    about: 'a trojan is found on the computer, and an hour later it pays',
    rule: 'malware-then-payment',
    lastsMs: 2 * hour,
    play({ feeds, victim }, at) {
      const who = victim();
      const place = { ip: who.home, device: who.device };
      return {
        group: { 'user.id': who.no },
        events: [
          feeds.finding(at, who.no, `pc-${who.no}`, 92, 'Zloader'),
          feeds.money(at + hour, 'transfer', who, { cents: 148_000, to: mule, toNew: true, toAgeDays: 200, place }),
        ],
      };
    },
  },
  {
    name: 'botnet-guesses',
    about: 'one password is tried from fourteen addresses, twice each',
    rule: 'distributed-guessing',
    lastsMs: hour,
    play({ feeds, victim }, at) {
      const who = victim();
      return {
        group: { 'user.id': who.no },
        events: repeat(28, (k) =>
          feeds.login(at + k * 90 * second, who, { ip: `203.0.113.${200 + (k % 14)}`, device: `dev-b${k % 14}`, failed: true }),
        ),
      };
    },
  },
  {
    name: 'leaked-password-list',
    about: 'one address tries thirty customers within two minutes',
    rule: 'credential-stuffing',
    lastsMs: 10 * minute,
    play({ feeds, attacker, victim }, at) {
      return {
        group: { 'source.ip': attacker },
        events: repeat(30, (k) => feeds.login(at + k * 4 * second, victim(), { ip: attacker, device: `dev-s${k}`, failed: true })),
      };
    },
  },
];
