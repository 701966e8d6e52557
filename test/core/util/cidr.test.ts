/** Networks, compared with node's own BlockList. */
import { BlockList, isIP } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { inNetworks, networkFinder, networksOf, parseAddress, parseNetwork } from '../../../engine/core/util/cidr.ts';

const v4 = fc.ipV4();
const v6 = fc.oneof(
  fc.ipV6(),
  v4.map((address) => `::ffff:${address}`),
);
const near = (address: string, last: number): string =>
  address.includes('.') ? address.replace(/\d+$/, String(last)) : address.replace(/[^:]*$/, last.toString(16));

test('networks contain the same addresses as in node', () => {
  let inside = 0;
  fc.assert(
    fc.property(fc.oneof(v4, fc.ipV6()), fc.nat(128), fc.oneof(v4, v6), fc.nat(255), (base, length, other, last) => {
      const family = base.includes(':') ? 'ipv6' : 'ipv4';
      const prefix = Math.min(length, family === 'ipv4' ? 32 : 128);
      // An IPv4 address written as IPv6 is the IPv4 address; node distinguishes them below a prefix of 96.
      if (family === 'ipv6' && parseAddress(base)!.family === 4) return;
      const blocks = new BlockList();
      blocks.addSubnet(base, prefix, family);
      for (const address of [other, near(base, last)]) {
        // For node an IPv4 address is in ::/0; here the two families are separate.
        if (isIP(address) === 0 || parseAddress(address)!.family !== parseAddress(base)!.family) continue;
        const expected = blocks.check(address, address.includes(':') ? 'ipv6' : 'ipv4');
        expect([address, inNetworks(address, networksOf(`${base}/${prefix}`))]).toEqual([address, expected]);
        if (expected) inside++;
      }
    }),
    { numRuns: 3_000 },
  );
  expect(inside).toBeGreaterThan(300);
});

test('a look-up in many networks gives the same result as in one after the other', () => {
  let inside = 0;
  const network = fc.tuple(fc.oneof(v4, v6), fc.nat(128)).map(([base, length]) => `${base}/${base.includes(':') ? length : length % 33}`);
  fc.assert(
    fc.property(fc.array(network, { maxLength: 12 }), fc.oneof(v4, v6), fc.nat(255), (written, other, last) => {
      const networks = networksOf(written);
      const found = networkFinder(networks);
      for (const value of [other, ...written.map((each) => near(each.replace(/[/].*/, ''), last)), 'x', 5, undefined]) {
        expect([value, found(value)]).toEqual([value, inNetworks(value, networks)]);
        if (found(value)) inside++;
      }
    }),
    { numRuns: 1_000 },
  );
  expect(inside).toBeGreaterThan(1_000);
});

test('the same texts are addresses as in node, and no others', () => {
  const text = fc.oneof(
    v4,
    v6,
    fc.stringMatching(/^[0-9a-f:.]{0,20}$/),
    fc.constantFrom(
      '::',
      '::1',
      '1::',
      ':::',
      '1:::2',
      '01.2.3.4',
      '1.2.3',
      '127.1',
      '1.2.3.4.5',
      '256.1.1.1',
      'fe80::1%eth0',
      '1:2:3:4:5:6:7:8:9',
      '::1.2.3.4',
      '1.2.3.4::',
      ' 1.2.3.4',
    ),
  );
  fc.assert(
    fc.property(text, (address) => {
      const readable = isIP(address) !== 0 && !address.includes('%');
      expect([address, parseAddress(address) !== undefined]).toEqual([address, readable]);
    }),
    { numRuns: 3_000 },
  );
});

test('networks are parsed strictly, and IPv4 written as IPv6 counts as IPv4', () => {
  expect(parseNetwork('10.0.0.1')).toEqual(parseNetwork('10.0.0.1/32'));
  expect(inNetworks('::ffff:10.1.2.3', networksOf('10.0.0.0/8'))).toBe(true);
  expect(inNetworks('10.1.2.3', networksOf('::ffff:10.0.0.0/104'))).toBe(true);
  expect(inNetworks('10.1.2.3', networksOf('0.0.0.0/0'))).toBe(true);
  expect(inNetworks('::1', networksOf('0.0.0.0/0'))).toBe(false);
  for (const text of [
    '10.0.0.0/33',
    '10.0.0.0/',
    '10.0.0.0/-1',
    '10.0.0.0/08',
    '10.0.0.0/8/8',
    '::/129',
    '::ffff:10.0.0.0/8',
    'x/8',
    '/8',
    '',
  ]) {
    expect([text, parseNetwork(text)]).toEqual([text, undefined]);
  }
});

test('an unreadable address is in no network', () => {
  for (const value of ['', 'x', 5, null, undefined, {}, ['10.0.0.1'], true]) expect(inNetworks(value, networksOf('0.0.0.0/0'))).toBe(false);
});
