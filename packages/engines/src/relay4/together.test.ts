import { type Binding, BindingState } from "@leasewire/bindings";
import { formatIpv4 } from "@leasewire/net";
import { MessageType4, OptionCode4 } from "@leasewire/wire";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  accessInterface,
  decoded,
  instance,
  message,
  option82,
  plainRemote,
  RelayWorld4,
  relayConfiguration,
  utf8,
} from "../../test/relay4-world.ts";
import { configuration, ip, pool, World4 } from "../../test/server4-world.ts";

const serverAddress = "192.0.2.1";
const interfaceNames = ["ge-0/0/1.100", "ge-0/0/1.200"] as const;
const giaddrs = ["10.1.0.1", "10.2.0.1"] as const;

/** The DHCPv4 server of this program behind the relay agent, and clients that do what they like. */
class Network {
  readonly relay: RelayWorld4;
  readonly server: World4;
  /** Address of each client, where it has one. */
  readonly addresses: (string | undefined)[] = [];
  #xid = 0;

  constructor() {
    const relayOption82 = { ...option82, remoteId: { ...plainRemote, useString: "pop-7" } };
    this.relay = new RelayWorld4(
      relayConfiguration({
        relayId: utf8("relay"),
        accessInterfaces: interfaceNames.map((name) => accessInterface({ name, relayOption82 })),
      }),
    );
    this.server = new World4(
      configuration({
        authoritative: true,
        pools: [1, 2].map((link) =>
          pool({
            name: `link-${link}`,
            network: { address: ip(`10.${link}.0.0`), length: 24 },
            ranges: [{ name: "all", low: ip(`10.${link}.0.10`), high: ip(`10.${link}.0.14`) }],
            leaseTimeSeconds: 600,
          }),
        ),
      }),
    );
  }

  pass(seconds: number): void {
    this.relay.now += seconds * 1000;
    this.relay.table.expire(Math.floor(this.relay.now / 1000), 1000);
    this.relay.pass(0);
    this.server.pass(seconds);
  }

  /** What the client gets back: type and address of each message. */
  send(client: number, type: number, fields: { requested?: string; ciaddr?: string; server?: string }): string[] {
    const link = client % 2;
    const { sends } = this.relay.client(
      message({
        type,
        xid: this.#xid,
        mac: Uint8Array.of(2, 0, 0, 0, 0, client),
        clientId: client % 3 === 0 ? utf8(`client-${client}`) : undefined,
        options: client % 4 === 0 ? [{ code: OptionCode4.hostName, data: utf8(`host-${client}`) }] : [],
        ...fields,
      }),
      { interfaceName: interfaceNames[link]! },
    );
    const got: string[] = [];
    for (const { bytes } of sends) {
      const arrival = {
        instance,
        sourceAddress: giaddrs[link]!,
        sourcePort: 67,
        localAddress: serverAddress,
        unicast: true,
      };
      for (const answer of this.server.datagram(bytes, arrival).sends) {
        for (const reply of this.relay.server(answer.bytes).sends) {
          const { messageType, yiaddr } = decoded(reply.bytes);
          if (reply.to.kind !== "link" || reply.to.interfaceName !== interfaceNames[link])
            throw new Error("lost its way");
          got.push(`${messageType} ${formatIpv4(yiaddr)}`);
        }
      }
    }
    return got;
  }

  act(client: number, what: string): void {
    this.#xid += 1;
    const address = this.addresses[client];
    const lease = (answers: readonly string[]) => {
      const ack = answers.find((one) => one.startsWith("5 "));
      this.addresses[client] = ack?.slice(2);
    };
    switch (what) {
      case "join": {
        const [offer] = this.send(client, MessageType4.DHCPDISCOVER, {});
        if (offer === undefined) break;
        lease(this.send(client, MessageType4.DHCPREQUEST, { requested: offer.slice(2), server: serverAddress }));
        break;
      }
      case "rebind":
        if (address !== undefined) lease(this.send(client, MessageType4.DHCPREQUEST, { ciaddr: address }));
        break;
      case "reboot":
        if (address !== undefined) lease(this.send(client, MessageType4.DHCPREQUEST, { requested: address }));
        break;
      case "release":
        if (address !== undefined)
          this.send(client, MessageType4.DHCPRELEASE, { ciaddr: address, server: serverAddress });
        this.addresses[client] = undefined;
        break;
      case "decline":
        if (address !== undefined)
          this.send(client, MessageType4.DHCPDECLINE, { requested: address, server: serverAddress });
        this.addresses[client] = undefined;
        break;
    }
  }
}

/** What both sides must agree on. */
function outline(bindings: readonly Binding[]): unknown[] {
  return bindings
    .map((one) => ({
      address: formatIpv4(
        ((one.address[0]! << 24) | (one.address[1]! << 16) | (one.address[2]! << 8) | one.address[3]!) >>> 0,
      ),
      hardwareAddress: one.hardwareAddress,
      clientId: one.clientId,
      starts: one.startTimeOfStateSeconds,
      last: one.clientLastTransactionTimeSeconds,
      expires: one.expiresAtSeconds,
      giaddr: one.linkAddress,
      circuitId: one.circuitId,
      remoteId: one.remoteId,
      relayId: one.relayId,
      relayAgentInformation: one.relayAgentInformation,
      options: one.options,
      serverIdentifier: one.serverIdentifier,
    }))
    .sort((a, b) => (a.address < b.address ? -1 : 1));
}

function active(world: { table: RelayWorld4["table"] }): Binding[] {
  return [...world.table.changedSince({ afterSequence: 0 })]
    .map((row) => world.table.at(row)!)
    .filter(({ state }) => state === BindingState.ACTIVE);
}

// Nothing is lost on the way here: what the relay agent has learnt is what the server has granted.
test("what is learnt is what the server has, whatever clients do", () => {
  const action = fc.record({
    client: fc.nat(11),
    what: fc.constantFrom("join", "join", "rebind", "reboot", "release", "decline"),
    seconds: fc.constantFrom(0, 0, 1, 30, 250, 700),
  });
  let bindings = 0;
  fc.assert(
    fc.property(fc.array(action, { minLength: 1, maxLength: 25 }), (actions) => {
      const network = new Network();
      for (const { client, what, seconds } of actions) {
        network.act(client, what);
        network.pass(seconds);
        const learnt = active(network.relay);
        bindings += learnt.length;
        expect(outline(learnt)).toEqual(outline(active(network.server)));
      }
    }),
    { numRuns: 25 },
  );
  expect(bindings).toBeGreaterThan(20);
});
