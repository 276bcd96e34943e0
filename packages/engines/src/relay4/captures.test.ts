import { decodeMessage4, type Message4, Op4 } from "@leasewire/wire";
import { expect, it } from "vitest";
import { captured4 } from "../../test/captured.ts";
import { judge4 } from "../../test/judge4.ts";
import {
  accessInterface,
  ip,
  type RelayWorld4,
  relayConfiguration,
  RelayWorld4 as World,
} from "../../test/relay4-world.ts";

/** The relay of the captures sends by 10.99.0.1 and has 10.1.0.1 on the clients' link. */
const theirServer = "10.99.0.2";

function decoded(bytes: Uint8Array): Message4 {
  const message = decodeMessage4(bytes);
  if (!message.ok) throw new Error(message.error.message);
  return message.value;
}

function world(): RelayWorld4 {
  return new World(
    relayConfiguration({
      serverGroups: [{ name: "core", servers: [{ address: theirServer, port: 67 }] }],
      accessInterfaces: [accessInterface()],
    }),
  );
}

/** What clients sent on their link and servers to the relay, through ours; what left, in order. */
function replay(relay: RelayWorld4, name: string): Uint8Array[] {
  const datagrams = captured4(name);
  const sent: Uint8Array[] = [];
  const first = datagrams[0]!.atSeconds;
  const start = relay.now;
  for (const { atSeconds, bytes, destination, source } of datagrams) {
    relay.now = start + Math.round((atSeconds - first) * 1000);
    const { op, giaddr } = decoded(bytes);
    // Of a request the capture has what the client sent and what the relay of the capture made of it.
    if (op === Op4.BOOTREQUEST && giaddr === 0)
      relay.client(bytes, { unicast: destination !== "255.255.255.255", source });
    else if (op === Op4.BOOTREPLY && giaddr !== 0 && source === theirServer) relay.server(bytes, source);
    else continue;
    sent.push(...relay.output.sends.map((one) => one.bytes));
  }
  return sent;
}

const captures = [
  "v4-dhclient-dora-renew-release-via-relay",
  "v4-dhcpcd-dora-via-relay",
  "v4-udhcpc-dora-via-isc-dhcrelay",
  "v4-udhcpc-broadcastflag-via-relay",
  "v4-dhclient-rebind-via-relay",
  "v4-dhclient-initreboot-nak-via-relay",
  "v4-dhclient-decline-via-relay",
];

// One run of tshark for all of them: it takes longer to start than to read.
it("what real clients and servers say is passed on whole, and tshark has nothing to complain of", () => {
  const sent = captures.flatMap((name) => {
    const messages = replay(world(), name);
    expect(messages.length, name).toBeGreaterThan(0);
    return messages;
  });
  expect(judge4(sent).filter(({ complaints }) => complaints !== "")).toEqual([]);
});

it("dhclient: what servers get is what ISC's relay sent, but for option 82", () => {
  const relay = world();
  const datagrams = captured4("v4-udhcpc-dora-via-isc-dhcrelay");
  const theirs = datagrams.filter(({ bytes }) => decoded(bytes).op === Op4.BOOTREQUEST && decoded(bytes).giaddr !== 0);
  const received = datagrams.filter(
    ({ bytes }) => decoded(bytes).op === Op4.BOOTREQUEST && decoded(bytes).giaddr === 0,
  );
  expect(received.length).toBeGreaterThan(0);
  for (const { bytes, destination } of received) {
    const [ours] = relay.client(bytes, { unicast: destination !== "255.255.255.255" }).sends;
    if (ours === undefined) throw new Error(JSON.stringify(relay.drops));
    const [mine, original] = [decoded(ours.bytes), decoded(bytes)];
    expect(mine.giaddr).toBe(ip("10.1.0.1"));
    const same = theirs.find(
      (one) => decoded(one.bytes).messageType === original.messageType && decoded(one.bytes).xid === original.xid,
    );
    if (same === undefined) continue;
    const other = decoded(same.bytes);
    expect(mine.hops).toBe(other.hops);
    const options = (message: Message4) =>
      [...message.options()].filter(({ code }) => code !== 82).map(({ code, data }) => [code, [...data]]);
    expect(options(mine)).toEqual(options(other));
  }
});

it("dhclient: the lease of the capture is learnt and given back", () => {
  const relay = world();
  replay(relay, "v4-dhclient-dora-renew-release-via-relay");
  const notes = relay.notes;
  expect(notes["binding learnt"], JSON.stringify([notes, relay.drops])).toBeGreaterThanOrEqual(1);
});
