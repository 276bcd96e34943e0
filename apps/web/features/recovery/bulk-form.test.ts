import type { BulkRun, BulkStartInput } from "@leasewire/api";
import { describe, expect, test } from "vitest";
import type { Relay } from "#features/leasequery/query-form.ts";
import { type BulkForm, bulkKind, formOfInput, formOfRun, ownRelayIds, readBulkForm, whyNoBulk } from "./bulk-form.ts";

const now = 1_795_503_600;
const relay = (changes: Partial<Relay> = {}): Relay => ({
  instance: "default:default",
  family: 4,
  gatewayAddress: "192.0.2.1",
  attempts: 6,
  timeoutSeconds: 10,
  servers: [{ address: "198.51.100.1", port: 67, group: "core" }],
  unavailable: null,
  bulk: { relayId: "ascii:bng-a", unavailable: null },
  ...changes,
});
const form = (changes: Partial<BulkForm> = {}): BulkForm => ({
  family: 4,
  kind: "relay-id",
  key: "",
  link: "",
  instance: "",
  server: "",
  group: "",
  from: "",
  until: "",
  incremental: false,
  ...changes,
});
const command = "npx leasewire request dhcp relay bulk-leasequery";

describe("a form that can be sent", () => {
  test.each<[string, Partial<BulkForm>, BulkStartInput, string]>([
    ["nothing filled in: the relay's own", {}, { family: 4, key: { kind: "relay-id" } }, command],
    [
      "a relay by name",
      { key: "ascii:bng b" },
      { family: 4, key: { kind: "relay-id", relayId: "ascii:bng b" } },
      `${command} relay-id 'ascii:bng b'`,
    ],
    [
      "a circuit",
      { kind: "remote-id", key: "0A0B" },
      { family: 4, key: { kind: "remote-id", remoteId: "0a:0b" } },
      `${command} remote-id 0a:0b`,
    ],
    [
      "a MAC address in any notation",
      { kind: "mac", key: "0011.2233.4455" },
      { family: 4, key: { kind: "mac", mac: "00:11:22:33:44:55" } },
      `${command} 00:11:22:33:44:55`,
    ],
    [
      "six octets of identifier",
      { kind: "client-id", key: "00:11:22:33:44:55" },
      { family: 4, key: { kind: "client-id", clientId: "00:11:22:33:44:55" } },
      `${command} 0x001122334455`,
    ],
    [
      "everything configured, of a group, since half an hour",
      { kind: "all-configured", group: "core", from: "30m", until: "2026-11-24 07:00", instance: "bng-a:*" },
      {
        family: 4,
        key: { kind: "all-configured" },
        serverGroup: "core",
        logicalSystem: "bng-a",
        queryStartTimeSeconds: now - 1800,
        queryEndTimeSeconds: now,
      },
      `${command} all-configured-ip server-group core logical-system bng-a query-start-time ${now - 1800} query-end-time ${now}`,
    ],
    [
      "incremental leaves the start time to each server",
      { incremental: true, from: "nonsense that is not looked at" },
      { family: 4, key: { kind: "relay-id" }, incremental: true },
      `${command} incremental`,
    ],
    [
      "a prefix",
      { family: 6, kind: "address", key: "2001:DB8:100::/40", server: "2001:db8::1" },
      { family: 6, key: { kind: "address", address: "2001:db8:100::/40" }, serverAddress: "2001:db8::1" },
      "npx leasewire request dhcpv6 relay bulk-leasequery 2001:db8:100::/40 server-address 2001:db8::1",
    ],
    [
      "a circuit of DHCPv6 on one link",
      { family: 6, kind: "remote-id", key: "3561:ascii:line7", link: "2001:db8:1::1" },
      { family: 6, key: { kind: "remote-id", remoteId: "3561:ascii:line7" }, linkAddress: "2001:db8:1::1" },
      "npx leasewire request dhcpv6 relay bulk-leasequery remote-id 3561:ascii:line7 on-link 2001:db8:1::1",
    ],
    [
      "a link, which needs no second one",
      { family: 6, kind: "link-address", key: "2001:db8:1::1", link: "2001:db8:2::1" },
      { family: 6, key: { kind: "link-address", linkAddress: "2001:db8:1::1" } },
      "npx leasewire request dhcpv6 relay bulk-leasequery link-addr 2001:db8:1::1",
    ],
  ])("%s", (_, changes, input, words) => {
    const read = readBulkForm(form(changes), now);
    expect(read.errors).toEqual({});
    expect(read.input).toEqual(input);
    expect(read.command).toBe(words);
  });

  test("a DUID says what it is", () => {
    const read = readBulkForm(form({ family: 6, key: "00030001001122334455" }), now);
    expect(read.understood.key).toBe("DUID-LL Ethernet 00:11:22:33:44:55");
  });

  test("a kind that the family does not have falls back to the relay", () => {
    expect(bulkKind(6, "mac").value).toBe("relay-id");
    expect(bulkKind(4, "address").value).toBe("relay-id");
  });
});

