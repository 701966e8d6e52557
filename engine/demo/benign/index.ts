/** Ordinary traffic: how often each story begins, by day and by night. */
import type { Story } from '../cast.ts';
import * as banking from './banking.ts';
import * as companies from './companies.ts';
import * as shopping from './shopping.ts';
import * as staff from './staff.ts';
import * as web from './web.ts';

type Weighted = { readonly story: Story; readonly day: number; readonly night: number };
const often = (story: Story, day: number, night: number): Weighted => ({ story, day, night });

export const stories: readonly Weighted[] = [
  often(shopping.atTheTill, 300, 60),
  often(shopping.errands, 30, 0),
  often(shopping.browsing, 200, 200),
  often(shopping.online, 90, 60),
  often(shopping.refund, 10, 1),
  often(shopping.furnishing, 0.5, 0),
  often(banking.visit, 120, 60),
  often(banking.journey, 6, 4),
  often(banking.newPhone, 1, 0.1),
  often(banking.newDetails, 4, 1),
  often(banking.newPayoutAccount, 1, 0.2),
  often(banking.onceAYear, 1, 0.5),
  often(banking.newCustomer, 1.5, 0),
  often(banking.cash, 20, 10),
  often(companies.payroll, 0.6, 0),
  often(companies.appeal, 0.5, 0),
  often(companies.twoPairsOfEyes, 1.5, 0),
  often(companies.takings, 1, 1),
  often(staff.workday, 8, 1),
  often(staff.heartbeat, 60, 60),
  often(staff.onCall, 0.1, 3),
  often(staff.conference, 0.2, 0.1),
  often(staff.batchJob, 0.5, 12),
  often(staff.upkeep, 8, 8),
  often(staff.finding, 3, 2),
  often(web.scanner, 5, 10),
  often(web.priceBot, 2, 4),
  often(web.blockedByMistake, 2, 1),
];

/** Replaces a story if there is only room for one event. */
export const filler: Story = shopping.browsing;

/** From 22:00 to 06:00 UTC. */
export const isNight = (at: number): boolean => {
  const hourOfDay = new Date(at).getUTCHours();
  return hourOfDay >= 22 || hourOfDay < 6;
};
