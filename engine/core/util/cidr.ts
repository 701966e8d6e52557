/**
 * IPv4 and IPv6 addresses and networks as numbers: `10.0.0.0/8`, `2001:db8::/32`. A bare address is a network of one.
 *
 * Parsing is strict, because rules and access checks rely on it: no octal or shortened IPv4 (`010.0.0.1`, `127.1`), no
 * zone. An IPv4 address written as IPv6 (`::ffff:10.0.0.1`) is the IPv4 address, as an address and as a network.
 */
type Address = { readonly family: 4 | 6; readonly bits: bigint };
export type Network = { readonly family: 4 | 6; readonly bits: bigint; readonly shift: bigint };

const octet = /^(?:0|[1-9][0-9]{0,2})$/;

function parseV4(text: string): bigint | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  let bits = 0;
  for (const part of parts) {
    if (!octet.test(part) || Number(part) > 255) return undefined;
    bits = bits * 256 + Number(part);
  }
  return BigInt(bits);
}

function parseV6(text: string): bigint | undefined {
  let source = text;
  const lastColon = text.lastIndexOf(':');
  if (text.includes('.')) {
    const tail = parseV4(text.slice(lastColon + 1));
    if (tail === undefined) return undefined;
    source = `${text.slice(0, lastColon + 1)}${(tail >> 16n).toString(16)}:${(tail & 0xffffn).toString(16)}`;
  }
  const halves = source.split('::');
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const groups = head!.length + (tail?.length ?? 0);
  if (tail === undefined ? groups !== 8 : groups > 7) return undefined;
  let bits = 0n;
  for (const group of [...head!, ...Array.from({ length: 8 - groups }, () => '0'), ...(tail ?? [])]) {
    if (!/^[0-9a-fA-F]{1,4}$/.test(group)) return undefined;
    bits = (bits << 16n) | BigInt(parseInt(group, 16));
  }
  return bits;
}

/** Undefined when the text is not an address. */
export function parseAddress(text: string): Address | undefined {
  if (text.length > 45) return undefined;
  if (!text.includes(':')) {
    const bits = parseV4(text);
    return bits === undefined ? undefined : { family: 4, bits };
  }
  const bits = parseV6(text);
  if (bits === undefined) return undefined;
  return bits >> 32n === 0xffffn ? { family: 4, bits: bits & 0xffffffffn } : { family: 6, bits };
}

/** Undefined when the text is not a network. Bits after the prefix are ignored, as routers do. */
export function parseNetwork(text: string): Network | undefined {
  const slash = text.indexOf('/');
  const address = parseAddress(slash < 0 ? text : text.slice(0, slash));
  if (address === undefined) return undefined;
  let length = address.family === 4 ? 32 : 128;
  if (slash >= 0) {
    const prefix = text.slice(slash + 1);
    if (!octet.test(prefix)) return undefined;
    const mapped = address.family === 4 && text.includes(':') ? 96 : 0;
    if (Number(prefix) - mapped > length || Number(prefix) < mapped) return undefined;
    length = Number(prefix) - mapped;
  }
  const shift = BigInt((address.family === 4 ? 32 : 128) - length);
  return { family: address.family, bits: address.bits >> shift, shift };
}

/** True when the value is a valid address inside one of the networks. */
export function inNetworks(value: unknown, networks: readonly Network[]): boolean {
  const address = typeof value === 'string' ? parseAddress(value) : undefined;
  return address !== undefined && networks.some(({ family, bits, shift }) => family === address.family && address.bits >> shift === bits);
}

/** The same for many values: the cost grows with the number of different prefix lengths, not with the number of networks. */
export function networkFinder(networks: readonly Network[]): (value: unknown) => boolean {
  const byLength = { 4: new Map<bigint, Set<bigint>>(), 6: new Map<bigint, Set<bigint>>() };
  for (const { family, bits, shift } of networks) {
    const known = byLength[family].get(shift);
    if (known === undefined) byLength[family].set(shift, new Set([bits]));
    else known.add(bits);
  }
  return (value) => {
    const address = typeof value === 'string' ? parseAddress(value) : undefined;
    if (address === undefined) return false;
    for (const [shift, known] of byLength[address.family]) if (known.has(address.bits >> shift)) return true;
    return false;
  };
}

/** The networks in a condition's value, which is one network or a list. Invalid ones are left out. */
export function networksOf(value: unknown): Network[] {
  return (Array.isArray(value) ? value : [value]).flatMap((item) => (typeof item === 'string' ? (parseNetwork(item) ?? []) : []));
}