describe("a form that cannot", () => {
  test.each<[string, Partial<BulkForm>, string, string]>([
    ["not hex", { kind: "remote-id", key: "line7" }, "key", "is not hex: write hex such as 0x0a1b"],
    ["nothing where something is needed", { kind: "mac" }, "key", ""],
    ["no time", { from: "yesterday" }, "from", "is not a time: write it like"],
    ["an end before the start", { from: "10m", until: "30m" }, "until", "The end lies before the start"],
    ["two targets", { server: "192.0.2.1", group: "core" }, "target", "exclude each other"],
    ["no instance", { instance: "a b" }, "instance", "is not an instance"],
    ["no link", { family: 6, link: "x" }, "link", ""],
  ])("%s", (_, changes, field, words) => {
    const read = readBulkForm(form(changes), now);
    expect(read.input).toBeNull();
    expect(read.command).toBeNull();
    expect(read.errors[field as keyof typeof read.errors]).toContain(words);
  });
});

test("an input leads back to its form", () => {
  const inputs: BulkStartInput[] = [
    { family: 4, key: { kind: "relay-id" } },
    { family: 4, key: { kind: "all-configured" }, serverGroup: "core", queryStartTimeSeconds: now },
    { family: 6, key: { kind: "client-id", duid: "00:03:00:01:00:11:22:33:44:55" }, incremental: true },
    { family: 6, key: { kind: "relay-id" }, linkAddress: "2001:db8:1::1", routingInstance: "retail" },
  ];
  for (const input of inputs) expect(readBulkForm(formOfInput(input), now).input).toEqual(input);
});

test("a run leads back to its form; whom it asked stands in its command", () => {
  const run = {
    family: 4,
    keyKind: "relay-id",
    key: "ascii:bng-a",
    linkAddress: null,
    queryStartTimeSeconds: now,
    queryEndTimeSeconds: null,
    incremental: false,
    command: `request dhcp relay bulk-leasequery server-group core logical-system bng-a query-start-time ${now}`,
  } as BulkRun;
  expect(formOfRun(run)).toEqual(form({ key: "", group: "core", instance: "bng-a:*", from: "2026-11-24 07:00:00" }));
  expect(formOfRun({ ...run, command: "request dhcp relay bulk-leasequery relay-id ascii:bng-a" }).key).toBe(
    "ascii:bng-a",
  );
});

test("why nothing can be asked, and whose identifiers are known", () => {
  const unable = relay({
    instance: "a:default",
    bulk: { relayId: null, unavailable: 'Bulk leasequery is not configured: add "set …".' },
  });
  expect(whyNoBulk(form(), [relay(), unable])).toBeNull();
  expect(whyNoBulk(form({ instance: "a:*" }), [relay(), unable])).toContain("Bulk leasequery is not configured");
  expect(whyNoBulk(form({ family: 6 }), [relay()])).toContain("dhcp-relay dhcpv6 bulk-leasequery");
  expect(ownRelayIds(form(), [relay(), unable, relay({ instance: "b:default" })])).toEqual(["ascii:bng-a"]);
});
