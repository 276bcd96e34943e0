import type { RelayConfiguration } from "@leasewire/config";
import type { RelayInterface } from "@leasewire/engines";
import { ipv4ToBytes, ipv6PrefixContains, parseIpv4 } from "@leasewire/net";

/** giaddr or link-address of each access interface, as the relay agent writes them. */
export function linkAddressesOf(
  { family, listenAddress, accessInterfaces }: RelayConfiguration,
  interfaces: readonly RelayInterface[],
): ReadonlyMap<string, Uint8Array> {
  const own = family === 4 && listenAddress !== undefined ? parseIpv4(listenAddress) : undefined;
  const giaddr = own?.ok && own.value !== 0 ? ipv4ToBytes(own.value) : undefined;
  const found = new Map<string, Uint8Array>();
  for (const { name } of accessInterfaces) {
    const address = giaddr ?? interfaces.find((one) => one.name === name)?.addresses[0]?.address;
    if (address !== undefined) found.set(name, address);
  }
  return found;
}

/** The access interface in whose network an address of DHCPv6 is; undefined where it is none, or more than one. */
export function interfaceOfAddress6(
  { accessInterfaces }: Pick<RelayConfiguration, "accessInterfaces">,
  interfaces: readonly RelayInterface[],
  address: Uint8Array,
): string | undefined {
  const found = accessInterfaces.filter(({ name }) =>
    interfaces.find((one) => one.name === name)?.addresses.some((own) => ipv6PrefixContains(own, address)),
  );
  return found.length === 1 ? found[0]!.name : undefined;
}
