/** What webhooks may reach, checked before any name is resolved. */
import { BlockList, isIP } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressRefusal, hostRefusal, nothingAllowed, readAllowed, readTargetUrl } from '../../../engine/compile/deliver/egress.ts';

const refusalOf = (url: string, allowed: string[] = []): string | undefined => {
  const reading = readTargetUrl(url, readAllowed(allowed)!);
  return 'refusal' in reading ? reading.refusal : undefined;
};

describe('refused', () => {
  it.each([
    ['http://169.254.169.254/latest/meta-data/', 'metadata'],
    ['http://[fd00:ec2::254]/', 'private'],
    ['http://100.100.100.200/', 'CGNAT'],
    ['http://168.63.129.16/', 'metadata'],
    ['http://192.0.0.192/', 'reserved'],
    ['http://127.0.0.1/', 'loopback'],
    ['http://127.1/', 'loopback'],
    ['http://2130706433/', 'loopback'],
    ['http://0x7f.0.0.1/', 'loopback'],
    ['http://0177.0.0.1/', 'loopback'],
    ['http://017700000001/', 'loopback'],
    ['http://①②⑦.0.0.1/', 'loopback'],
    ['http://127.0.0.1./', 'loopback'],
    ['http://%31%32%37.0.0.1/', 'loopback'],
    ['http://[::1]/', 'loopback'],
    ['http://[0:0:0:0:0:0:0:1]/', 'loopback'],
    ['http://[::ffff:127.0.0.1]/', 'loopback'],
    ['http://[::ffff:7f00:1]/', 'loopback'],
    ['http://[::127.0.0.1]/', 'not a public address'],
    ['http://0/', 'unspecified'],
    ['http://0.0.0.0/', 'unspecified'],
    ['http://[::]/', 'unspecified'],
    ['http://localhost/', 'loopback'],
    ['http://LOCALHOST./', 'loopback'],
    ['http://api.localhost/', 'loopback'],
    ['http://10.0.0.1/', 'private'],
    ['http://172.16.0.1/', 'private'],
    ['http://172.31.255.255/', 'private'],
    ['http://192.168.1.1/', 'private'],
    ['http://[fc00::1]/', 'private'],
    ['http://[fec0::1]/', 'private'],
    ['http://[fe80::1]/', 'link-local'],
    ['http://100.64.0.1/', 'CGNAT'],
    ['http://224.0.0.1/', 'multicast'],
    ['http://[ff02::1]/', 'multicast'],
    ['http://255.255.255.255/', 'reserved'],
    ['http://198.18.0.1/', 'reserved'],
    ['http://203.0.113.9/', 'reserved'],
    ['http://[64:ff9b::7f00:1]/', 'NAT64'],
    ['http://[64:ff9b:1::7f00:1]/', 'NAT64'],
    ['http://[2002:7f00:1::]/', '6to4'],
    ['http://[2001:0:7f00:1::]/', 'Teredo'],
    ['http://[2001:db8::1]/', 'reserved'],
    ['http://[100::1]/', 'not a public address'],
    ['http://[5f00::1]/', 'not a public address'],
    ['file:///etc/passwd', 'file:'],
    ['gopher://example.com/', 'gopher:'],
    ['ftp://example.com/', 'ftp:'],
    ['javascript:alert(1)', 'javascript:'],
    ['https://user:secret@example.com/', 'user name'],
    ['https://user@example.com/', 'user name'],
    ['http://example.com:22/', 'port 22'],
    ['http://example.com:25/', 'port 25'],
    ['http://example.com:6379/', 'port 6379'],
    ['http://', 'not a valid URL'],
    ['example.com', 'not a valid URL'],
    ['http://[fe80::1%25eth0]/', 'not a valid URL'],
    [`https://example.com/${'x'.repeat(3000)}`, 'not a valid URL'],
    ['', 'not a valid URL'],
  ])('%s: %s', (url, because) => {
    expect(refusalOf(url)).toContain(because);
  });
});

