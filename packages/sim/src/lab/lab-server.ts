import { BindingState, BindingTable } from "@leasewire/bindings";
import { type RandomSource, type Response, randomFraction, respond4, respond6, seededRandom } from "@leasewire/engines";
import {
  formatClientIdentifier,
  formatDuid,
  formatIpv4,
  formatIpv6,
  formatMac,
  type Ipv4Address,
  ipv4FromBytes,
} from "@leasewire/net";
import { decodeMessage4, decodeMessage6 } from "@leasewire/wire";
import { type LabSubscriber, labBinding, labSubscriber } from "./subscriber.ts";
import { LAB_GATEWAYS, labScopes4, labScopes6 } from "./topology.ts";

const SUBSCRIBERS_DEFAULT = 240;
const SUBSCRIBERS_MAX = 1200;
const LEASE_SECONDS = 600;
const RENEW_SECONDS = LEASE_SECONDS / 2;
const AWAY_SECONDS_MAX = 900;
/** Of those who come to renew, this part leaves instead; of those who leave, half say so. */
const LEAVING_PART = 0.04;
/** A longer gap between two steps was slept through: its renewals are not made up for. */
const GAP_SECONDS_MAX = 3600;

export interface LabServerOptions {
  readonly seed: number;
  /** ms since 1970. */
  readonly now: number;
  /** Up to 1200. */
  readonly subscribers?: number;
  /** What the server calls itself in option 54: the address it is reached at. Default 127.0.0.1. */
  readonly serverIdentifier?: Ipv4Address;
}

/** Something an operator can query, with the texts the forms take. */
export interface LabExample {
  readonly family: 4 | 6;
  /** As in the query forms: `address`, `mac`, `client-id`, `remote-id`, or `prefix`. */
  readonly kind: "address" | "mac" | "client-id" | "remote-id" | "prefix";
  readonly text: string;
  /** What the server will say now. */
  readonly expected: "active" | "unassigned" | "unknown" | "several links";
  /** giaddr or link-address of the subscriber's gateway. */
  readonly gatewayAddress: string;
  readonly subscriber: string | null;
}

export interface LabServer {
  /** The server's own bindings, by family. */
  readonly table4: BindingTable;
  readonly table6: BindingTable;
  /** Answer to a datagram; `source` is not restricted. `now` in ms. */
  respond4(bytes: Uint8Array, source: string, now: number): Response;
  respond6(bytes: Uint8Array, source: string, now: number): Response;
  /** Lets the subscribers live on until `now`: renewals, departures, arrivals, expiry. Call it every second or so. */
  step(now: number): void;
  subscribers(): readonly LabSubscriber[];
  /** Things to query, each kind and each kind of answer at least once. */
  examples(): readonly LabExample[];
}

interface Life {
  readonly subscriber: LabSubscriber;
  readonly random: RandomSource;
  online: boolean;
  onlineSinceSeconds: number;
  /** Next renewal, or arrival. */
  nextSeconds: number;
}

/**
 * A DHCP server of the lab with its subscribers. The same seed and start give the same life, whatever the steps: each
 * subscriber draws from a sequence of its own, and what happens happens at its second, not at the step's.
 */
