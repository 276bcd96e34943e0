import { formatIpv4 } from "@leasewire/net";
import { decodeMessage4, type Message4, messageTypeName4 } from "@leasewire/wire";
import { describe, expect, it, test } from "vitest";
import { type Captured4, captured4 } from "../../test/captured.ts";
import { answerOf, configuration, instance, ip, pool, World4 } from "../../test/server4-world.ts";

/** The server of the captures, which is where clients and relays send to. */
const server = "10.99.0.2";

function world(): World4 {
  return new World4(
    configuration({
      serverIdentifier: ip(server),
      pools: [
        pool({
          ranges: [{ name: "r", low: ip("10.1.0.100"), high: ip("10.1.0.199") }],
          leaseTimeSeconds: 600,
        }),
        pool({
          name: "second",
          network: { address: ip("10.2.0.0"), length: 24 },
          ranges: [{ name: "r", low: ip("10.2.0.100"), high: ip("10.2.0.199") }],
          leaseTimeSeconds: 600,
        }),
      ],
    }),
  );
}

function decoded(bytes: Uint8Array): Message4 {
  const message = decodeMessage4(bytes);
  if (!message.ok) throw new Error(message.error.message);
  return message.value;
}

/** Type, address and destination of a reply, and whether option 82 is in it. */
function outline(message: Message4, address: string, port: number): string {
  const type = messageTypeName4(message.messageType ?? 0);
  return `${type} ${formatIpv4(message.yiaddr)} to ${address}#${port}${message.has(82) ? " +82" : ""}`;
}

/** Replays what reached the server; what the server of the capture answered beside what ours answers. */
function replay(world: World4, name: string): { theirs: string; ours: string; request: Message4 }[] {
  const datagrams = captured4(name);
  const start = datagrams[0]!.atSeconds;
  const startMs = world.now;
  const rows: { theirs: string; ours: string; request: Message4 }[] = [];
  for (const [i, datagram] of datagrams.entries()) {
    if (datagram.destination !== server) continue;
    const due = startMs + Math.round((datagram.atSeconds - start) * 1000);
    world.pass((due - world.now) / 1000);
    const output = world.datagram(datagram.bytes, {
      instance,
      sourceAddress: datagram.source,
      sourcePort: datagram.sourcePort,
      localAddress: server,
      unicast: true,
    });
    const request = decoded(datagram.bytes);
    const answer = answerOf(output);
    const to = answer?.send.to as { address: string; port: number } | undefined;
    rows.push({
      request,
      theirs: theirAnswer(datagrams, i, request),
      ours: answer === undefined ? "silent" : outline(answer.message, to!.address, to!.port),
    });
  }
  return rows;
}

function theirAnswer(datagrams: readonly Captured4[], from: number, request: Message4): string {
  for (const datagram of datagrams.slice(from + 1)) {
    const message = decoded(datagram.bytes);
    if (datagram.destination === server && message.xid === request.xid) break;
    if (datagram.source !== server || message.xid !== request.xid) continue;
    return outline(message, datagram.destination, datagram.destinationPort);
  }
  return "silent";
}

describe("real clients get from this server what they got from ISC dhcpd", () => {
  test.each([
    ["v4-dhclient-dora-renew-release-via-relay", ["DISCOVER", "REQUEST", "REQUEST", "RELEASE"], "RELEASED"],
    ["v4-dhclient-decline-via-relay", ["DISCOVER", "REQUEST", "DECLINE"], "ABANDONED"],
    ["v4-dhclient-initreboot-nak-via-relay", ["REQUEST", "DISCOVER", "REQUEST"], "ACTIVE"],
    ["v4-dhcpcd-dora-via-relay", ["DISCOVER", "REQUEST"], "ACTIVE"],
    ["v4-udhcpc-dora-via-isc-dhcrelay", ["DISCOVER", "REQUEST"], "ACTIVE"],
  ])("%s", (name, types, state) => {
    const one = world();
    const rows = replay(one, name);
    expect(rows.map(({ request }) => messageTypeName4(request.messageType!))).toEqual(
      types.map((type) => `DHCP${type}`),
    );
    expect(rows.map(({ ours }) => ours)).toEqual(rows.map(({ theirs }) => theirs));
    expect(one.stateOf("10.1.0.100")).toBe(state);
  });

  it("v4-udhcpc-broadcastflag-via-relay", () => {
    const rows = replay(world(), "v4-udhcpc-broadcastflag-via-relay");
    expect(rows.map(({ ours }) => ours)).toEqual(rows.map(({ theirs }) => theirs));
    expect(rows.map(({ ours }) => ours)).toEqual([
      "DHCPOFFER 10.2.0.100 to 10.2.0.1#67 +82",
      "DHCPACK 10.2.0.100 to 10.2.0.1#67 +82",
    ]);
  });

  it("v4-dhclient-rebind-via-relay: this server is there when the other one was stopped", () => {
    const rows = replay(world(), "v4-dhclient-rebind-via-relay");
    expect(rows.filter(({ theirs }) => theirs === "silent").map(({ ours }) => ours)).toEqual([
      "DHCPACK 10.1.0.100 to 10.1.0.100#68",
      "DHCPACK 10.1.0.100 to 10.1.0.100#68",
    ]);
    const answered = rows.filter(({ theirs }) => theirs !== "silent");
    expect(answered.map(({ ours }) => ours)).toEqual(answered.map(({ theirs }) => theirs));
    expect(answered.at(-1)?.ours).toBe("DHCPACK 10.1.0.100 to 10.1.0.1#67 +82");
  });

  it("v4-perfdhcp-template-dora-via-relay: the addresses of the template are Kea's, here they are refused", () => {
    const rows = replay(world(), "v4-perfdhcp-template-dora-via-relay");
    expect(rows.filter(({ request }) => request.messageType === 1).map(({ ours }) => ours)).toEqual([
      "DHCPOFFER 10.1.0.100 to 10.1.0.1#67 +82",
      "DHCPOFFER 10.1.0.101 to 10.1.0.1#67 +82",
      "DHCPOFFER 10.1.0.102 to 10.1.0.1#67 +82",
    ]);
    expect(rows.filter(({ request }) => request.messageType === 3).map(({ ours }) => ours)).toEqual([
      "DHCPNAK 0.0.0.0 to 10.1.0.1#67 +82",
      "DHCPNAK 0.0.0.0 to 10.1.0.1#67 +82",
      "DHCPNAK 0.0.0.0 to 10.1.0.1#67 +82",
    ]);
  });
});

it("what the clients ask for they get, in their order, and what the relay said of them is kept", () => {
  const one = world();
  replay(one, "v4-dhcpcd-dora-via-relay");
  const [discover] = captured4("v4-dhcpcd-dora-via-relay").filter(({ destination }) => destination === server);
  const request = decoded(discover!.bytes);
  const asked = [...request.option(55)!];
  const answer = answerOf(
    one.datagram(discover!.bytes, {
      instance,
      sourceAddress: "10.1.0.1",
      sourcePort: 67,
      localAddress: server,
      unicast: true,
    }),
  )!;
  const given = [...answer.message.options()].map(({ code }) => code).filter((code) => [1, 3, 6].includes(code));
  expect(given).toEqual(asked.filter((code) => [1, 3, 6].includes(code)));
  expect(one.binding("10.1.0.100")).toMatchObject({
    relayAgentInformation: request.option(82),
    circuitId: request.relayAgentOption(1),
    remoteId: request.relayAgentOption(2),
    relayId: request.relayAgentOption(12),
    clientId: request.option(61),
  });
});
