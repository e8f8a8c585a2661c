import { BlockList, isIP } from 'node:net';

export function isValidIp(text: string, version: 4 | 6 | undefined): boolean {
  const found = text.includes('%') ? 0 : isIP(text);
  return version === undefined ? found !== 0 : found === version;
}

/** Whether the address is in the subnet, `192.0.2.0/24` or `2001:db8::/32`; false where either is none. */
export function isInSubnet(text: string, subnet: string, version: 4 | 6 | undefined): boolean {
  const list = blockOf(subnet, version);
  if (list === undefined || !isValidIp(text, list.version)) return false;
  return list.block.check(text, list.version === 4 ? 'ipv4' : 'ipv6');
}

interface Block {
  readonly version: 4 | 6;
  readonly block: BlockList;
}

function blockOf(subnet: string, version: 4 | 6 | undefined): Block | undefined {
  const [address = '', bits = '', ...more] = subnet.split('/');
  if (more.length > 0 || !isValidIp(address, version) || !/^\d{1,3}$/.test(bits)) return undefined;
  const own = isIP(address) as 4 | 6;
  if (Number(bits) > (own === 4 ? 32 : 128)) return undefined;
  const block = new BlockList();
  block.addSubnet(address, Number(bits), own === 4 ? 'ipv4' : 'ipv6');
  return { version: own, block };
}
