/**
 * Guarded name lookup: every address of a name is checked before any is passed on for connecting. There is no second
 * lookup in between, so a name server that answers first with a public and then with a private address (DNS rebinding)
 * gains nothing. One forbidden address refuses the name, since the system chooses which address to connect to.
 *
 * Node looks up nothing if the host is an address; send.ts checks those itself.
 */
import { lookup as systemLookup, type LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { addressRefusal, type EgressAllow } from '../../compile/deliver/egress.ts';

/** Returns all addresses of a name. */
export type Resolve = (hostname: string) => Promise<readonly LookupAddress[]>;

export class EgressRefused extends Error {
  constructor(because: string) {
    super(because);
    this.name = 'EgressRefused';
  }
}

/** Resolves names like the system: hosts file, search domains, name servers. */
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
