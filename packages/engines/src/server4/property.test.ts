import { BindingState } from "@leasewire/bindings";
import { formatIpv4, ipv4FromBytes, ipv4ToBytes } from "@leasewire/net";
import { decodeMessage4, type Message4, MessageType4, OptionCode4 } from "@leasewire/wire";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  answerOf,
  attached,
  configuration,
  type Fields,
  host,
  instance,
  ip,
  macOf,
  pool,
  relayed,
  request,
  utf8,
  World4,
} from "../../test/server4-world.ts";
import { poolStatistics4, type ServerOutput, seededRandom } from "../index.ts";

/**
 * Clients that lose, repeat and reorder messages, move between links, release, decline and forget; servers that restart
 * in the middle. All in virtual time, from one seed.
 */
class Subscriber {
  readonly number: number;
  readonly clientId: Uint8Array | undefined;
  /** What it thinks: an address is its own until then. */
  address: string | undefined;
  untilMs = 0;
  link = 0;
  /** The exchange it waits for. */
  xid = 0;
  waitsFor: "offer" | "ack" | undefined;
  sentAtMs = 0;

  constructor(number: number) {
    this.number = number;
    this.clientId = number % 3 === 0 ? utf8(`client-${number}`) : undefined;
  }
}

interface Delivery {
  readonly dueMs: number;
  readonly run: () => void;
}

const links: { readonly giaddr?: string }[] = [{ giaddr: "10.1.0.1" }, { giaddr: "10.2.0.1" }, {}];

class Simulation {
  readonly world: World4;
  readonly below: (limit: number) => number;
  readonly subscribers = Array.from({ length: 14 }, (_, i) => new Subscriber(i + 1));
  readonly deliveries: Delivery[] = [];
  /** Who was offered what by the engine that is running, until when. */
  readonly offered = new Map<string, { subscriber: Subscriber; untilMs: number }>();
  acks = 0;
  #xid = 0;

  constructor(seed: number) {
    const random = seededRandom(seed);
    this.below = (limit) => random.uint32() % limit;
    const probe = this.below(2) === 0 ? { addressProbe: { timeoutMs: 500 } } : {};
    this.world = new World4(
      configuration({
        ...probe,
        rapidCommit: this.below(4) === 0,
        authoritative: this.below(2) === 0,
        pools: [
          pool({
            ranges: [{ name: "r1", low: ip("10.1.0.10"), high: ip("10.1.0.16") }],
            hosts: [host("hardware-address", macOf(2), "10.1.0.12"), host("client-id", utf8("client-3"), "10.1.0.77")],
            excluded: [{ low: ip("10.1.0.11"), high: ip("10.1.0.11") }],
            leaseTimeSeconds: 60 + this.below(600),
          }),
          pool({
            name: "second",
            network: { address: ip("10.2.0.0"), length: 24 },
            ranges: [
              { name: "r1", low: ip("10.2.0.10"), high: ip("10.2.0.13") },
              { name: "r2", low: ip("10.2.0.40"), high: ip("10.2.0.41") },
            ],
            leaseTimeSeconds: 120,
          }),
        ],
      }),
      { offerLifetimeMs: 20_000, abandonedRetentionSeconds: 900 },
    );
  }

  run(events: number): void {
    for (let i = 0; i < events; i += 1) {
      this.#event();
      this.#deliver();
      this.#check();
    }
  }

