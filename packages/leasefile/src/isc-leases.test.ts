import { readFileSync } from "node:fs";
import { BindingState, EXPIRES_NEVER } from "@leasewire/bindings";
import { formatIpv4, formatIpv6, ipv4FromBytes } from "@leasewire/net";
import { describe, expect, test } from "vitest";
import { hex, nowSeconds, read } from "../test/read.ts";

const sample = (name: string) => readFileSync(new URL(`../test/samples/${name}`, import.meta.url), "utf8");
const tenOClock = Date.UTC(2026, 10, 24, 10) / 1000;

describe("dhcpd.leases", () => {
  const { records, lines } = read("isc-leases", sample("dhcpd.leases"));

  test("every lease in the order of the journal", () => {
    expect(lines).toEqual([]);
    expect(
      records.map(({ line, binding }) => [line, formatIpv4(ipv4FromBytes(binding.address)), binding.state]),
    ).toEqual([
      [11, "10.0.0.10", BindingState.ACTIVE],
      [31, "10.0.0.11", BindingState.ACTIVE],
      [37, "10.0.0.10", BindingState.AVAILABLE],
      [45, "10.0.0.12", BindingState.ABANDONED],
    ]);
  });

  test("times, identifiers, option 82", () => {
    const { binding } = records[0]!;
    expect(binding).toMatchObject({
      hardwareType: 1,
      startTimeOfStateSeconds: tenOClock,
      clientLastTransactionTimeSeconds: tenOClock + 1,
      expiresAtSeconds: Date.UTC(2036, 10, 24, 11) / 1000,
      origin: "import",
    });
    expect(hex(binding.clientId)).toBe("0102000000000a");
    expect(hex(binding.hardwareAddress)).toBe("02000000000a");
    expect(Buffer.from(binding.circuitId!).toString()).toBe('eth "0"/1; {x}');
    expect(hex(binding.remoteId)).toBe("02010000000a");
    expect(Buffer.from(binding.relayId!).toString()).toBe("relay");
    expect(hex(binding.relayAgentInformation)).toMatch(/^010e.*020602010000000a05040a0000010c0572656c6179$/);
    expect(Buffer.from(binding.options!).toString("latin1")).toBe("\x3c\x08MSFT 5.0\x0c\x07modem10");
  });

  test("never, epoch with a comment; without cltt the client was last heard when the lease began", () => {
    expect(records[1]!.binding).toMatchObject({
      expiresAtSeconds: EXPIRES_NEVER,
      startTimeOfStateSeconds: 1_795_514_400,
      clientLastTransactionTimeSeconds: 1_795_514_400,
    });
  });

  test("a state that ended began at the end", () => {
    expect(records[2]!.binding.startTimeOfStateSeconds).toBe(tenOClock + 1800);
  });
});

describe("dhcpd6.leases", () => {
  const { records, lines } = read("isc-leases", sample("dhcpd6.leases"));

  test("every address and prefix of an association", () => {
    expect(lines).toEqual([]);
    expect(
      records.map(({ binding: { address, prefixLength, kind, iaid, state } }) => [
        `${formatIpv6(address)}/${prefixLength}`,
        kind,
        iaid,
        state,
      ]),
    ).toEqual([
      ["2001:db8:1::100/128", "address", 9, BindingState.ACTIVE],
      ["2001:db8:1::101/128", "address", 9, BindingState.EXPIRED],
      ["2001:db8:100::/48", "prefix", 10, BindingState.ACTIVE],
      ["2001:db8:1::102/128", "address", 11, BindingState.ACTIVE],
    ]);
  });

  test("DUID, hardware address from it, server DUID, lifetimes, the mark of a temporary address", () => {
    const { binding } = records[0]!;
    expect(hex(binding.clientId)).toBe("00030001020000000007");
    expect(hex(binding.hardwareAddress)).toBe("020000000007");
    expect(hex(binding.serverIdentifier)).toBe("0001000131302f2e020000000001");
    expect(binding.preferredUntilSeconds).toBe(tenOClock + 3600);
    expect(records[3]!.binding.preferredUntilSeconds).toBe(EXPIRES_NEVER);
    expect(hex(records[3]!.binding.options)).toBe("000400040000000b");
  });

  test("a big-endian file", () => {
    const file = `authoring-byte-order big-endian;\nia-na "\\000\\000\\000\\011\\000\\002ab" {\n iaaddr 2001:db8::1 { ends never; }\n}\n`;
    expect(read("isc-leases", file).records[0]!.binding.iaid).toBe(9);
  });
});

test("an active lease that has run out is told as expired", () => {
  const file = `lease 10.0.0.1 {\n  starts epoch ${nowSeconds - 100};\n  ends epoch ${nowSeconds - 10};\n  binding state active;\n}\n`;
  expect(read("isc-leases", file).records[0]!.binding).toMatchObject({
    state: BindingState.EXPIRED,
    startTimeOfStateSeconds: nowSeconds - 10,
  });
});

describe("refused, and what follows is read", () => {
  const good = "lease 10.0.0.9 {\n  ends never;\n  binding state active;\n}\n";
  test.each([
    [
      "cut off in the middle",
      "lease 10.0.0.1 {\n  starts epoch 1;\n  ends ep",
      "line 2: the statement has no end: it was cut off: remove or repair the statement",
    ],
    [
      "a string that is not closed",
      'lease 10.0.0.1 {\n  uid "\\001;\n  ends never;\n}',
      "line 2: a string is not closed before the line ends: remove or repair the statement",
    ],
    [
      "no address",
      "lease 10.0.0.256 { ends never; }",
      'line 2: lease "10.0.0.256" is not an IPv4 address: write it like 192.0.2.7',
    ],
    [
      "a state we do not know",
      "lease 10.0.0.1 { binding state odd; }",
      'line 2: the binding state "odd" is unknown: write active, free, backup, expired, released, abandoned or reset',
    ],
    [
      "a day that is none",
      "lease 10.0.0.1 { ends 2 2026/13/01 00:00:00; }",
      'line 2: ends "2026/13/01 00:00:00" is no day or no time of day: correct it',
    ],
    [
      "too long",
      `lease 10.0.0.1 {\n  uid "${"x".repeat(70_000)}";\n}`,
      "line 2: the statement is longer than 65536 octets: remove or repair the statement",
    ],
    ["an unknown statement", "lees 10.0.0.1;", 'line 2: "lees" begins no statement of a lease file: remove it'],
    [
      "an address in an ia-pd",
      'ia-pd "aaaabb" { iaaddr 2001:db8::1 { } }',
      'line 2: "iaaddr" does not belong in an ia-pd: repair it',
    ],
  ])("%s", (_, statement, sentence) => {
    const { lines, records } = read("isc-leases", `server-duid "x";\n${statement}\n${good}`);
    expect(lines).toEqual([sentence]);
    expect(records.map(({ binding }) => binding.address.at(-1))).toEqual([9]);
  });

  test("a file that ends in a lease", () => {
    const { lines, records } = read("isc-leases", `${good}lease 10.0.0.1 {\n  ends never;\n`);
    expect(records).toHaveLength(1);
    expect(lines).toEqual(["line 5: the statement has no end: it was cut off: remove or repair the statement"]);
  });
});

test.each(["address,hwaddr\n1,2;\n", "{ }", "a".repeat(100_000)])("a file of another format: %.20j", (file) => {
  const { wrongFormat, records, lines } = read("isc-leases", file);
  expect({ records, lines }).toEqual({ records: [], lines: [] });
  expect(wrongFormat?.what).toBe("this does not begin like a lease file of ISC dhcpd");
});
