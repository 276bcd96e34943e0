import { networkInterfaces } from "node:os";
import type { LocalServerConfiguration } from "@leasewire/config";
import type { LocalAddress } from "@leasewire/engines";
import { ipv4ToBytes, parseIpv4, parseIpv6 } from "@leasewire/net";

/** The client interfaces of a server that this machine has: name of the logical interface by Linux device. */
export function clientInterfaces({ interfaces, devices }: LocalServerConfiguration): ReadonlyMap<string, string> {
  const byDevice = new Map<string, string>();
  for (const name of interfaces) {
    const device = devices?.get(name);
    if (device !== undefined) byDevice.set(device, name);
  }
  return byDevice;
}

/** Addresses that the machine has on the client interfaces of the servers. */
export function localAddresses(
  servers: readonly LocalServerConfiguration[],
  machine: ReturnType<typeof networkInterfaces> = networkInterfaces(),
): LocalAddress[] {
  const addresses: LocalAddress[] = [];
  for (const server of servers) {
    for (const [device, interfaceName] of clientInterfaces(server)) {
      for (const { address, family, cidr } of machine[device] ?? []) {
        if (family !== `IPv${server.family}` || cidr === null) continue;
        const octets = octetsOf(address);
        if (octets === undefined) continue;
        addresses.push({
          instance: server.instance,
          interfaceName,
          address: octets,
          length: Number(cidr.slice(cidr.indexOf("/") + 1)),
        });
      }
    }
  }
  return addresses;
}

/** An IPv4 address of the machine by which others reach it; loopback where there is no other. */
export function firstAddress4(machine: ReturnType<typeof networkInterfaces> = networkInterfaces()): string {
  const addresses = Object.values(machine).flatMap((list) => list ?? []);
  return addresses.find(({ family, internal }) => family === "IPv4" && !internal)?.address ?? "127.0.0.1";
}

/** Octets of an address in text, of either family. */
export function octetsOf(address: string): Uint8Array | undefined {
  const v4 = parseIpv4(address);
  if (v4.ok) return ipv4ToBytes(v4.value);
  const v6 = parseIpv6(address);
  return v6.ok ? v6.value : undefined;
}
