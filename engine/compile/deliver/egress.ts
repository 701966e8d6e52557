/**
 * Where Weir may send requests that users configure: to the public internet, and to what the operator has allowed.
 * Otherwise a webhook would be a way into the network around Weir, and to the credentials that clouds hand out on
 * metadata addresses.
 *
 * This is checked twice. When a target is saved, its URL is checked after normalisation by the URL standard, by which
 * `127.1`, `2130706433`, `0x7f.1` and `[::ffff:127.0.0.1]` become the same address. At each connection, every address that
 * the host name resolves to at that moment is checked (engine/deliver/webhooks/connect.ts).
 *
 * In IPv6 only 2000::/3 is public. The list below holds the ranges inside it, and inside IPv4, that are not public,
 * including those that wrap an IPv4 address (NAT64, 6to4, Teredo).
 */
import { inNetworks, networksOf, parseAddress, parseNetwork, type Network } from '../../core/util/cidr.ts';

/** What an operator allows besides the public internet. */
export type EgressAllow = { readonly networks: readonly Network[]; readonly hosts: ReadonlySet<string> };

export const nothingAllowed: EgressAllow = { networks: [], hosts: new Set() };

const special: readonly (readonly [what: string, networks: readonly Network[]])[] = [
  ['unspecified', networksOf(['0.0.0.0/8', '::/128'])],
  ['loopback', networksOf(['127.0.0.0/8', '::1/128'])],
  ['private', networksOf(['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7', 'fec0::/10'])],
  ['shared (CGNAT)', networksOf('100.64.0.0/10')],
  ['link-local or metadata', networksOf(['169.254.0.0/16', 'fe80::/10', '168.63.129.16/32'])],
  ['multicast', networksOf(['224.0.0.0/4', 'ff00::/8'])],
  ['NAT64', networksOf(['64:ff9b::/96', '64:ff9b:1::/48'])],
  ['6to4', networksOf(['2002::/16', '192.88.99.0/24'])],
  ['Teredo', networksOf('2001::/32')],
  [
    'reserved',
    networksOf([
      '192.0.0.0/24',
      '192.0.2.0/24',
      '198.18.0.0/15',
      '198.51.100.0/24',
      '203.0.113.0/24',
      '240.0.0.0/4',
      '2001::/23',
      '2001:db8::/32',
      '3fff::/20',
    ]),
  ],
];
const publicV6 = networksOf('2000::/3');

/** The setting that would allow the target, with the first of its names that the setting accepts. */
function remedy(...names: readonly string[]): string {
  const entry = names.find((name) => readAllowed([name]) !== undefined);
  return entry === undefined ? '' : `; to allow it: WEIR_WEBHOOKS_ALLOW=${entry} (several are separated by commas)`;
}

/**
 * Why nothing is sent to this address, and which setting would allow it; undefined if it is allowed.
 * @param host the host name that resolved to the address, if there is one
 */
export function addressRefusal(address: string, allow: EgressAllow, host = address): string | undefined {
  const refusal = refusalOf(address, allow);
  return refusal === undefined ? undefined : `${refusal}${remedy(host, address)}`;
}

function refusalOf(address: string, allow: EgressAllow): string | undefined {
  const parsed = parseAddress(address);
  if (parsed === undefined) return `${JSON.stringify(address)} is not an IP address`;
  if (inNetworks(address, allow.networks)) return undefined;
  const kind = special.find(([, networks]) => inNetworks(address, networks))?.[0];
  if (kind !== undefined) return `${address} is ${kind === 'unspecified' ? 'an' : 'a'} ${kind} address`;
  return parsed.family === 6 && !inNetworks(address, publicV6) ? `${address} is not a public address` : undefined;
}

/** Ports from 1024 on that are used by other protocols, whose servers could take the lines of a request for commands. */
const otherPorts: ReadonlySet<number> = new Set([
  1433, 1521, 2049, 2375, 2376, 2379, 3306, 3389, 5432, 5672, 5900, 6379, 9042, 11211, 27017,
]);

/** The host to connect to: without brackets and without a final dot. */
export const hostOf = (url: URL): string => url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');

/** The normalised URL, or why no target may have it. */
export function readTargetUrl(text: string, allow: EgressAllow): { readonly url: string } | { readonly refusal: string } {
  const url = text.length <= 2048 && URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined) return { refusal: 'is not a valid URL' };
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return { refusal: `must be https: or http:, not ${url.protocol}` };
  if (url.username !== '' || url.password !== '') return { refusal: 'must not contain a user name or password; use a header' };
  // First what no setting can allow.
  const refusal = portRefusal(url.port) ?? hostRefusal(hostOf(url), allow);
  if (refusal !== undefined) return { refusal };
  url.hash = '';
  return { url: url.href };
}

/** Why a host is refused, as far as its name shows before it is resolved; undefined if it is not. */
export function hostRefusal(host: string, allow: EgressAllow): string | undefined {
  if (host === '') return 'has no host';
  if (allow.hosts.has(host)) return undefined;
  if (parseAddress(host) !== undefined) return addressRefusal(host, allow);
  if (host === 'localhost' || host.endsWith('.localhost'))
    return ['127.0.0.1', '::1'].every((own) => addressRefusal(own, allow) === undefined)
      ? undefined
      : `${host} is a loopback address${remedy(host)}`;
  return undefined;
}

function portRefusal(port: string): string | undefined {
  const number = Number(port);
  const fine = port === '' || number === 80 || (number >= 1024 && !otherPorts.has(number));
  return fine ? undefined : `port ${port} is not a web server port, and no setting can allow it`;
}

/** Reads the entries of WEIR_WEBHOOKS_ALLOW: networks, addresses and host names. Undefined if one of them is invalid. */
export function readAllowed(entries: readonly string[]): EgressAllow | undefined {
  const networks: Network[] = [];
  const hosts = new Set<string>();
  for (const entry of entries) {
    const network = parseNetwork(entry.replace(/^\[|\]$/g, ''));
    if (network !== undefined) networks.push(network);
    else if (/^[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?$/i.test(entry) && !/^[\d.]+$/.test(entry)) hosts.add(entry.toLowerCase());
    else return undefined;
  }
  return { networks, hosts };
}
