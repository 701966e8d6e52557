/**
 * The population of the demo: a bank with a shop, its customers, employees and servers. Things are shared as in reality:
 * households share an address and some a tablet; offices and carriers put dozens of people behind one address.
 *
 *     198.18.0.0/15    homes              203.0.113.0/24   attackers (used only by campaigns/)
 *     198.51.100.0/24  customers' offices 192.0.2.0/24     the bank's outgoing address
 *     100.64.0.0/10    carriers
 */
import type { Dice } from './dice.ts';

export type Customer = {
  readonly no: string;
  readonly account: string;
  readonly card: string;
  readonly device: string;
  /** The tablet of the household; undefined if it has none. */
  readonly tablet: string | undefined;
  readonly country: string;
  readonly home: string;
  readonly carrier: string;
  readonly office: string | undefined;
  /** Accounts that the customer has paid before. */
  readonly payees: readonly string[];
};

export type Employee = {
  readonly no: string;
  readonly mail: string;
  readonly computer: string;
  readonly home: string;
  readonly admin: boolean;
};

export type Shop = { readonly name: string; readonly category: string; readonly account: string };

export type Population = {
  readonly customers: readonly Customer[];
  readonly employees: readonly Employee[];
  /** People who are away for the day: nothing that they do interferes with what attackers do in their names. */
  readonly away: { readonly customer: Customer; readonly employees: readonly Employee[] };
  readonly admins: readonly Employee[];
  readonly shops: readonly Shop[];
  readonly webHosts: readonly string[];
  readonly batchHosts: readonly string[];
};

const customersPerOffice = 40;
const customersPerCarrierAddress = 150;
const categories = ['grocery', 'fuel', 'restaurant', 'clothing', 'electronics', 'travel', 'pharmacy', 'furniture', 'books', 'sports'];
const countries = ['DE', 'DE', 'DE', 'DE', 'DE', 'DE', 'DE', 'DE', 'AT', 'NL'];
const firstNames = ['ann', 'ben', 'cem', 'dora', 'emil', 'fay', 'gus', 'hana', 'ivo', 'jana', 'kim', 'lea', 'max', 'nora', 'olaf', 'pia'];
const lastNames = [
  'adler',
  'brandt',
  'celik',
  'dietz',
  'ebert',
  'fuchs',
  'graf',
  'huber',
  'ilg',
  'jahn',
  'keller',
  'lang',
  'moser',
  'nowak',
];

/** @param size approximate number of customers */
export function population(dice: Dice, size: number): Population {
  const shops = Array.from({ length: Math.max(20, Math.floor(size / 40)) }, (_, n) => ({
    name: `${categories[n % categories.length]}-${n}`,
    category: categories[n % categories.length]!,
    account: `DE20${digits(n, 8)}`,
  }));
  const [absent, ...customers] = households(dice, size + 1, shops) as [Customer, ...Customer[]];
  const [first, second, ...employees] = staff(Math.max(16, Math.floor(size / 20)) + 2) as [Employee, Employee, ...Employee[]];
  return {
    customers,
    employees,
    away: { customer: absent, employees: [first, second] },
    admins: employees.filter(({ admin }) => admin),
    shops,
    webHosts: ['web-1', 'web-2', 'web-3', 'api-1'],
    batchHosts: ['batch-1', 'batch-2'],
  };
}

function staff(size: number): Employee[] {
  return Array.from({ length: size }, (_, n): Employee => {
    const name = `${firstNames[n % firstNames.length]}.${lastNames[n % lastNames.length]}${n < 112 ? '' : n}`;
    return {
      no: `m${digits(n, 4)}`,
      mail: `${name}@weir-bank.example`,
      computer: `nb-${digits(n, 4)}`,
      home: address(198, 18, 100_000 + n),
      admin: n % 8 === 0,
    };
  });
}

function households(dice: Dice, size: number, shops: readonly Shop[]): Customer[] {
  const customers: Customer[] = [];
  for (let household = 0; customers.length < size; household++) {
    const members = dice.pick([1, 1, 1, 2, 2, 3, 4, 5]);
    const tablet = members > 1 && dice.chance(0.3) ? `tablet-${digits(household, 5)}` : undefined;
    const country = dice.pick(countries);
    for (let member = 0; member < members; member++) {
      const n = customers.length;
      customers.push({
        no: `c${digits(n, 6)}`,
        account: accountOf(n),
        card: `card-${digits(n, 6)}`,
        device: `phone-${digits(n, 6)}`,
        tablet,
        country,
        home: address(198, 18, household),
        carrier: address(100, 64, Math.floor(n / customersPerCarrierAddress)),
        office: dice.chance(0.6) ? address(198, 51, 100 * 256 + (Math.floor(n / customersPerOffice) % 250) + 1) : undefined,
        payees: [dice.pick(shops).account, dice.pick(shops).account, accountOf(dice.int(0, size - 1))],
      });
    }
  }
  return customers;
}

const accountOf = (n: number): string => `DE10${digits(n, 8)}`;
const digits = (n: number, width: number): string => String(n).padStart(width, '0');

/** The n-th address after `a.b.0.0`. */
const address = (a: number, b: number, n: number): string => `${a}.${b + (n >> 16)}.${(n >> 8) & 255}.${n & 255}`;
