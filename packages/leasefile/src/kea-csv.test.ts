import { readFileSync } from "node:fs";
import { BindingState, EXPIRES_NEVER } from "@leasewire/bindings";
import { formatIpv6 } from "@leasewire/net";
import { decodeMessage6, relayChain6 } from "@leasewire/wire";
import { describe, expect, test } from "vitest";
import { hex, nowSeconds, read } from "../test/read.ts";

const sample = (name: string) => readFileSync(new URL(`../test/samples/${name}`, import.meta.url), "utf8");

const header4 =
  "address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context,pool_id";
const header6 =
  "address,duid,valid_lifetime,expire,subnet_id,pref_lifetime,lease_type,iaid,prefix_len,fqdn_fwd,fqdn_rev,hostname,hwaddr,state,user_context,hwtype,hwaddr_source,pool_id";
const later = nowSeconds + 3600;

const row4 = (fields: Record<string, string | number> = {}) => {
  const row: Record<string, string | number> = {
    address: "192.0.2.7",
    hwaddr: "02:00:00:00:00:07",
    client_id: "",
    valid_lifetime: 7200,
    expire: later,
    subnet_id: 1,
    fqdn_fwd: 0,
    fqdn_rev: 0,
    hostname: "",
    state: 0,
    user_context: "",
    pool_id: 0,
    ...fields,
  };
  return header4
    .split(",")
    .map((name) => row[name])
    .join(",");
};
const row6 = (fields: Record<string, string | number> = {}) => {
  const row: Record<string, string | number> = {
    address: "2001:db8::7",
    duid: "00:03:00:01:02:00:00:00:00:07",
    valid_lifetime: 7200,
    expire: later,
    subnet_id: 1,
    pref_lifetime: 3600,
    lease_type: 0,
    iaid: 9,
    prefix_len: 128,
    fqdn_fwd: 0,
    fqdn_rev: 0,
    hostname: "",
    hwaddr: "",
    state: 0,
    user_context: "",
    hwtype: "",
    hwaddr_source: "",
    pool_id: 0,
    ...fields,
  };
  return header6
    .split(",")
    .map((name) => row[name])
    .join(",");
};
const file4 = (...rows: string[]) => `${[header4, ...rows].join("\n")}\n`;
const file6 = (...rows: string[]) => `${[header6, ...rows].join("\n")}\n`;
const escaped = (context: unknown) => JSON.stringify(context).replaceAll(",", "&#x2c");

describe("samples", () => {
  test("DHCPv4: option 82 and its parts", () => {
    const { records, refusals } = read("kea-csv4", sample("kea-leases4.csv"));
    expect(refusals).toEqual([]);
    expect(records).toHaveLength(101);
    const { binding, line, family, onlyEnds } = records[0]!;
    expect({ line, family, onlyEnds }).toEqual({ line: 2, family: 4, onlyEnds: false });
    expect(binding).toMatchObject({
      address: Uint8Array.of(10, 0, 0, 1),
      prefixLength: 32,
      state: BindingState.ACTIVE,
      hardwareType: 1,
      expiresAtSeconds: 1_796_098_160,
      clientLastTransactionTimeSeconds: 1_796_098_160 - 604_800,
      startTimeOfStateSeconds: 1_796_098_160 - 604_800,
      origin: "import",
    });
    expect(hex(binding.hardwareAddress)).toBe("020000000001");
    expect(hex(binding.clientId)).toBe("01020000000001");
    expect(Buffer.from(binding.circuitId!).toString()).toBe("eth 0/1/0:100.1");
    expect(hex(binding.remoteId)).toBe("020100000001");
    expect(Buffer.from(binding.relayId!).toString()).toBe("relay-000000");
    expect(hex(binding.relayAgentInformation)).toBe(
      "010f65746820302f312f303a3130302e3102060201000000010c0c72656c61792d303030303030",
    );
    expect(records.filter(({ binding: { state } }) => state === BindingState.ABANDONED)).toHaveLength(2);
  });

  test("DHCPv6: addresses, prefixes, and LQ_RELAY_DATA that decodes", () => {
    const { records, refusals } = read("kea-csv6", sample("kea-leases6.csv"));
    expect(refusals).toEqual([]);
    expect(records).toHaveLength(101);
    const [address, prefix] = [records[0]!.binding, records[1]!.binding];
    expect(formatIpv6(address.address)).toBe("2001:db8:1::1:0");
    expect(address).toMatchObject({ kind: "address", prefixLength: 128, iaid: 1, hardwareType: 1 });
    expect(prefix).toMatchObject({ kind: "prefix", prefixLength: 56 });
    expect(hex(address.clientId)).toBe("00030001020000000000");
    expect(formatIpv6(address.linkAddress!)).toBe("2001:db8:1::1");
    expect(hex(address.relayId)).toBe("00030001060000000000");
    expect(Buffer.from(address.circuitId!).toString()).toBe("eth 0/1/0:100");
    expect(hex(address.remoteId)).toBe("000012347375622d3030303030303030");
    expect(address.preferredUntilSeconds).toBe(address.clientLastTransactionTimeSeconds + 302_400);
    const message = decodeMessage6(address.relayAgentInformation!.subarray(16));
    expect(message.ok).toBe(true);
  });
});