  #event(): void {
    const subscriber = this.subscribers[this.below(this.subscribers.length)]!;
    switch (this.below(24)) {
      case 0:
        this.world.restart();
        this.offered.clear();
        return;
      case 1:
        this.#pass(this.below(400));
        return;
      case 2:
        this.world.step({ kind: "granting", allowed: this.below(3) > 0 });
        return;
      case 3:
        subscriber.link = this.below(links.length);
        return;
      case 4:
        // Forgets what it had, as after a new installation.
        subscriber.address = undefined;
        subscriber.waitsFor = undefined;
        return;
      case 5:
        if (this.#holds(subscriber) && subscriber.waitsFor === undefined) {
          this.#begin(subscriber, undefined);
          this.#send(subscriber, { type: MessageType4.DHCPRELEASE, ciaddr: subscriber.address!, server: "192.0.2.1" });
          subscriber.address = undefined;
        }
        return;
      case 6:
        if (this.#holds(subscriber) && subscriber.waitsFor === undefined && this.below(3) === 0) {
          this.#send(subscriber, {
            type: MessageType4.DHCPDECLINE,
            requested: subscriber.address!,
            server: "192.0.2.1",
          });
          subscriber.address = undefined;
        }
        return;
      case 7:
        // INIT-REBOOT, sometimes with an address of somebody else.
        this.#begin(subscriber, "ack");
        this.#send(subscriber, {
          type: MessageType4.DHCPREQUEST,
          requested: this.below(4) === 0 ? `10.1.0.${10 + this.below(8)}` : (subscriber.address ?? "10.1.0.10"),
        });
        return;
      case 8:
        // An offer of another server was chosen.
        this.#begin(subscriber, undefined);
        this.#send(subscriber, { type: MessageType4.DHCPREQUEST, requested: "10.1.0.14", server: "198.51.100.1" });
        return;
      case 9:
        this.#pass(this.below(20));
        return;
      case 10:
        this.#import();
        return;
      case 11:
      case 12:
        if (this.#holds(subscriber)) {
          this.#begin(subscriber, "ack");
          this.#send(subscriber, { type: MessageType4.DHCPREQUEST, ciaddr: subscriber.address! });
          return;
        }
    }
    this.#begin(subscriber, "offer");
    this.#send(subscriber, {
      type: MessageType4.DHCPDISCOVER,
      ...(this.below(3) === 0 ? { requested: `10.1.0.${10 + this.below(9)}` } : {}),
      ...(this.below(4) === 0 ? { options: [{ code: OptionCode4.rapidCommit, data: new Uint8Array(0) }] } : {}),
    });
  }

  /** Leases of clients that never come here, put into the table by somebody else. */
  #import(): void {
    const address = `10.${1 + this.below(2)}.0.${10 + this.below(7)}`;
    if (this.world.binding(address)?.state === BindingState.ACTIVE) return;
    const seconds = Math.floor(this.world.now / 1000);
    this.world.table.put(
      {
        instance,
        address: ipv4ToBytes(ip(address)),
        prefixLength: 32,
        kind: "address",
        state: BindingState.ACTIVE,
        hardwareType: 1,
        hardwareAddress: macOf(200),
        startTimeOfStateSeconds: seconds,
        clientLastTransactionTimeSeconds: seconds,
        expiresAtSeconds: seconds + this.below(300),
        dataSource: 0,
        origin: "import",
      },
      "import",
      seconds,
    );
    this.offered.delete(address);
  }

  #holds({ address, untilMs }: Subscriber): boolean {
    return address !== undefined && untilMs > this.world.now;
  }

  #begin(subscriber: Subscriber, waitsFor: Subscriber["waitsFor"]): void {
    this.#xid += 1;
    subscriber.xid = this.#xid;
    subscriber.waitsFor = waitsFor;
    subscriber.sentAtMs = this.world.now;
  }

  #send(subscriber: Subscriber, fields: Fields): void {
    const { mac, clientId, xid, link } = { mac: subscriber.number, ...subscriber };
    const bytes = request({ mac, clientId, xid, flags: 0x8000, ...links[link], ...fields });
    // Lost, once or several times; each after a while of its own.
    for (let copies = [0, 1, 1, 1, 1, 2, 3][this.below(7)]!; copies > 0; copies -= 1) {
      this.#later(() => {
        // A copy that is late ends a lease the client has taken again: nothing in the protocol tells it from a new one.
        const ends = fields.type === MessageType4.DHCPRELEASE || fields.type === MessageType4.DHCPDECLINE;
        if (!ends || subscriber.xid === xid) this.#arrive(bytes, link);
      });
    }
  }

  #later(run: () => void): void {
    this.deliveries.push({ dueMs: this.world.now + this.below(4000), run });
  }

  #arrive(bytes: Uint8Array, link: number): void {
    this.#forgetWithdrawn(bytes, link);
    this.#answers(this.world.datagram(bytes, links[link]!.giaddr === undefined ? attached : relayed), link);
  }

  /** Offers that this message takes back: another server was chosen, the address declined, the link left. */
  #forgetWithdrawn(bytes: Uint8Array, link: number): void {
    const message = decoded(bytes);
    const type = message.messageType;
    const server = message.option(OptionCode4.serverIdentifier);
    const takesBack =
      type === MessageType4.DHCPDECLINE ||
      (type === MessageType4.DHCPREQUEST && server !== undefined && server[0] !== 192);
    const network = link === 1 ? "10.2." : "10.1.";
    for (const [address, { subscriber }] of this.offered) {
      if (macOf(subscriber.number).join() !== message.chaddr.join()) continue;
      const left = type === MessageType4.DHCPDISCOVER && !address.startsWith(network);
      if (takesBack || left) this.offered.delete(address);
    }
  }

  /** Every send promised or not: changes are in the table by now. */
  #answers(output: ServerOutput, link: number): void {
    for (const probe of output.probes) {
      // Some are never answered.
      const inUse = this.below(6) === 0;
      if (this.below(8) > 0) {
        this.#later(() => this.#answers(this.world.step({ kind: "probe-result", token: probe.token, inUse }), link));
      }
    }
    const answer = answerOf(output);
    if (answer === undefined) return;
    const { message, yiaddr } = answer;
    const subscriber = this.subscribers.find(
      ({ number, clientId }) =>
        macOf(number).join() === message.chaddr.join() &&
        (clientId?.join() ?? "") === (message.option(61)?.join() ?? ""),
    )!;
    if (answer.type === "DHCPOFFER") this.#offeredTo(subscriber, yiaddr);
    if (answer.type === "DHCPACK") {
      this.acks += 1;
      expect(output.changes.length).toBeGreaterThan(0);
      expect(answer.send.promises).toBe(true);
      for (const [address, offer] of this.offered) if (offer.subscriber === subscriber) this.offered.delete(address);
    }
    for (let copies = [0, 1, 1, 1, 2][this.below(5)]!; copies > 0; copies -= 1) {
      this.#later(() => this.#receive(subscriber, message));
    }
  }

  #offeredTo(subscriber: Subscriber, address: string): void {
    const row = this.world.binding(address);
    if (row?.state === BindingState.ACTIVE) expect(isOf(subscriber, row)).toBe(true);
    const offer = this.offered.get(address);
    if (offer !== undefined && offer.untilMs > this.world.now) expect(offer.subscriber.number).toBe(subscriber.number);
    for (const [other, { subscriber: of }] of this.offered) if (of === subscriber) this.offered.delete(other);
    if (row?.state !== BindingState.ACTIVE) {
      this.offered.set(address, { subscriber, untilMs: this.world.now + 20_000 });
    }
  }

  #receive(subscriber: Subscriber, message: Message4): void {
    if (message.xid !== subscriber.xid || subscriber.waitsFor === undefined) return;
    const address = formatIpv4(message.yiaddr);
    const type = message.messageType;
    if (type === MessageType4.DHCPNAK) {
      if (subscriber.waitsFor === "ack") {
        subscriber.address = undefined;
        subscriber.waitsFor = undefined;
      }
    } else if (type === MessageType4.DHCPACK) {
      subscriber.waitsFor = undefined;
      subscriber.address = address;
      subscriber.untilMs = subscriber.sentAtMs + ipv4FromBytes(message.option(OptionCode4.leaseTime)!) * 1000;
      this.#soleHolder(subscriber);
    } else if (subscriber.waitsFor === "offer") {
      // The same transaction goes on (RFC 2131 §4.4.1).
      subscriber.waitsFor = "ack";
      subscriber.sentAtMs = this.world.now;
      this.#send(subscriber, { type: MessageType4.DHCPREQUEST, requested: address, server: "192.0.2.1" });
    }
  }

  #soleHolder(subscriber: Subscriber): void {
    const others = this.subscribers.filter(
      (other) => other !== subscriber && other.address === subscriber.address && this.#holds(other),
    );
    if (this.#holds(subscriber)) expect(others.map(({ number }) => number)).toEqual([]);
  }

  #pass(seconds: number): void {
    const until = this.world.now + seconds * 1000;
    for (;;) {
      const next = this.deliveries.sort((a, b) => a.dueMs - b.dueMs)[0];
      if (next === undefined || next.dueMs > until) break;
      this.#passTo(next.dueMs);
      this.#deliver();
    }
    this.#passTo(until);
  }

  #passTo(ms: number): void {
    if (ms <= this.world.now) return;
    this.world.pass((ms - this.world.now) / 1000, (output) => this.#answers(output, 0));
  }

  #deliver(): void {
    // In any order of those that are due.
    for (;;) {
      const due = this.deliveries.filter(({ dueMs }) => dueMs <= this.world.now);
      if (due.length === 0) return;
      const chosen = due[this.below(due.length)]!;
      this.deliveries.splice(this.deliveries.indexOf(chosen), 1);
      chosen.run();
    }
  }

  /** What the pools count is what counting gives. */
  #check(): void {
    const { state, table } = this.world;
    const rows = [...table.changedSince({ afterSequence: 0 })].map((row) => table.at(row)!);
    const server = state.servers.get(instance)!;
    const addressesOf = [
      [10, 12, 13, 14, 15, 16, 77].map((last) => `10.1.0.${last}`),
      [10, 11, 12, 13, 40, 41].map((last) => `10.2.0.${last}`),
    ];
    const reserved = new Set(["10.1.0.12", "10.1.0.77"]);
    for (const [i, statistics] of poolStatistics4(state).entries()) {
      const addresses = addressesOf[i]!;
      const stateOf = (address: string) =>
        rows.find((row) => formatIpv4(ipv4FromBytes(row.address)) === address)?.state;
      const active = addresses.filter((address) => stateOf(address) === BindingState.ACTIVE);
      const declined = addresses.filter((address) => stateOf(address) === BindingState.ABANDONED);
      const rest = addresses.filter((address) => !active.includes(address) && !declined.includes(address));
      const offered = rest.filter((address) => server.offersByAddress.has(ip(address)));
      const kept = rest.filter((address) => reserved.has(address) && !offered.includes(address));
      expect(statistics).toMatchObject({
        total: addresses.length,
        active: active.length,
        declined: declined.length,
        offered: offered.length,
        reserved: kept.length,
        free: rest.length - offered.length - kept.length,
      });
    }
    expect(server.offersByClient.size).toBe(server.offersByAddress.size);
    expect(state.offers.size).toBe(server.offersByClient.size);
    for (const probe of state.probes.values()) expect(server.offersByClient.get(probe.offer.key)).toBe(probe.offer);
  }
}

function decoded(bytes: Uint8Array): Message4 {
  const message = decodeMessage4(bytes);
  if (!message.ok) throw new Error(message.error.message);
  return message.value;
}

function isOf({ number, clientId }: Subscriber, row: { clientId?: Uint8Array; hardwareAddress?: Uint8Array }): boolean {
  return clientId === undefined
    ? row.clientId === undefined && row.hardwareAddress?.join() === macOf(number).join()
    : row.clientId?.join() === clientId.join();
}

describe("whatever clients and the network do", () => {
  test("an address is never leased or offered to two clients, and the pools count right", { timeout: 120_000 }, () => {
    let acks = 0;
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const simulation = new Simulation(seed);
        simulation.run(250);
        acks += simulation.acks;
      }),
      { numRuns: 40, seed: 2131 },
    );
    // The runs are not about nothing.
    expect(acks).toBeGreaterThan(400);
  });
});
