/**
 * Binds a condition's constant to its operator chain, once: lists become sets, and networks are parsed. The cost of an event
 * must not grow with a list of a million values, times the members of an array in the event; so values are looked up where
 * possible, and their number is limited at load elsewhere (limits.conditionValuesMax).
 */
import { networkFinder, networksOf } from '../../core/util/cidr.ts';
import { chainTest, operators, type Chain } from './operators.ts';
import { own } from '../../core/util/own.ts';

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
      // In any network of any list: in any network of all lists together.
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

/** Longer lists are looked up in a Set. It finds the same as `indexOf`, except NaN, which JSON does not have. */
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

/** A shorter equivalent chain, reduced from the inside: `someFact:someValue:equal` is `someFact:in`. For checked constants only. */
export function simplified({ decorators, base }: Chain): Chain {
  const outer = decorators.slice(0, -1);
  const shorter = withoutDecorator(decorators.at(-1), base, outer);
  return shorter === undefined ? { decorators, base } : simplified({ decorators: outer, base: shorter });
}

/** The operator that is equivalent to the decorator and `base`, if there is one. */
function withoutDecorator(decorator: string | undefined, base: string, outer: readonly string[]): string | undefined {
  switch (decorator) {
    case 'not':
      return own(opposites, base);
    case 'swap':
      return base === 'equal' || base === 'notEqual' ? base : undefined;
    case 'someValue':
      return base === 'equal' ? 'in' : undefined;
    case 'everyValue':
      // The two differ if the value is not a list; after swap: the value comes from the event and may be anything.
      return base === 'notEqual' && !outer.includes('swap') ? 'notIn' : undefined;
    default:
      return undefined;
  }
}

/** Whether the constant's values are looked up rather than compared one by one. */
export function isLookedUp(chain: Chain): boolean {
  const { decorators, base } = simplified(chain);
  const unions = base === 'inCidr' && decorators.at(-1) === 'someValue' ? decorators.slice(0, -1) : decorators;
  return /^(?:equal|notEqual|in|notIn|inCidr|notInCidr)$/.test(base) && unions.every((word) => /^(?:not|someFact|everyFact)$/.test(word));
}