describe("times and states", () => {
  const states: [string, Record<string, string | number>, object][] = [
    ["active", {}, { state: BindingState.ACTIVE, startTimeOfStateSeconds: later - 7200 }],
    [
      "run out before",
      { expire: nowSeconds },
      { state: BindingState.EXPIRED, startTimeOfStateSeconds: nowSeconds, expiresAtSeconds: nowSeconds },
    ],
    ["declined", { state: 1 }, { state: BindingState.ABANDONED }],
    ["expired and reclaimed", { state: 2 }, { state: BindingState.EXPIRED, startTimeOfStateSeconds: later }],
    ["released", { state: 3 }, { state: BindingState.RELEASED, startTimeOfStateSeconds: later - 7200 }],
    [
      "without end",
      { valid_lifetime: 4294967295, expire: 1_700_000_000 + 4294967295 },
      { expiresAtSeconds: EXPIRES_NEVER, clientLastTransactionTimeSeconds: 1_700_000_000 },
    ],
  ];
  test.each(states)("%s", (_, fields, expected) => {
    const { records } = read("kea-csv4", file4(row4(fields)));
    expect(records[0]!.binding).toMatchObject(expected);
    expect(records[0]!.onlyEnds).toBe(false);
  });

  test("valid_lifetime 0 says that the lease is gone", () => {
    const { records } = read("kea-csv4", file4(row4(), row4({ valid_lifetime: 0, expire: later - 60 })));
    expect(records.map(({ onlyEnds, binding: { state } }) => [onlyEnds, state])).toEqual([
      [false, BindingState.ACTIVE],
      [true, BindingState.RELEASED],
    ]);
    expect(records[1]!.binding.clientLastTransactionTimeSeconds).toBe(later - 60);
  });
});

describe("relay data", () => {
  const info = "0x0104000000010206020100000001";
  test.each([
    ["up to Kea 2.2: a hex string", { ISC: { "relay-agent-info": info } }],
    ["since Kea 2.3: an object", { ISC: { "relay-agent-info": { "sub-options": info, "remote-id": "020100000001" } } }],
  ])("DHCPv4, %s", (_, context) => {
    const { records, lines } = read("kea-csv4", file4(row4({ user_context: escaped(context) })));
    expect(lines).toEqual([]);
    expect(hex(records[0]!.binding.circuitId)).toBe("00000001");
    expect(hex(records[0]!.binding.remoteId)).toBe("020100000001");
  });

  test("DHCPv6 through two relays: outermost first, each in the other", () => {
    const relay = (hop: number, link: string, peer: string, options: string) => ({ hop, link, peer, options });
    // Interface-ID "inner" at the relay next to the client, "outer" at the one next to the server.
    const context = {
      ISC: {
        "relay-info": [
          relay(0, "2001:db8:2::1", "fe80::7", "0x00120005696e6e6572"),
          relay(1, "::", "2001:db8:2::1", "0x001200056f75746572"),
        ],
      },
    };
    const { records, lines } = read("kea-csv6", file6(row6({ user_context: escaped(context) })));
    expect(lines).toEqual([]);
    const { relayAgentInformation, circuitId, linkAddress } = records[0]!.binding;
    expect(Buffer.from(circuitId!).toString()).toBe("inner");
    expect(formatIpv6(linkAddress!)).toBe("2001:db8:2::1");
    const outer = decodeMessage6(relayAgentInformation!.subarray(16));
    if (!outer.ok) throw new Error(outer.error.message);
    const chain = relayChain6(outer.value);
    if (!chain.ok) throw new Error(chain.error.message);
    expect(chain.value.message).toBeUndefined();
    expect(chain.value.relays.map(({ hopCount, peerAddress }) => [hopCount, formatIpv6(peerAddress)])).toEqual([
      [1, "2001:db8:2::1"],
      [0, "fe80::7"],
    ]);
  });
});

test("columns in any order, older files without the newer ones, BOM, CRLF, no newline at the end", () => {
  const file = `\uFEFFexpire,valid_lifetime,hwaddr,address\r\n${later},7200,02:00:00:00:00:07,192.0.2.7\r\n\r\n${later},7200,,192.0.2.8`;
  const { records, lines } = read("kea-csv4", file);
  expect(lines).toEqual([]);
  expect(records.map(({ line, binding }) => [line, binding.address.at(-1), hex(binding.hardwareAddress)])).toEqual([
    [2, 7, "020000000007"],
    [4, 8, undefined],
  ]);
});

