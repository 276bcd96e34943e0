import type { LeasequeryRun } from "@leasewire/api";
import { describe, expect, test } from "vitest";
import { formOfRun, type QueryForm, type Relay, readForm, whyNoRelay } from "./query-form.ts";

const relay = (changes: Partial<Relay> = {}): Relay => ({
  instance: "default:default",
  family: 4,
  gatewayAddress: "192.0.2.1",
  attempts: 6,
  timeoutSeconds: 10,
  servers: [{ address: "198.51.100.1", port: 67, group: "core" }],
  unavailable: null,
  bulk: { relayId: null, unavailable: null },
  ...changes,
});
const relays = [relay(), relay({ family: 6, gatewayAddress: null })];
const form = (changes: Partial<QueryForm> = {}): QueryForm => ({
  family: 4,
  kind: "address",
  key: "192.0.2.7",
  gateway: null,
  link: "",
  instance: "",
  server: "",
  group: "",
  ...changes,
});

describe("a form that can be sent", () => {
  test("takes the relay's own gateway address", () => {
    const read = readForm(form(), relays);
    expect(read.input).toEqual({
      family: 4,
      key: { kind: "address", address: "192.0.2.7" },
      gatewayAddress: "192.0.2.1",
    });
    expect(read.command).toBe("npx leasewire request dhcp relay leasequery 192.0.2.7 gateway-address 192.0.2.1");
  });
  test("by MAC, to a group of one routing instance", () => {
    const read = readForm(form({ kind: "mac", key: "0011.2233.4455", instance: "*:retail", group: "core" }), relays);
    expect(read.understood).toBe("Understood as 00:11:22:33:44:55.");
    // The relay of another instance does not lend its gateway address.
    expect(read.errors.gateway).toContain("giaddr");
    const sent = readForm(
      form({ kind: "mac", key: "0011.2233.4455", instance: "*:retail", group: "core", gateway: "192.0.2.9" }),
      relays,
    );
    expect(sent.input).toEqual({
      family: 4,
      key: { kind: "mac", mac: "00:11:22:33:44:55" },
      gatewayAddress: "192.0.2.9",
      serverGroup: "core",
      routingInstance: "retail",
    });
    expect(sent.command).toBe(
      "npx leasewire request dhcp relay leasequery 00:11:22:33:44:55 gateway-address 192.0.2.9 server-group core routing-instance retail",
    );
  });
  test("the command line is told that six octets are an identifier, and its blanks are quoted", () => {
    const six = readForm(form({ kind: "client-id", key: "00:11:22:33:44:55" }), relays);
    expect(six.command).toContain(" leasequery 0x001122334455 gateway-address");
    const blank = readForm(form({ kind: "client-id", key: "ascii:cable modem" }), relays);
    expect(blank.command).toContain(" leasequery 'ascii:cable modem' gateway-address");
  });
  test("a prefix is asked for by its first address", () => {
    const read = readForm(form({ family: 6, key: "2001:db8:100::/56", link: "2001:DB8:1::1" }), relays);
    expect(read.input).toEqual({
      family: 6,
      key: { kind: "address", address: "2001:db8:100::" },
      linkAddress: "2001:db8:1::1",
    });
    expect(read.understood).toBe("Asked for by its first address, 2001:db8:100::.");
    expect(read.command).toBe(
      "npx leasewire request dhcpv6 relay leasequery 2001:db8:100::/56 link-address 2001:db8:1::1",
    );
  });
  test("a DUID says what it is", () => {
    const read = readForm(form({ family: 6, kind: "client-id", key: "0003 0001 0011 2233 4455" }), relays);
    expect(read.input).toBeNull();
    const hex = readForm(form({ family: 6, kind: "client-id", key: "0x00030001001122334455" }), relays);
    expect(hex.understood).toBe("DUID-LL Ethernet 00:11:22:33:44:55");
    expect(hex.input).toMatchObject({ key: { kind: "client-id", duid: "00:03:00:01:00:11:22:33:44:55" } });
  });
});

describe("a form that cannot", () => {
  test.each([
    [{ key: "192.0.2.300" }, "key", "300 is more than 255"],
    [{ key: "" }, "key", "."],
    [{ key: "192.0.2.0/24" }, "key", "is a prefix"],
    [{ kind: "mac", key: "00:11:22" }, "key", "This has 3 octets: an Ethernet address has 6"],
    [{ kind: "client-id", key: "modem7" }, "key", "ascii:NAME"],
    [{ gateway: "" }, "gateway", "needs the relay's address"],
    [{ gateway: "192.0.2" }, "gateway", "not an IPv4 address"],
    [{ family: 6, key: "2001:db8::1/56" }, "key", "bits set beyond its length"],
    [{ family: 6, key: "2001:db8::1", link: "fe80" }, "link", "."],
    [{ instance: "a b" }, "instance", "LOGICAL-SYSTEM:ROUTING-INSTANCE"],
    [{ server: "198.51.100.1", group: "core" }, "target", "exclude each other"],
  ] as const)("%j: %s", (changes, field, words) => {
    const read = readForm(form(changes as Partial<QueryForm>), relays);
    expect(read.errors[field]).toContain(words);
    expect(read.input).toBeNull();
    expect(read.command).toBeNull();
  });
});

test("why nothing can be asked", () => {
  expect(whyNoRelay(form(), relays)).toBeNull();
  expect(whyNoRelay(form({ instance: "bng-a:*" }), relays)).toContain(
    'add "set forwarding-options dhcp-relay leasequery"',
  );
  expect(whyNoRelay(form(), [relay({ unavailable: "No server is configured." })])).toBe("No server is configured.");
});

test("a run leads back to its form", () => {
  const run = {
    family: 4,
    keyKind: "mac",
    key: "00:11:22:33:44:55",
    gatewayAddress: "192.0.2.1",
    linkAddress: null,
    command:
      "request dhcp relay leasequery 00:11:22:33:44:55 gateway-address 192.0.2.1 server-group core logical-system bng-a",
  } as LeasequeryRun;
  expect(formOfRun(run)).toEqual(
    form({ kind: "mac", key: "00:11:22:33:44:55", gateway: "192.0.2.1", instance: "bng-a:*", group: "core" }),
  );
});
