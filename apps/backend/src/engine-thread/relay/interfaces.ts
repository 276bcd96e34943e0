import { networkInterfaces } from "node:os";
import type { Family } from "@leasewire/api";
import { type ConfigTree, type LogicalInterface, logicalInterfaces } from "@leasewire/config";
import type { RelayInterface } from "@leasewire/engines";
import { ipv4ToBytes, parseMac } from "@leasewire/net";
import { octetsOf } from "../server/interfaces.ts";

/** What the machine has, by device. */
export type Machine = ReturnType<typeof networkInterfaces>;

/** The logical interfaces that are in service: one that is disabled is as good as not there. */
export function interfacesInService(tree: ConfigTree): LogicalInterface[] {
  return logicalInterfaces(tree).filter(({ disabled }) => !disabled);
}

/** The interfaces as relay engines take them: addresses of the configuration, else those that the device has now. */
export function relayInterfaces(
  family: Family,
  interfaces: readonly LogicalInterface[],
  machine: Machine = networkInterfaces(),
): RelayInterface[] {
  return interfaces.map((one) => {
    const onDevice = one.device === undefined ? [] : (machine[one.device] ?? []);
    const configured =
      family === 4
        ? one.addresses4.map(({ address, length }) => ({ address: ipv4ToBytes(address), length }))
        : one.addresses6.map(({ address, length }) => ({ address, length }));
    const mac = parseMac(onDevice.find(({ internal }) => !internal)?.mac ?? "");
    return {
      instance: one.instance,
      name: one.name,
      addresses: configured.length > 0 ? configured : addressesOf(family, onDevice),
      hardwareAddress: mac.ok ? mac.value : undefined,
      vlan: one.vlan,
      description: one.description,
      deviceDescription: one.deviceDescription,
    };
  });
}

/** Link-local addresses name no subnet, so no server could choose a pool by them: they come last. */
function addressesOf(family: Family, onDevice: NonNullable<Machine[string]>): RelayInterface["addresses"] {
  const found = onDevice.flatMap(({ address, family: name, cidr }) => {
    const octets = name === `IPv${family}` && cidr !== null ? octetsOf(address) : undefined;
    if (octets === undefined || cidr === null) return [];
    return [{ address: octets, length: Number(cidr.slice(cidr.indexOf("/") + 1)) }];
  });
  const isLinkLocal = ({ address }: { address: Uint8Array }) => address[0] === 0xfe && (address[1]! & 0xc0) === 0x80;
  return [...found.filter((one) => !isLinkLocal(one)), ...found.filter(isLinkLocal)];
}