test("a temporary address is marked as the server marks its own; hardware address from the DUID", () => {
  const { records } = read("kea-csv6", file6(row6({ lease_type: 1 })));
  expect(hex(records[0]!.binding.options)).toBe("0004000400000009");
  expect(hex(records[0]!.binding.hardwareAddress)).toBe("020000000007");
});

test("host names, with a comma as Kea escapes it", () => {
  expect(hex(read("kea-csv4", file4(row4({ hostname: "a&#x2cb" }))).records[0]!.binding.options)).toBe("0c03612c62");
  expect(hex(read("kea-csv6", file6(row6({ hostname: "a.example." }))).records[0]!.binding.options)).toBe(
    "0027000c000161076578616d706c6500",
  );
});

describe("refused", () => {
  const refused4: [string, string][] = [
    [
      row4({ address: "192.0.2.777" }),
      'line 2, column 1: address "192.0.2.777" is not an IPv4 address: write it like 192.0.2.7',
    ],
    [row4({ hwaddr: "02:0g" }), 'line 2, column 11: hwaddr "02:0g" is not hex: write two hex digits for each octet'],
    [
      row4({ expire: "soon" }),
      `line 2, column 35: expire "soon" is not a number from 0 to ${Number.MAX_SAFE_INTEGER}: write it in decimal digits`,
    ],
    [row4({ state: 9 }), 'line 2, column 53: state "9" is not a number from 0 to 4: write it in decimal digits'],
    [row4({ user_context: "{]" }), "line 2, column 55: user_context is not JSON: correct it, or leave the field empty"],
    [
      "192.0.2.7,02:00",
      "line 2: the row has 2 fields where the header names 12: the row may have been cut off: give each column a field",
    ],
    ["x".repeat(70_000), "line 2: the line is longer than 65536 octets: shorten it"],
    [
      row4({ user_context: escaped({ ISC: { "relay-agent-info": "0x0109" } }) }),
      "line 2: sub-options is not option 82: it has sub-option 1 that does not fit in its 2 octets: correct the hex, or leave it out",
    ],
  ];
  test.each(refused4)("%.30s", (row, sentence) => {
    const { lines, records } = read("kea-csv4", file4(row, row4()));
    expect(lines).toEqual([sentence]);
    expect(records.map(({ line }) => line)).toEqual([3]);
  });

  test("what a row repeats is printable and short", () => {
    const { refusals } = read("kea-csv4", file4(`\u001b[31m\u202e${"x".repeat(500)}`));
    expect(refusals[0]!.text).toMatch(/^\\u\{1b\}\[31m\\u\{202e\}x+…$/);
    expect(refusals[0]!.text.length).toBeLessThan(140);
  });

  test.each([
    ["an address and the length of a prefix", row6({ prefix_len: 56 }), "prefix_len 56 is not that of lease_type 0"],
    ["a prefix without its length", row6({ lease_type: 2 }), "prefix_len 128 is not that of lease_type 2"],
    [
      "a hop that is none",
      row6({ user_context: escaped({ ISC: { "relay-info": [{ hop: "x" }] } }) }),
      "user_context has a relay without hop, link and peer",
    ],
    [
      "no list of relays",
      row6({ user_context: escaped({ ISC: { "relay-info": 7 } }) }),
      "user_context has an ISC.relay-info that is not a list of at most 32 relays",
    ],
    [
      "a label of 64 octets",
      row6({ hostname: "x".repeat(64) }),
      `the host name "${"x".repeat(48)}…" is not a domain name`,
    ],
  ])("DHCPv6: %s", (_, row, what) => {
    expect(read("kea-csv6", file6(row)).refusals.map((refusal) => refusal.what)).toEqual([what]);
  });
});

test.each([
  [
    "",
    "line 1: the file is empty: choose the format the file has, or begin it with the names of the columns (address, hwaddr, valid_lifetime, expire, …)",
  ],
  [
    "lease 192.0.2.7 {\n",
    'line 1: the first line is not the header of a Kea lease file for DHCPv4: it lacks "address", "hwaddr", "valid_lifetime", "expire": choose the format the file has, or begin it with the names of the columns (address, hwaddr, valid_lifetime, expire, …)',
  ],
])("a file of another format: %j", (file, sentence) => {
  const { wrongFormat, records, lines } = read("kea-csv4", file);
  expect(records).toEqual([]);
  expect(lines).toEqual([]);
  const { line, what, remedy } = wrongFormat!;
  expect(`line ${line}: ${what}: ${remedy}`).toBe(sentence);
});
