import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';

/** Networks that are nobody's on the internet: a message must not make the server speak to its own neighbours. */
const inner = new BlockList();
for (const [network, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
] as const) {
  inner.addSubnet(network, bits, 'ipv4');
}
for (const [network, bits] of [
  ['::', 127],
  ['64:ff9b::', 96],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
] as const) {
  inner.addSubnet(network, bits, 'ipv6');
}

/** Whether an IP address is one of the internet. IPv4 addresses inside IPv6 count as what they are. */
export function isPublicAddress(address: string): boolean {
  const family = isIP(address);
  return family !== 0 && !inner.check(address, family === 6 ? 'ipv6' : 'ipv4');
}

/** Whether everything that a host's name stands for is on the internet. False for a name that stands for nothing. */
export async function isPublicHost(host: string): Promise<boolean> {
  const found = await addressesOf(host);
  return found.length > 0 && found.every(isPublicAddress);
}

/** Whether a host's name stands for an address that is nobody's on the internet. A name that stands for nothing may do so later. */
export async function isInnerHost(host: string): Promise<boolean> {
  return !(await addressesOf(host)).every(isPublicAddress);
}

async function addressesOf(host: string): Promise<readonly string[]> {
  const name = host.replace(/^\[|\]$/g, '');
  const found = await lookup(name, { all: true }).catch(() => []);
  return found.map(({ address }) => address);
}
