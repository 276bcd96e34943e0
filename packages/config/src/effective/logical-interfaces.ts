import { type InstanceName, type Ipv4Address, type Ipv6Address, parseIpv4, parseIpv6 } from "@leasewire/net";
import { type Scope, scopesOf } from "../instances.ts";
import {
  activePart,
  type ConfigTree,
  type ContainerNode,
  containerAt,
  entriesOf,
  hasFlag,
  leafListValues,
  leafValue,
} from "../tree.ts";

/** A unit under `interfaces`, with the instance it belongs to. */
export interface LogicalInterface {
  readonly instance: InstanceName;
  /** "ge-0/0/1.100" */
  readonly name: string;
  /** Linux device that carries it. */
  readonly device?: string;
  readonly description?: string;
  /** Of the physical interface. */
  readonly deviceDescription?: string;
  readonly vlan?: { readonly outer?: number; readonly inner?: number };
  /** In the order entered: the first one is primary. */
  readonly addresses4: readonly { readonly address: Ipv4Address; readonly length: number }[];
  readonly addresses6: readonly { readonly address: Ipv6Address; readonly length: number }[];
  readonly datagramLink4?: DatagramLink;
  readonly datagramLink6?: DatagramLink;
  /** `disable` at the unit or at the physical interface. */
  readonly disabled: boolean;
}

/** Frames of a client interface inside UDP datagrams: what comes to `local` came from a client, what clients get goes to `remote`. */
export interface DatagramLink {
  readonly localAddress: string;
  readonly localPort: number;
  readonly remoteAddress: string;
  readonly remotePort: number;
}

export function logicalInterfaces(tree: ConfigTree): LogicalInterface[] {
  return scopesOf(activePart(tree)).flatMap(logicalInterfacesOf);
}

/** A routing instance has the interfaces it names, the main instance those that no routing instance names. */
export function logicalInterfacesOf({ instance, node, chassis }: Scope): LogicalInterface[] {
  const named = new Set(leafListValues(node, "interface"));
  const others = new Set(
    [...entriesOf(containerAt(chassis, "routing-instances"), "<instance>").values()].flatMap((one) =>
      leafListValues(one, "interface"),
    ),
  );
  const found: LogicalInterface[] = [];
  for (const [physicalName, physical] of entriesOf(containerAt(chassis, "interfaces"), "<interface>")) {
    for (const [unit, logical] of entriesOf(physical, "unit")) {
      const name = `${physicalName}.${unit}`;
      const own = node === chassis ? !others.has(name) : named.has(name);
      if (own) found.push(logicalInterface(instance, name, physical, logical));
    }
  }
  return found;
}

export function interfaceDevices(scope: Scope): ReadonlyMap<string, string> {
  const devices = new Map<string, string>();
  for (const { name, device } of logicalInterfacesOf(scope)) if (device !== undefined) devices.set(name, device);
  return devices;
}

function logicalInterface(
  instance: InstanceName,
  name: string,
  physical: ContainerNode,
  unit: ContainerNode,
): LogicalInterface {
  return {
    instance,
    name,
    device: leafValue(unit, "device"),
    description: leafValue(unit, "description"),
    deviceDescription: leafValue(physical, "description"),
    vlan: vlan(unit),
    addresses4: addresses(unit, "inet", parseIpv4),
    addresses6: addresses(unit, "inet6", parseIpv6),
    datagramLink4: datagramLink(unit, "inet"),
    datagramLink6: datagramLink(unit, "inet6"),
    disabled: hasFlag(physical, "disable") || hasFlag(unit, "disable"),
  };
}

function vlan(unit: ContainerNode): LogicalInterface["vlan"] {
  const tags = containerAt(unit, "vlan-tags");
  const outer = number(leafValue(unit, "vlan-id") ?? leafValue(tags, "outer"));
  const inner = number(leafValue(tags, "inner"));
  return outer === undefined && inner === undefined ? undefined : { outer, inner };
}

function addresses<Address>(
  unit: ContainerNode,
  family: "inet" | "inet6",
  parse: (text: string) => { ok: true; value: Address } | { ok: false },
): { address: Address; length: number }[] {
  return [...entriesOf(containerAt(unit, "family", family), "address").keys()].flatMap((text) => {
    const [addressText = "", length = ""] = text.split("/");
    const address = parse(addressText);
    return address.ok ? [{ address: address.value, length: Number(length) }] : [];
  });
}

function datagramLink(unit: ContainerNode, family: "inet" | "inet6"): DatagramLink | undefined {
  const link = containerAt(unit, "datagram-link", family);
  const localAddress = leafValue(link, "local-address");
  const localPort = number(leafValue(link, "local-port"));
  const remoteAddress = leafValue(link, "remote-address");
  const remotePort = number(leafValue(link, "remote-port"));
  if (localAddress === undefined || localPort === undefined) return undefined;
  if (remoteAddress === undefined || remotePort === undefined) return undefined;
  return { localAddress, localPort, remoteAddress, remotePort };
}

function number(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text);
}