export function createLabServer(options: LabServerOptions): LabServer {
  const tables = { 4: new BindingTable(4), 6: new BindingTable(6) };
  const scopes4 = labScopes4(options.serverIdentifier ?? (((127 << 24) + 1) as Ipv4Address));
  const scopes6 = labScopes6();
  const startSeconds = Math.floor(options.now / 1000);
  const count = Math.min(options.subscribers ?? SUBSCRIBERS_DEFAULT, SUBSCRIBERS_MAX);
  const lives: Life[] = [];

  const store = (life: Life, state: number, atSeconds: number, sinceSeconds: number, heardSeconds: number): void => {
    for (const lease of life.subscriber.leases) {
      const expires = heardSeconds + LEASE_SECONDS;
      const input = labBinding(life.subscriber, lease, state, sinceSeconds, heardSeconds, expires);
      const result = tables[lease.family].put(input, "lab", atSeconds);
      if (result.outcome === "refused") throw new Error(result.refusal.message);
    }
  };

  const arrive = (life: Life, atSeconds: number, heardSeconds: number): void => {
    life.online = true;
    life.onlineSinceSeconds = heardSeconds;
    life.nextSeconds = heardSeconds + RENEW_SECONDS;
    store(life, BindingState.ACTIVE, atSeconds, heardSeconds, heardSeconds);
  };

  const live = (life: Life): void => {
    const atSeconds = life.nextSeconds;
    if (!life.online) {
      arrive(life, atSeconds, atSeconds);
    } else if (randomFraction(life.random) >= LEAVING_PART) {
      life.nextSeconds = atSeconds + RENEW_SECONDS;
      store(life, BindingState.ACTIVE, atSeconds, life.onlineSinceSeconds, atSeconds);
    } else {
      life.online = false;
      // Half of them pull the plug: their leases run out by themselves.
      if (randomFraction(life.random) < 0.5) store(life, BindingState.RELEASED, atSeconds, atSeconds, atSeconds);
      life.nextSeconds = atSeconds + 60 + Math.floor(randomFraction(life.random) * AWAY_SECONDS_MAX);
    }
  };

  for (let number = 0; number < count; number += 1) {
    const random = seededRandom(options.seed * 4099 + number);
    const life: Life = {
      subscriber: labSubscriber(number),
      random,
      online: false,
      onlineSinceSeconds: 0,
      nextSeconds: startSeconds + 30 + Math.floor(randomFraction(random) * AWAY_SECONDS_MAX),
    };
    if (number === count - 1) {
      // The last one never comes: an address that is managed and surely not leased.
      life.nextSeconds = Number.POSITIVE_INFINITY;
    } else if (randomFraction(random) < 0.9) {
      arrive(life, startSeconds, startSeconds - 1 - Math.floor(randomFraction(random) * (RENEW_SECONDS - 2)));
    }
    lives.push(life);
  }

  const step = (now: number): void => {
    const nowSeconds = Math.floor(now / 1000);
    for (const life of lives) {
      if (life.nextSeconds >= nowSeconds - GAP_SECONDS_MAX) continue;
      life.online = false;
      life.nextSeconds = nowSeconds - Math.floor(randomFraction(life.random) * RENEW_SECONDS);
    }
    for (;;) {
      let next = lives[0];
      for (const life of lives) if (next === undefined || life.nextSeconds < next.nextSeconds) next = life;
      if (next === undefined || next.nextSeconds > nowSeconds) break;
      expire(next.nextSeconds);
      live(next);
    }
    expire(nowSeconds);
    for (const table of [tables[4], tables[6]]) table.sweep(nowSeconds, 1000);
  };

  const expire = (seconds: number): void => {
    for (const table of [tables[4], tables[6]]) while (!table.expire(seconds, 1000).done);
  };

  return {
    table4: tables[4],
    table6: tables[6],
    respond4(bytes, _source, now) {
      const message = decodeMessage4(bytes);
      if (!message.ok) return { kind: "drop", reason: message.error.code, message: message.error.message };
      return respond4(tables[4], scopes4, message.value, now);
    },
    respond6(bytes, _source, now) {
      const message = decodeMessage6(bytes);
      if (!message.ok) return { kind: "drop", reason: message.error.code, message: message.error.message };
      return respond6(tables[6], scopes6, message.value, now);
    },
    step,
    subscribers: () => lives.map(({ subscriber }) => subscriber),
    examples: () => examplesOf(lives),
  };
}

/** One subscriber of each sort. */
function examplesOf(lives: readonly Life[]): LabExample[] {
  const examples: LabExample[] = [];
  const add = (
    life: Life | undefined,
    of: (subscriber: LabSubscriber) => Pick<LabExample, "family" | "kind" | "text">,
    expected: LabExample["expected"],
  ): void => {
    if (life === undefined) return;
    const example = of(life.subscriber);
    const { giaddr, linkAddress } = life.subscriber.gateway;
    examples.push({
      ...example,
      expected,
      gatewayAddress: example.family === 4 ? formatIpv4(giaddr) : formatIpv6(linkAddress),
      subscriber: life.subscriber.name,
    });
  };
  const ordinary = lives.filter(({ online, subscriber }) => online && subscriber.leases.length === 3);
  const twoAddresses = lives.find(({ online, subscriber }) => online && subscriber.number % 40 === 0);
  const twoLinks = lives.find(({ online, subscriber }) => online && subscriber.number % 40 === 20);
  const away = lives.at(-1);
  add(ordinary[0], address4Of, "active");
  add(ordinary[1], ({ hardwareAddress }) => ({ family: 4, kind: "mac", text: formatMac(hardwareAddress) }), "active");
  add(
    ordinary[2],
    ({ clientId }) => ({ family: 4, kind: "client-id", text: formatClientIdentifier(clientId) }),
    "active",
  );
  add(ordinary[3], ({ remoteId }) => ({ family: 4, kind: "remote-id", text: remoteId }), "active");
  add(twoAddresses, ({ hardwareAddress }) => ({ family: 4, kind: "mac", text: formatMac(hardwareAddress) }), "active");
  add(away, address4Of, "unassigned");
  add(away, ({ hardwareAddress }) => ({ family: 4, kind: "mac", text: formatMac(hardwareAddress) }), "unknown");
  examples.push({
    family: 4,
    kind: "address",
    text: "203.0.113.99",
    expected: "unknown",
    gatewayAddress: formatIpv4(LAB_GATEWAYS[0]!.giaddr),
    subscriber: null,
  });
  add(ordinary[4], ({ leases }) => ({ family: 6, kind: "address", text: formatIpv6(leases[1]!.address) }), "active");
  add(
    ordinary[5],
    ({ leases }) => ({
      family: 6,
      kind: "prefix",
      text: `${formatIpv6(leases[2]!.address)}/${leases[2]!.prefixLength}`,
    }),
    "active",
  );
  add(ordinary[6], ({ duid }) => ({ family: 6, kind: "client-id", text: formatDuid(duid) }), "active");
  add(twoLinks, ({ duid }) => ({ family: 6, kind: "client-id", text: formatDuid(duid) }), "several links");
  return examples;
}

function address4Of({ leases }: LabSubscriber): Pick<LabExample, "family" | "kind" | "text"> {
  return { family: 4, kind: "address", text: formatIpv4(ipv4FromBytes(leases[0]!.address)) };
}
