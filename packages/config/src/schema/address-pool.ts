import { container, leaf, leafList, list, type SchemaNode } from "./node.ts";
import { LATER } from "./not-in-effect.ts";

/** `access address-assignment pool`: what local servers give out. */
export function accessSchema(): SchemaNode {
  return container("access", "Address assignment", [
    container("address-assignment", "Address pools", [
      list(
        "pool",
        "A pool of addresses or prefixes",
        { name: "name", type: { kind: "name", example: "customers" } },
        [container("family", "What the pool holds", [inet(), inet6()], { prefix: true })],
        { notInEffect: LATER.pools },
      ),
    ]),
  ]);
}

function inet(): SchemaNode {
  return container("inet", "IPv4 protocol family", [
    leaf("network", "Subnet of the pool", { kind: "ipv4-prefix" }),
    list(
      "range",
      "Addresses of the subnet that are given out",
      { name: "name", type: { kind: "name", example: "r1" } },
      [leaf("low", "First address", { kind: "ipv4" }), leaf("high", "Last address", { kind: "ipv4" })],
      { oneLine: true },
    ),
    container(
      "dhcp-attributes",
      "What clients are told",
      [
        leaf("maximum-lease-time", "Longest lease", {
          kind: "integer",
          min: 30,
          max: 4_294_967_295,
          unit: "seconds",
        }),
        leafList("router", "Default gateway", { kind: "ipv4" }, { userOrdered: true }),
        leafList("name-server", "DNS server", { kind: "ipv4" }, { userOrdered: true }),
        leaf("domain-name", "Domain of the clients", { kind: "text", lengthMax: 255, example: "example.net" }),
        leaf("server-identifier", "Server identifier (option 54)", { kind: "ipv4" }),
      ],
      { oneLine: true },
    ),
  ]);
}

function inet6(): SchemaNode {
  return container("inet6", "IPv6 protocol family", [
    leaf("prefix", "Prefix that addresses or delegated prefixes are taken from", { kind: "ipv6-prefix" }),
    list(
      "range",
      "Addresses, or prefixes to delegate, that are given out",
      { name: "name", type: { kind: "name", example: "r1" } },
      [
        leaf("low", "First address", { kind: "ipv6" }),
        leaf("high", "Last address", { kind: "ipv6" }),
        leaf("prefix-length", "Length of delegated prefixes; without it the range gives out addresses", {
          kind: "integer",
          min: 1,
          max: 128,
        }),
      ],
      { oneLine: true },
    ),
    container(
      "dhcp-attributes",
      "What clients are told",
      [
        leaf("maximum-lease-time", "Valid lifetime", {
          kind: "integer",
          min: 30,
          max: 4_294_967_295,
          unit: "seconds",
        }),
        leafList("dns-server", "DNS server", { kind: "ipv6" }, { userOrdered: true }),
      ],
      { oneLine: true },
    ),
  ]);
}
