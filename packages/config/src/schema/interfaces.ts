import { anonymousList, container, flag, leaf, list, type SchemaNode } from "./node.ts";
import { LATER } from "./not-in-effect.ts";
import type { ValueType } from "./value.ts";

const vlanId: ValueType = { kind: "integer", min: 1, max: 4094 };
const description: ValueType = { kind: "text", lengthMax: 900, example: "to the core" };
const tagging = { notInEffect: LATER.tagging };
const extension = { extension: true } as const;
const port: ValueType = { kind: "integer", min: 1, max: 65_535 };

/** `interfaces`: the logical interfaces that clients, servers and peers are reached through. */
export function interfacesSchema(): SchemaNode {
  return container("interfaces", "Physical and logical interfaces", [
    anonymousList("A physical interface", { name: "interface", type: { kind: "interface-name", unit: "none" } }, [
      leaf("description", "What the interface is for", description),
      flag("disable", "Take the interface out of service: clients behind it are not served"),
      flag("vlan-tagging", "Frames carry one VLAN tag", tagging),
      flag("flexible-vlan-tagging", "Frames carry no, one or two VLAN tags", tagging),
      list(
        "unit",
        "A logical interface",
        { name: "unit", type: { kind: "integer", min: 0, max: 1_073_741_823 } },
        unit(),
      ),
    ]),
  ]);
}

function unit(): SchemaNode[] {
  return [
    leaf("description", "What the logical interface is for; can become part of the circuit ID", description),
    flag("disable", "Take the logical interface out of service: clients behind it are not served"),
    leaf(
      "device",
      "Linux network device that carries this logical interface",
      { kind: "text", lengthMax: 15, example: "eth1.100" },
      extension,
    ),
    container(
      "datagram-link",
      "Clients of the logical interface reached through UDP datagrams instead of a network device: for labs and tests",
      [datagramLink("inet", "ipv4"), datagramLink("inet6", "ipv6")],
      { ...extension, prefix: true },
    ),
    leaf("vlan-id", "VLAN of a single-tagged logical interface; can become part of the circuit ID", vlanId),
    container(
      "vlan-tags",
      "VLANs of a double-tagged logical interface; can become part of the circuit ID",
      [leaf("outer", "Outer VLAN (S-VLAN)", vlanId), leaf("inner", "Inner VLAN (C-VLAN)", vlanId)],
      { oneLine: true },
    ),
    container(
      "family",
      "Addresses by protocol family: the first is the relay agent's gateway or link address; those of the device when absent",
      [
        container("inet", "IPv4 protocol family", [
          list(
            "address",
            "IPv4 address with the length of its subnet",
            { name: "address", type: { kind: "ipv4-interface" } },
            [],
          ),
        ]),
        container("inet6", "IPv6 protocol family", [
          list(
            "address",
            "IPv6 address with the length of its subnet",
            { name: "address", type: { kind: "ipv6-interface" } },
            [],
          ),
        ]),
      ],
      { prefix: true },
    ),
  ];
}

function datagramLink(family: "inet" | "inet6", address: "ipv4" | "ipv6"): SchemaNode {
  return container(
    family,
    family === "inet" ? "DHCPv4 packets" : "DHCPv6 packets",
    [
      leaf("local-address", "Address where datagrams from clients arrive", { kind: address }),
      leaf("local-port", "Port where datagrams from clients arrive", port),
      leaf("remote-address", "Address where datagrams to clients go", { kind: address }),
      leaf("remote-port", "Port where datagrams to clients go", port),
    ],
    { oneLine: true },
  );
}
