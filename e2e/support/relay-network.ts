import { existsSync, writeFileSync } from "node:fs";
import { type ClientHost, clientHost, killAll } from "./clients.ts";
import { run, runBatch, runQuietly } from "./run.ts";

/**
 * Access networks for a relay agent of ours, with a client on each of its interfaces, our server and ISC dhcpd:
 *
 *     namespaces lwcNxK: clients      namespace lwrN: relay agent              tests, our server
 *     c1 ═════════════════ a1.100     100.64+.y.1/26   u0 ═══════════════════ lwaNs
 *     c1 ═════════════════ a1.101     fdb8:…:K::1/64   198.19.x.y+1/30        198.19.x.y+2/30
 *     …                                                fdb6:…:N::1/64         fdb6:…:N::2/64
 *                                                      d0 ═══════════════════ s0, namespace lwsN: ISC dhcpd
 *                                                      198.19.z.y+1/30        198.19.z.y+2/30
 *                                                      fdb9:…:N::1/64         fdb9:…:N::2/64
 *
 * The machine may have no VLANs: a1.100, a1.101 … are veth devices that stand in for the VLAN units of one port, each with
 * its own link, as frames with its tag alone reach a unit. The relay agent's machine is a router too, so that clients
 * can send to servers by unicast. Needs root.
 */
export interface RelayNetwork {
  readonly namespace: string;
  /** Of the relay agent's machine, reached from the tests. */
  readonly relayAddress: string;
  readonly ownServer4: string;
  readonly ownServer6: string;
  readonly dhcpdNamespace: string;
  readonly dhcpdAddress4: string;
  readonly dhcpdAddress6: string;
  readonly units: readonly AccessUnit[];
  remove(): void;
}

/** An access interface and the host on it. */
export interface AccessUnit extends ClientHost {
  readonly unit: number;
  /** `ge-0/0/1.100`. */
  readonly name: string;
  readonly device: string;
  readonly network4: string;
  readonly network6: string;
  /** giaddr and link-address. */
  readonly relayAddress4: string;
  readonly relayAddress6: string;
  /** What may be delegated to clients here: a /48. */
  readonly delegated: string;
  /** `address4(10)`: the tenth address of the network. */
  address4(host: number): string;
  address6(host: string): string;
}

const numbersMax = 4_000;
const unitsMax = 16;
let networks = 0;

export function canMakeRelayNetworks(): boolean {
  const programs = ["dhclient", "dhcpcd", "udhcpc", "dhcpd"];
  return process.getuid?.() === 0 && programs.every((name) => existsSync(`/usr/sbin/${name}`));
}

export function makeRelayNetwork(unitCount: number): RelayNetwork {
  if (unitCount > unitsMax) throw new Error(`At most ${unitsMax} units have addresses.`);
  for (let tries = 0; tries < 256; tries += 1) {
    const number = 1 + ((process.pid * 8 + networks) % numbersMax);
    networks += 1;
    if (!existsSync(`/run/netns/lwr${number}`)) return makeNumbered(number, unitCount);
  }
  throw new Error('No network namespace lwrN is free: remove what earlier tests left with "ip -all netns delete".');
}