describe('the suggested setting', () => {
  const entryIn = (refusal: string | undefined): string | undefined => /to allow it: WEIR_WEBHOOKS_ALLOW=(\S+) /.exec(refusal ?? '')?.[1];

  it.each([
    ['http://10.0.0.5:9093/', '10.0.0.5'],
    ['http://127.1/', '127.0.0.1'],
    ['http://[::1]/', '::1'],
    ['http://[::ffff:10.0.0.5]/', '::ffff:a00:5'],
    ['http://[fd00:ec2::254]/', 'fd00:ec2::254'],
    ['http://[100::1]/', '100::1'],
    ['http://0/', '0.0.0.0'],
    ['http://169.254.169.254/', '169.254.169.254'],
    ['http://localhost:9093/', 'localhost'],
    ['http://Alerts.LOCALHOST./', 'alerts.localhost'],
  ])('for %s is %s, and allows it', (url, entry) => {
    expect(entryIn(refusalOf(url))).toBe(entry);
    expect(refusalOf(url, [entry])).toBeUndefined();
  });

  it.each(['http://10.0.0.5:22/', 'http://example.com:25/', 'ftp://10.0.0.5/', 'http://a:b@10.0.0.5/', 'http://', '10.0.0.5'])(
    'is missing for %s, because none would allow it',
    (url) => {
      expect(refusalOf(url)).toBeDefined();
      expect(refusalOf(url)).not.toContain('WEIR_WEBHOOKS_ALLOW');
    },
  );

  it('for a host name that resolves to an address is the name, unless the setting cannot hold it', () => {
    expect(entryIn(addressRefusal('10.0.0.5', nothingAllowed, 'am.internal'))).toBe('am.internal');
    expect(entryIn(addressRefusal('10.0.0.5', nothingAllowed, '-am.internal'))).toBe('10.0.0.5');
    expect(entryIn(addressRefusal('fe80::1%lo', nothingAllowed, 'am.internal'))).toBe('am.internal');
    expect(addressRefusal('fe80::1%lo', nothingAllowed)).not.toContain('WEIR_WEBHOOKS_ALLOW');
  });
});

describe('accepted', () => {
  it.each([
    ['https://hooks.example.com/weir?a=1#top', 'https://hooks.example.com/weir?a=1'],
    ['HTTP://Example.COM:80', 'http://example.com/'],
    ['https://example.com:8443/x', 'https://example.com:8443/x'],
    ['https://8.8.8.8/', 'https://8.8.8.8/'],
    ['https://[2606:4700::1111]/', 'https://[2606:4700::1111]/'],
    ['https://172.32.0.1/', 'https://172.32.0.1/'],
    ['https://bücher.example/', 'https://xn--bcher-kva.example/'],
  ])('%s', (url, written) => {
    expect(readTargetUrl(url, nothingAllowed)).toEqual({ url: written });
  });
});

describe('what the operator allows', () => {
  it.each([
    ['http://10.1.2.3/', ['10.1.2.0/24'], undefined],
    ['http://10.1.3.3/', ['10.1.2.0/24'], 'private'],
    ['http://127.1:9093/', ['127.0.0.1'], undefined],
    ['http://127.0.0.2/', ['127.0.0.1'], 'loopback'],
    ['http://[::1]/', ['::1'], undefined],
    ['http://localhost/', ['localhost'], undefined],
    ['http://localhost/', ['127.0.0.0/8', '::1'], undefined],
    ['http://localhost/', ['127.0.0.1'], 'loopback'],
    ['http://[64:ff9b::7f00:1]/', ['127.0.0.0/8'], 'NAT64'],
    ['http://10.1.2.3:22/', ['10.0.0.0/8'], 'port 22'],
  ])('%s with %s: %s', (url, allowed, because) => {
    if (because === undefined) expect(refusalOf(url, allowed)).toBeUndefined();
    else expect(refusalOf(url, allowed)).toContain(because);
  });

  it.each(['10.0.0.0/33', '300.1.1.1', '10.0.0', 'a b', 'http://x', '-x', ''])('%j is not a valid entry', (entry) => {
    expect(readAllowed([entry])).toBeUndefined();
  });
});

it('no allowed address is in a network of a plain list of forbidden networks', () => {
  const forbidden = { ipv4: new BlockList(), ipv6: new BlockList() };
  for (const [network, prefix] of [
    ['0.0.0.0', 8],
    ['10.0.0.0', 8],
    ['100.64.0.0', 10],
    ['127.0.0.0', 8],
    ['169.254.0.0', 16],
    ['172.16.0.0', 12],
    ['192.168.0.0', 16],
    ['224.0.0.0', 3],
  ] as const)
    forbidden.ipv4.addSubnet(network, prefix, 'ipv4');
  for (const [network, prefix] of [
    ['::', 8],
    ['64:ff9b::', 32],
    ['2002::', 16],
    ['2001::', 32],
    ['fc00::', 7],
    ['fe80::', 10],
    ['ff00::', 8],
  ] as const)
    forbidden.ipv6.addSubnet(network, prefix, 'ipv6');
  const address = fc.oneof(
    fc.ipV4(),
    fc.ipV6(),
    fc.ipV4().map((v4) => `::ffff:${v4}`),
  );
  fc.assert(
    fc.property(address, (text) => {
      // An address that wraps an IPv4 address counts as that address.
      const plain = text.toLowerCase().startsWith('::ffff:') && text.includes('.') ? text.slice(7) : text;
      const family = isIP(plain) === 6 ? 'ipv6' : 'ipv4';
      if (addressRefusal(text, nothingAllowed) === undefined) expect(forbidden[family].check(plain, family)).toBe(false);
    }),
    { numRuns: 5000 },
  );
});

it('an address in an unusual spelling does not pass as a host name', () => {
  expect(hostRefusal('127.0.0.1', nothingAllowed)).toContain('loopback');
  expect(addressRefusal('127.1', nothingAllowed)).toContain('not an IP address');
});
