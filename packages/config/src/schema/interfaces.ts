import { anonymousList, container, flag, leaf, list, type SchemaNode } from "./node.ts";
import { LATER } from "./not-in-effect.ts";
import type { ValueType } from "./value.ts";

const vlanId: ValueType = { kind: "integer", min: 1, max: 4094 };
const description: ValueType = { kind: "text", lengthMax: 900, example: "to the core" };
const systems = { notInEffect: LATER.interfaceState };

/** `interfaces`: the logical interfaces that clients, servers and peers are reached through. */
export function interfacesSchema(): SchemaNode {
  return container("interfaces", "Physical and logical interfaces", [
    anonymousList("A physical interface", { name: "interface", type: { kind: "interface-name", unit: "none" } }, [
      leaf("description", "What the interface is for", description),
      flag("disable", "Take the interface out of service", systems),
      flag("vlan-tagging", "Frames carry one VLAN tag", systems),
      flag("flexible-vlan-tagging", "Frames carry no, one or two VLAN tags", systems),
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
    flag("disable", "Take the logical interface out of service", systems),
    leaf(
      "device",
      "Linux network device that carries this logical interface",
      { kind: "text", lengthMax: 15, example: "eth1.100" },
      { extension: true },
    ),
    leaf("vlan-id", "VLAN of a single-tagged logical interface", vlanId, systems),
    container(
      "vlan-tags",
      "VLANs of a double-tagged logical interface",
      [leaf("outer", "Outer VLAN (S-VLAN)", vlanId), leaf("inner", "Inner VLAN (C-VLAN)", vlanId)],
      { oneLine: true, ...systems },
    ),
    container(
      "family",
      "Addresses by protocol family",
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
      { prefix: true, ...systems },
    ),
  ];
}