function makeNumbered(number: number, unitCount: number): RelayNetwork {
  const namespace = `lwr${number}`;
  const dhcpdNamespace = `lws${number}`;
  const serverDevice = `lwa${number}s`;
  const hex = number.toString(16);
  const host4 = (number * 4) & 255;
  const link4 = `198.19.${(number * 4) >> 8}`;
  const dhcpdLink4 = `198.19.${64 + ((number * 4) >> 8)}`;
  const link6 = `fdb6:9b1c:77e0:${hex}:`;
  const dhcpdLink6 = `fdb9:9b1c:77e0:${hex}:`;
  const all4 = ipv4Of(number, 0);
  const units = Array.from({ length: unitCount }, (_, index) => accessUnit(number, index));
  const relayAddress = `${link4}.${host4 + 1}`;
  const ownServer4 = `${link4}.${host4 + 2}`;
  const dhcpdAddress4 = `${dhcpdLink4}.${host4 + 2}`;

  const namespaces = [namespace, dhcpdNamespace, ...units.map(({ clientNamespace }) => clientNamespace)];
  const remove = () => {
    for (const { clientNamespace } of units) killAll(clientNamespace);
    runQuietly("ip", ["link", "del", serverDevice]);
    for (const one of namespaces) runQuietly("ip", ["netns", "del", one]);
  };
  try {
    runBatch(null, [
      ...namespaces.map((one) => `netns add ${one}`),
      `link add ${serverDevice} type veth peer name u0 netns ${namespace}`,
      `link add d0 netns ${namespace} type veth peer name s0 netns ${dhcpdNamespace}`,
      ...units.map(
        ({ device, clientNamespace }) =>
          `link add ${device} netns ${namespace} type veth peer name c1 netns ${clientNamespace}`,
      ),
    ]);
    writeFileSync(`/proc/sys/net/ipv6/conf/${serverDevice}/accept_dad`, "0");
    const devices = ["u0", "d0", ...units.map(({ device }) => device)];
    settings(namespace, [
      ...devices.map((device) => `ipv6/conf/${device}/accept_dad=0`),
      "ipv4/ip_forward=1",
      "ipv6/conf/all/forwarding=1",
    ]);
    settings(dhcpdNamespace, ["ipv6/conf/s0/accept_dad=0"]);
    for (const { clientNamespace } of units) {
      settings(clientNamespace, ["ipv6/conf/c1/accept_dad=0", "ipv6/conf/c1/accept_ra=0"]);
      runBatch(clientNamespace, ["link set lo up", "link set c1 up"]);
    }
    runBatch(namespace, [
      `addr add ${relayAddress}/30 dev u0`,
      `addr add ${link6}:1/64 dev u0 nodad`,
      `addr add ${dhcpdLink4}.${host4 + 1}/30 dev d0`,
      `addr add ${dhcpdLink6}:1/64 dev d0 nodad`,
      ...units.flatMap(({ device, relayAddress4, relayAddress6 }) => [
        `addr add ${relayAddress4}/26 dev ${device}`,
        `addr add ${relayAddress6}/64 dev ${device} nodad`,
      ]),
      ...["lo", ...devices].map((device) => `link set ${device} up`),
    ]);
    runBatch(dhcpdNamespace, [
      `addr add ${dhcpdAddress4}/30 dev s0`,
      `addr add ${dhcpdLink6}:2/64 dev s0 nodad`,
      "link set lo up",
      "link set s0 up",
      `route add default via ${dhcpdLink4}.${host4 + 1}`,
      `route add default via ${dhcpdLink6}:1`,
    ]);
    runBatch(null, [
      `addr add ${ownServer4}/30 dev ${serverDevice}`,
      `addr add ${link6}:2/64 dev ${serverDevice} nodad`,
      `link set ${serverDevice} up`,
      `route add ${all4}/22 via ${relayAddress}`,
      `route add fdb8:9b1c:${hex}::/48 via ${link6}:1`,
    ]);
  } catch (error) {
    remove();
    throw error;
  }
  return {
    namespace,
    relayAddress,
    ownServer4,
    ownServer6: `${link6}:2`,
    dhcpdNamespace,
    dhcpdAddress4,
    dhcpdAddress6: `${dhcpdLink6}:2`,
    units,
    remove,
  };
}

function accessUnit(number: number, index: number): AccessUnit {
  const unit = 100 + index;
  const net6 = `fdb8:9b1c:${number.toString(16)}:${index}:`;
  return {
    ...clientHost(`lwc${number}x${index}`),
    unit,
    name: `ge-0/0/1.${unit}`,
    device: `a1.${unit}`,
    network4: `${ipv4Of(number, index * 64)}/26`,
    network6: `${net6}:/64`,
    relayAddress4: ipv4Of(number, index * 64 + 1),
    relayAddress6: `${net6}:1`,
    delegated: `2001:db8:${(0x5600 + index).toString(16)}`,
    address4: (host) => ipv4Of(number, index * 64 + host),
    address6: (host) => `${net6}:${host}`,
  };
}

/** A host among the 1,024 addresses that a network has of 100.64.0.0/10. */
function ipv4Of(number: number, host: number): string {
  const value = 0x6440_0000 + number * 1024 + host;
  return [24, 16, 8, 0].map((bits) => (value >>> bits) & 255).join(".");
}

function settings(namespace: string, lines: readonly string[]): void {
  const commands = lines.map((line) => {
    const [name, value] = line.split("=");
    return `echo ${value} > /proc/sys/net/${name}`;
  });
  run("ip", ["netns", "exec", namespace, "sh", "-c", commands.join(" && ")]);
}
