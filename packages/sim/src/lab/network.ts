import { type RandomSource, randomFraction } from "@leasewire/engines";
import type { Ipv4Address } from "@leasewire/net";
import { decodeMessage4, decodeMessage6, type Message4, type Message6 } from "@leasewire/wire";
import type { ClientEvent, ClientInput } from "../client.ts";
import { type Client4, createClient4, stepClient4 } from "../client4/client.ts";
import { type Client6, createClient6, stepClient6 } from "../client6/client.ts";
import { type AccessRelay4, relayToClient4, relayToServer4 } from "../relay/relay4.ts";
import { type AccessRelay6, relayToClient6, relayToServer6 } from "../relay/relay6.ts";
import { HOUSEHOLDS_MAX, type LabClient, type LabHousehold, labHousehold } from "./household.ts";
import { LAB_GATEWAYS, type LabGateway } from "./topology.ts";

const householdsDefault = 56;
/** The first ones are there at once: something to look at. */
const householdsAtOnce = 16;
const arrivalMsMax = 30_000;
/** How long restless households stay, and stay away. */
const stayMs = { min: 60_000, max: 240_000 } as const;
const awayMs = { min: 60_000, max: 420_000 } as const;

export interface LabNetworkOptions {
  readonly random: RandomSource;
  /** ms since 1970. */
  readonly now: number;
  /** Where the gateways take answers of the DHCPv4 server. */
  readonly giaddr: Ipv4Address;
  /** Up to 1200. */
  readonly households?: number;
  readonly families?: readonly (4 | 6)[];
}

/** Between a gateway and the server. */
export interface LabDatagram {
  readonly family: 4 | 6;
  readonly gateway: LabGateway;
  readonly bytes: Uint8Array;
}

export type LabInput =
  | ({ readonly kind: "datagram" } & LabDatagram)
  /** From here on every household stays where it is. */
  | { readonly kind: "settle" }
  | { readonly kind: "deadline" };

export interface LabOutput {
  readonly sends: LabDatagram[];
  readonly events: { readonly household: LabHousehold; readonly client: LabClient; readonly event: ClientEvent }[];
  /** Datagrams of the server that no client of the lab could have asked for. */
  drops: number;
}

/** The access network of the lab: households behind gateways that relay. Made by `createLabNetwork` only. */
export interface LabNetwork {
  readonly random: RandomSource;
  readonly giaddr: Ipv4Address;
  readonly lives: readonly Life[];
  /** By gateway, family and circuit. */
  readonly circuits: ReadonlyMap<string, readonly Device[]>;
}

interface Life {
  readonly household: LabHousehold;
  readonly devices: readonly Device[];
  present: boolean;
  /** When it comes or goes; ms, `Infinity` for never. */
  nextMs: number;
}

export interface Device {
  readonly household: LabHousehold;
  readonly client: LabClient;
  readonly state: { readonly family: 4; readonly of: Client4 } | { readonly family: 6; readonly of: Client6 };
}

export function createLabNetwork(options: LabNetworkOptions): LabNetwork {
  const { random, now, giaddr, families = [4, 6] } = options;
  const circuits = new Map<string, Device[]>();
  const lives: Life[] = [];
  const count = Math.min(options.households ?? householdsDefault, HOUSEHOLDS_MAX);
  for (let number = 0; number < count; number += 1) {
    const household = labHousehold(number);
    const devices = household.clients
      .filter(({ family }) => families.includes(family))
      .map((client): Device => ({ household, client, state: stateOf(client, random) }));
    for (const device of devices) {
      const key = circuitKey(device.client.gateway, device.client.family, device.client.circuitId);
      const there = circuits.get(key);
      if (there === undefined) circuits.set(key, [device]);
      else there.push(device);
    }
    const nextMs = number < householdsAtOnce ? now : now + randomFraction(random) * arrivalMsMax;
    lives.push({ household, devices, present: false, nextMs });
  }
  return { random, giaddr, lives, circuits };
}

/** `now`: ms since 1970. */
export function stepLabNetwork(network: LabNetwork, input: LabInput, now: number): LabOutput {
  const out: LabOutput = { sends: [], events: [], drops: 0 };
  switch (input.kind) {
    case "datagram":
      onDatagram(network, out, input, now);
      break;
    case "settle":
      for (const life of network.lives) if (life.present) life.nextMs = Number.POSITIVE_INFINITY;
      break;
    case "deadline":
      for (const life of network.lives) {
        // One step at most: what was slept through is not made up for.
        if (life.nextMs <= now) comeOrGo(network, out, life, now);
        for (const device of life.devices) {
          const { deadlineMs } = device.state.of;
          if (deadlineMs !== null && deadlineMs <= now) tell(network, out, device, { kind: "deadline" }, now);
        }
      }
  }
  return out;
}

