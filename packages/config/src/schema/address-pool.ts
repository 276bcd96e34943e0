import { container, leaf, leafList, list, type SchemaNode } from "./node.ts";
import type { ValueType } from "./value.ts";

const extension = { extension: true } as const;
const seconds: ValueType = { kind: "integer", min: 30, max: 4_294_967_295, unit: "seconds" };
const percent: ValueType = { kind: "integer", min: 1, max: 99, unit: "percent" };

/** `access address-assignment pool`: what local servers give out. */
export function accessSchema(): SchemaNode {
  return container("access", "Address assignment", [
    container("address-assignment", "Address pools", [
      list(
        "pool",
        "A pool of addresses or prefixes, served by the local servers of the same instance",
        { name: "name", type: { kind: "name", example: "customers" } },
        [container("family", "What the pool holds", [inet(), inet6()], { prefix: true })],
      ),
    ]),
  ]);
}

function inet(): SchemaNode {
  const address: ValueType = { kind: "ipv4" };
  return container("inet", "IPv4 protocol family", [
    leaf("network", "Subnet of the pool", { kind: "ipv4-prefix" }),
    list(
      "range",
      "Addresses that are given out; without a range the whole network is",
      { name: "name", type: { kind: "name", example: "r1" } },
      [leaf("low", "First address", address), leaf("high", "Last address", address)],
      { oneLine: true },
    ),
    ...excluded(address),
    host(
      [
        hardwareAddress(),
        hostKey("client-id", "Client identifier (option 61)", 2),
        leaf("duid", "DUID in the client identifier (RFC 4361)", { kind: "duid" }, extension),
        hostKey("circuit-id", "Circuit ID (option 82 sub-option 1)", 1),
        hostKey("remote-id", "Remote ID (option 82 sub-option 2)", 1),
      ],
      [leaf("ip-address", "Address that only this client gets", address)],
    ),
    leafList(
      "link-address",
      "Further link whose clients the pool serves: a subnet that relay agents name",
      { kind: "ipv4-prefix" },
      extension,
    ),
    container("dhcp-attributes", "What clients are told", attributes4(), { oneLine: true }),
  ]);
}

function inet6(): SchemaNode {
  const address: ValueType = { kind: "ipv6" };
  return container("inet6", "IPv6 protocol family", [
    leaf("prefix", "Prefix that addresses or delegated prefixes are taken from", { kind: "ipv6-prefix" }),
    list(
      "range",
      "Addresses, or prefixes to delegate, that are given out; without a range every address of the prefix is",
      { name: "name", type: { kind: "name", example: "r1" } },
      [
        leaf("low", "First address, or the first prefix without its length", address),
        leaf("high", "Last address, or the last prefix without its length", address),
        leaf("prefix-length", "Length of delegated prefixes; without it the range gives out addresses", {
          kind: "integer",
          min: 1,
          max: 127,
        }),
      ],
      { oneLine: true },
    ),
    ...excluded(address),
    host(
      [
        leaf("duid", "DUID of the client", { kind: "duid" }, extension),
        hardwareAddress(),
        hostKey("circuit-id", "Interface-ID (option 18)", 1),
        hostKey("remote-id", "Remote-ID (option 37), with or without the enterprise number", 1),
      ],
      [
        leaf("ip-address", "Address that only this client gets", address),
        leaf("ip-prefix", "Prefix that only this client is delegated", { kind: "ipv6-prefix" }, extension),
      ],
    ),
    leafList(
      "link-address",
      "Further link whose clients the pool serves; a pool that only delegates prefixes needs it",
      { kind: "ipv6-prefix" },
      extension,
    ),
    container("dhcp-attributes", "What clients are told", attributes6(), { oneLine: true }),
  ]);
}

function excluded(address: ValueType): SchemaNode[] {
  return [
    leafList("excluded-address", "Address that is never given out", address),
    list(
      "excluded-range",
      "Addresses that are never given out",
      { name: "name", type: { kind: "name", example: "x1" } },
      [leaf("low", "First address", address), leaf("high", "Last address", address)],
      { oneLine: true },
    ),
  ];
}

function host(keys: readonly SchemaNode[], values: readonly SchemaNode[]): SchemaNode {
  return list(
    "host",
    "A reservation: one client, and what only that client gets; it may lie outside of the ranges",
    { name: "name", type: { kind: "name", example: "printer" } },
    [...keys, ...values],
    { oneLine: true },
  );
}

function hardwareAddress(): SchemaNode {
  return leaf("hardware-address", "Hardware address of the client", { kind: "mac" });
}

function hostKey(name: string, help: string, lengthMin: number): SchemaNode {
  return leaf(name, help, { kind: "octets", lengthMin, lengthMax: 255 }, extension);
}

