/** Accounts that pass on stolen money, and insiders who help. */
import { hour, minute } from '../planned.ts';
import { repeat, type Campaign } from './campaign.ts';

export const mules: readonly Campaign[] = [
  {
    name: 'collect-and-withdraw',
    about: 'six strangers pay a young account, which is emptied in cash two hours later',
    rule: 'mule-in-and-out',
    lastsMs: 6 * hour,
    play({ feeds, victim }, at) {
      const mule = { ...victim(), account: 'DE7700000001' };
      return {
        group: { 'account.id': mule.account },
        events: [
          ...repeat(6, (k) =>
            feeds.money(at + k * 30 * minute, 'transfer', victim(), {
              cents: 80_000 + k * 500,
              to: mule.account,
              toNew: true,
              toAgeDays: 9,
            }),
          ),
          feeds.money(at + 5 * hour, 'withdrawal', mule, { cents: 470_000 }),
        ],
      };
    },
  },
  {
    name: 'straight-through',
    about: 'an account is opened, receives 1,200, and is empty forty minutes later',
    rule: 'new-account-passthrough',
    lastsMs: 3 * hour,
    play({ feeds, victim, attacker }, at) {
      const mule = { ...victim(), account: 'DE7700000002' };
      return {
        group: { 'account.id': mule.account },
        events: [
          feeds.change(at, 'account-opened', mule, { account: mule.account, place: { ip: attacker, device: 'dev-m2' } }),
          feeds.money(at + 2 * hour, 'transfer', victim(), { cents: 120_000, to: mule.account, toNew: true, toAgeDays: 0 }),
          feeds.money(at + 160 * minute, 'withdrawal', mule, { cents: 115_000 }),
        ],
      };
    },
  },
  {
    name: 'just-below-the-limit',
    about: 'four deposits of a little less than 10,000 at four branches',
    rule: 'structuring',
    lastsMs: 8 * hour,
    play({ feeds, victim }, at) {
      const who = victim();
      return {
        group: { 'account.id': who.account },
        events: repeat(4, (k) => feeds.money(at + k * 2 * hour, 'cash_deposit', who, { cents: 940_000 + k * 10_000 })),
      };
    },
  },
  {
    name: 'one-phone-many-names',
    about: 'one telephone opens and runs the accounts of eight people',
    rule: 'shared-device',
    lastsMs: 4 * hour,
    play({ feeds, attacker, victim }, at) {
      const place = { ip: attacker, device: 'dev-ring' };
      return {
        group: { 'device.id': place.device },
        events: repeat(8, (k) => {
          const who = victim();
          const then = at + k * 25 * minute;
          return k % 2 === 0 ? feeds.login(then, who, place) : feeds.change(then, 'address-changed', who, { place });
        }),
      };
    },
  },
  {
    name: 'payouts-diverted',
    about: 'the payouts of four customers are redirected to the same stranger',
    rule: 'payout-account-shared',
    lastsMs: 4 * hour,
    play({ feeds, attacker, victim }, at) {
      const target = 'DE7700000003';
      return {
        group: { 'payee.account.id': target },
        events: repeat(4, (k) =>
          feeds.change(at + k * 40 * minute, 'payout-account-changed', victim(), {
            target,
            place: { ip: attacker, device: `dev-p${k}` },
          }),
        ),
      };
    },
  },
  {
    name: 'supplier-that-is-not',
    about: 'an employee enters a supplier and releases the payment to it',
    rule: 'four-eyes-broken',
    lastsMs: 3 * hour,
    play({ feeds, victim, insider }, at) {
      const who = insider();
      const target = 'DE7700000004';
      return {
        group: { 'employee.id': who.no, 'payee.account.id': target },
        events: [
          feeds.change(at, 'payee-created', undefined, { employee: who.no, target }),
          feeds.money(at + 2 * hour, 'transfer', victim(), { cents: 480_000, to: target, toNew: true, toAgeDays: 300, releasedBy: who.no }),
        ],
      };
    },
  },
];
