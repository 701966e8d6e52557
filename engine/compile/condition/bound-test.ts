/**
 * The chain of a condition with its constant built in: lists become sets, networks are read, once. What an event costs
 * must not grow with a list that is a million values long, times the members of an array of its own; so what can be
 * looked up is, and the rest is bounded at load (limits.conditionValuesMax).
 */
import { networkFinder, networksOf } from '../../core/util/cidr.ts';
import { chainTest, operators, type Chain } from './operators.ts';

type Bound = (fact: unknown) => boolean;

export function boundTest(chain: Chain, constant: unknown): Bound {
  return bound(simplified(chain), constant);
}

function bound(chain: Chain, constant: unknown): Bound {
  const [first, ...rest] = chain.decorators;
  if (first === undefined) return boundBase(chain.base, constant);
  const inner: Chain = { decorators: rest, base: chain.base };
  switch (first) {
    case 'not': {
      const next = bound(inner, constant);
      return (fact) => !next(fact);
    }
    case 'someFact': {
      const next = bound(inner, constant);
      return (fact) => Array.isArray(fact) && fact.some(next);
    }
    case 'everyFact': {
      const next = bound(inner, constant);
      return (fact) => Array.isArray(fact) && fact.every(next);
    }
    case 'someValue': {
      if (!Array.isArray(constant)) return () => false;
      // In some of the networks of some list: in some network of all of them.
      if (rest.length === 0 && chain.base === 'inCidr') return boundBase('inCidr', constant.flat());
      const each = constant.map((value) => bound(inner, value));
      return (fact) => each.some((test) => test(fact));
    }
    case 'everyValue': {
      if (!Array.isArray(constant)) return () => false;
      const each = constant.map((value) => bound(inner, value));
      return (fact) => each.every((test) => test(fact));
    }
    default: {
      const test = chainTest(chain);
      return (fact) => test(fact, constant);
    }
  }
}

/** Longer lists are looked up in a Set; it holds what `indexOf` finds, NaN excepted, which JSON does not have. */
const scannedMax = 4;

function boundBase(base: string, constant: unknown): Bound {
  const { test } = operators.get(base)!;
  if ((base === 'in' || base === 'notIn') && Array.isArray(constant) && constant.length > scannedMax) {
    const members = new Set<unknown>(constant);
    return base === 'in' ? (fact) => members.has(fact) : (fact) => !members.has(fact);
  }
  if (base === 'inCidr' || base === 'notInCidr') {
    const found = networkFinder(networksOf(constant));
    return base === 'inCidr' ? found : (fact) => fact !== undefined && !found(fact);
  }
  return (fact) => test(fact, constant);
}

const opposites: Readonly<Record<string, string>> = { equal: 'notEqual', notEqual: 'equal', in: 'notIn', notIn: 'in' };

/** The same chain in fewer words, from the inside: `someFact:someValue:equal` is `someFact:in`. For constants that passed their check. */
export function simplified({ decorators, base }: Chain): Chain {
  const outer = decorators.slice(0, -1);
  const shorter = withoutDecorator(decorators.at(-1), base, outer);
  return shorter === undefined ? { decorators, base } : simplified({ decorators: outer, base: shorter });
}

/** The operator that the decorator makes of the other one, where there is such. */
function withoutDecorator(decorator: string | undefined, base: string, outer: readonly string[]): string | undefined {
  switch (decorator) {
    case 'not':
      return opposites[base];
    case 'swap':
      return base === 'equal' || base === 'notEqual' ? base : undefined;
    case 'someValue':
      return base === 'equal' ? 'in' : undefined;
    case 'everyValue':
      // Of what is no list they say different things; behind swap: the value is the event's, which may be anything.
      return base === 'notEqual' && !outer.includes('swap') ? 'notIn' : undefined;
    default:
      return undefined;
  }
}

/** Whether the constant's values are looked up, however many there are. */
export function isLookedUp(chain: Chain): boolean {
  const { decorators, base } = simplified(chain);
  const unions = base === 'inCidr' && decorators.at(-1) === 'someValue' ? decorators.slice(0, -1) : decorators;
  return /^(?:equal|notEqual|in|notIn|inCidr|notInCidr)$/.test(base) && unions.every((word) => /^(?:not|someFact|everyFact)$/.test(word));
}