function attributes4(): SchemaNode[] {
  const address: ValueType = { kind: "ipv4" };
  const inOrder = { userOrdered: true } as const;
  return [
    leaf("maximum-lease-time", "Longest lease", seconds, { default: "86400" }),
    ...renewal("lease", "RFC 2131 §4.4.5: 50 and 87.5 percent"),
    leafList("router", "Default gateway (option 3); never given out", address, inOrder),
    leafList("name-server", "DNS server (option 6)", address, inOrder),
    leaf("domain-name", "Domain of the clients (option 15)", { kind: "text", lengthMax: 255, example: "example.net" }),
    leafList("wins-server", "NetBIOS name server (option 44)", address, inOrder),
    leaf("netbios-node-type", "NetBIOS node type (option 46)", {
      kind: "enum",
      values: [
        { value: "b-node", help: "broadcast" },
        { value: "p-node", help: "point to point" },
        { value: "m-node", help: "broadcast, then point to point" },
        { value: "h-node", help: "point to point, then broadcast" },
      ],
    }),
    leaf("boot-server", "Name of the boot server (option 66)", {
      kind: "text",
      lengthMax: 255,
      example: "boot.example.net",
    }),
    leaf("boot-file", "Name of the boot file (option 67)", { kind: "text", lengthMax: 255, example: "pxelinux.0" }),
    leafList("tftp-server", "TFTP server (option 150)", address, inOrder),
    leaf("server-identifier", "Server identifier (option 54) for this pool", address),
    option(4),
  ];
}

function attributes6(): SchemaNode[] {
  const address: ValueType = { kind: "ipv6" };
  const inOrder = { userOrdered: true } as const;
  const domain: ValueType = { kind: "text", lengthMax: 253, example: "example.net" };
  return [
    leaf("maximum-lease-time", "Valid and preferred lifetime, where these are not named", seconds, {
      default: "86400",
    }),
    leaf("valid-lifetime", "Valid lifetime; maximum-lease-time when absent", seconds),
    leaf("preferred-lifetime", "Preferred lifetime; the valid lifetime when absent", seconds),
    ...renewal("preferred lifetime", "RFC 9915 §21.4: 50 and 80 percent"),
    leafList("dns-server", "DNS server (option 23)", address, inOrder),
    leafList("domain-name", "Domain of the search list (option 24)", domain, inOrder),
    leafList("sip-server-address", "SIP server (option 22)", address, inOrder),
    leafList("sip-server-domain-name", "Domain of SIP servers (option 21)", domain, inOrder),
    option(6),
  ];
}

function renewal(of: string, usual: string): SchemaNode[] {
  const time: ValueType = { kind: "integer", min: 1, max: 4_294_967_295, unit: "seconds" };
  return [
    leaf("t1-renewal-time", `When clients renew; without a T1 and T2 here they follow ${usual}`, time),
    leaf("t1-percentage", `When clients renew, as a share of the ${of}`, percent),
    leaf("t2-rebinding-time", "When clients turn to any server", time),
    leaf("t2-percentage", `When clients turn to any server, as a share of the ${of}`, percent),
  ];
}

/** `option CODE TYPE VALUE`, or `option CODE array TYPE [ VALUES ]`. */
function option(family: 4 | 6): SchemaNode {
  const address: ValueType = { kind: family === 4 ? "ipv4" : "ipv6" };
  const numbers: readonly [string, string, number][] = [
    ["byte", "One octet", 255],
    ["short", "Two octets, signed", 32_767],
    ["unsigned-short", "Two octets", 65_535],
    ["integer", "Four octets, signed", 2_147_483_647],
    ["unsigned-integer", "Four octets", 4_294_967_295],
  ];
  return list(
    "option",
    "Another option, by code",
    { name: "code", type: { kind: "integer", min: 1, max: family === 4 ? 254 : 65_535 } },
    [
      trueOrFalse(),
      ...numbers.map(([name, help, max]) => leaf(name, help, { kind: "integer", min: 0, max })),
      leaf("ip-address", "An address", address),
      leaf("string", "Text, as UTF-8", { kind: "text", lengthMax: 255, example: "eng" }),
      leaf("hex-string", "Octets in hex", { kind: "hex", lengthMin: 1, lengthMax: 1024 }),
      container(
        "array",
        "Several values of one type",
        [
          ...numbers.map(([name, help, max]) =>
            leafList(name, `${help}; each value once`, { kind: "integer", min: 0, max }, { userOrdered: true }),
          ),
          leafList("ip-address", "Addresses", address, { userOrdered: true }),
        ],
        { oneLine: true },
      ),
    ],
    { oneLine: true },
  );
}

function trueOrFalse(): SchemaNode {
  return leaf("flag", "One octet, 1 or 0", {
    kind: "enum",
    values: [
      { value: "true", help: "1" },
      { value: "false", help: "0" },
    ],
  });
}