/** When to call with `deadline` next, ms; `Infinity` for never. */
export function nextLabDeadlineMs({ lives }: LabNetwork): number {
  let next = Number.POSITIVE_INFINITY;
  for (const { nextMs, devices } of lives) {
    if (nextMs < next) next = nextMs;
    for (const { state } of devices) {
      const { deadlineMs } = state.of;
      if (deadlineMs !== null && deadlineMs < next) next = deadlineMs;
    }
  }
  return next;
}

/** Whether those who are there hold what they came for. */
export function isEveryoneBound(lives: LabNetwork["lives"]): boolean {
  return lives.every(
    ({ present, devices }) =>
      !present ||
      devices.every(({ state }) => (state.family === 4 ? state.of.lease !== null : state.of.leases.length > 0)),
  );
}

function comeOrGo(network: LabNetwork, out: LabOutput, life: Life, now: number): void {
  life.present = !life.present;
  const { random } = network;
  // Half of those who leave say so; leases of the others run out by themselves.
  const kind = life.present ? "start" : randomFraction(random) < 0.5 ? "release" : "stop";
  for (const device of life.devices) tell(network, out, device, { kind }, now);
  const { min, max } = life.present ? stayMs : awayMs;
  const isForGood = life.present && !life.household.restless;
  life.nextMs = isForGood ? Number.POSITIVE_INFINITY : now + min + randomFraction(random) * (max - min);
}

function onDatagram(network: LabNetwork, out: LabOutput, datagram: LabDatagram, now: number): void {
  const { family, gateway, bytes } = datagram;
  const reply = family === 4 ? relayToClient4(bytes) : relayToClient6(bytes);
  const key = reply?.circuitId && circuitKey(gateway, family, reply.circuitId);
  const devices = key === undefined ? undefined : network.circuits.get(key);
  const decoded = reply && (family === 4 ? decodeMessage4(reply.bytes) : decodeMessage6(reply.bytes));
  if (devices === undefined || decoded?.ok !== true) {
    out.drops += 1;
    return;
  }
  // All clients of the circuit hear it; the transaction says whose it is.
  const message = decoded.value as Message4 & Message6;
  for (const device of devices) tell(network, out, device, { kind: "message", message }, now);
}

/** Steps a client, and relays what it sends. */
function tell(
  network: LabNetwork,
  out: LabOutput,
  device: Device,
  input: ClientInput<Message4 & Message6>,
  now: number,
): void {
  const { household, client, state } = device;
  const { family, gateway, circuitId, remoteId, peerAddress } = client;
  const circuit = { circuitId, remoteId };
  const pass = (bytes: Uint8Array | undefined) => {
    if (bytes !== undefined) out.sends.push({ family, gateway, bytes });
  };
  const told = state.family === 4 ? stepClient4(state.of, input, now) : stepClient6(state.of, input, now);
  for (const { bytes, unicast } of told.sends) {
    // There is no way to the server but through the gateway: it passes on unicast messages as well.
    if (family === 4) pass(relayToServer4(relay4(network, gateway), circuit, bytes, unicast));
    else pass(relayToServer6(relay6(gateway), circuit, peerAddress, bytes));
  }
  for (const event of told.events) out.events.push({ household, client, event });
}

function relay4({ giaddr }: LabNetwork, { address, relayId }: LabGateway): AccessRelay4 {
  return { giaddr, linkSelection: address, relayId, sourcePort: true };
}

function relay6({ linkAddress, relayId }: LabGateway): AccessRelay6 {
  return { linkAddress, relayId, sourcePort: true };
}

function stateOf(client: LabClient, random: RandomSource): Device["state"] {
  return client.family === 4
    ? { family: 4, of: createClient4(client.identity, random) }
    : { family: 6, of: createClient6(client.identity, random) };
}

function circuitKey(gateway: LabGateway, family: 4 | 6, circuitId: Uint8Array): string {
  return `${LAB_GATEWAYS.indexOf(gateway)} ${family} ${circuitId.join()}`;
}
