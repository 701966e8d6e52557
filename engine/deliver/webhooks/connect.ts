/**
 * Name look-up with a guard: every address that a name stands for is checked, and only then handed on to be connected.
 * There is no second look-up in between, so a name server that answers with a public address first and a private one
 * next changes nothing. One bad address among good ones refuses them all: what is connected is the system's choice.
 *
 * For a host that is an address Node looks nothing up; send.ts asks about those itself.
 */
import { lookup as systemLookup, type LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { addressRefusal, type EgressAllow } from '../../compile/deliver/egress.ts';

/** All addresses of a name. */
export type Resolve = (hostname: string) => Promise<readonly LookupAddress[]>;

export class EgressRefused extends Error {
  constructor(because: string) {
    super(because);
    this.name = 'EgressRefused';
  }
}

/** As the system resolves names: hosts file, search domains, name servers. */
export const systemResolve: Resolve = (hostname) =>
  new Promise((resolve, reject) => {
    systemLookup(hostname, { all: true, verbatim: true }, (error, addresses) => {
      if (error === null) resolve(addresses);
      else reject(error);
    });
  });

type LookupCallback = Parameters<LookupFunction>[2];

export function guardedLookup(resolve: Resolve, allow: EgressAllow): LookupFunction {
  return (hostname, options, callback) => void answer(hostname, options.all === true, callback);

  async function answer(hostname: string, all: boolean, callback: LookupCallback): Promise<void> {
    let addresses: readonly LookupAddress[];
    try {
      addresses = await checked(hostname);
    } catch (error) {
      callback(error as Error, '');
      return;
    }
    if (all) callback(null, [...addresses]);
    else callback(null, addresses[0]!.address, addresses[0]!.family);
  }

  async function checked(hostname: string): Promise<readonly LookupAddress[]> {
    const addresses = await resolve(hostname);
    if (addresses.length === 0) throw new Error(`${hostname} has no address`);
    const name = hostname.toLowerCase().replace(/\.$/, '');
    if (allow.hosts.has(name)) return addresses;
    for (const { address } of addresses) {
      const refusal = addressRefusal(address, allow, name);
      if (refusal !== undefined) throw new EgressRefused(`${hostname}: ${refusal}`);
    }
    return addresses;
  }
}
