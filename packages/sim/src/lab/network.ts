import { type RandomSource, randomFraction } from "@leasewire/engines";
import { decodeMessage4, decodeMessage6, type Message4, type Message6 } from "@leasewire/wire";
import type { ClientEvent, ClientInput } from "../client.ts";
import { type Client4, createClient4, stepClient4 } from "../client4/client.ts";
import { type Client6, createClient6, stepClient6 } from "../client6/client.ts";
import { HOUSEHOLDS_MAX, type LabClient, type LabHousehold, labHousehold } from "./household.ts";

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
  /** Up to 1200. */
  readonly households?: number;
  readonly families?: readonly (4 | 6)[];
}

/** A DHCP message on an access interface: of a client, or for clients. */
export interface LabDatagram {
  readonly family: 4 | 6;
  readonly interfaceName: string;
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
  /** Messages that no client of the lab could have asked for. */
  drops: number;
}

/** The access network of the lab: households on the interfaces of gateways. Made by `createLabNetwork` only. */
export interface LabNetwork {
  readonly random: RandomSource;
  readonly lives: readonly Life[];
  /** By family and interface. */
  readonly links: ReadonlyMap<string, readonly Device[]>;
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
  const { random, now, families = [4, 6] } = options;
  const links = new Map<string, Device[]>();
  const lives: Life[] = [];
  const count = Math.min(options.households ?? householdsDefault, HOUSEHOLDS_MAX);
  for (let number = 0; number < count; number += 1) {
    const household = labHousehold(number);
    const devices = household.clients
      .filter(({ family }) => families.includes(family))
      .map((client): Device => ({ household, client, state: stateOf(client, random) }));
    for (const device of devices) {
      const key = linkKey(device.client.family, device.client.interfaceName);
      const there = links.get(key);
      if (there === undefined) links.set(key, [device]);
      else there.push(device);
    }
    const nextMs = number < householdsAtOnce ? now : now + randomFraction(random) * arrivalMsMax;
    lives.push({ household, devices, present: false, nextMs });
  }
  return { random, lives, links };
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
          if (deadlineMs !== null && deadlineMs <= now) tell(out, device, { kind: "deadline" }, now);
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
  for (const device of life.devices) tell(out, device, { kind }, now);
  const { min, max } = life.present ? stayMs : awayMs;
  const isForGood = life.present && !life.household.restless;
  life.nextMs = isForGood ? Number.POSITIVE_INFINITY : now + min + randomFraction(random) * (max - min);
}

function onDatagram(network: LabNetwork, out: LabOutput, datagram: LabDatagram, now: number): void {
  const { family, interfaceName, bytes } = datagram;
  const devices = network.links.get(linkKey(family, interfaceName));
  const decoded = family === 4 ? decodeMessage4(bytes) : decodeMessage6(bytes);
  if (devices === undefined || !decoded.ok) {
    out.drops += 1;
    return;
  }
  // All clients of the link hear it; the transaction says whose it is.
  const message = decoded.value as Message4 & Message6;
  for (const device of devices) tell(out, device, { kind: "message", message }, now);
}

/** Steps a client, and puts what it says on its link: unicast messages as well, since there is no other way to anybody. */
function tell(out: LabOutput, device: Device, input: ClientInput<Message4 & Message6>, now: number): void {
  const { household, client, state } = device;
  const { family, interfaceName } = client;
  const told = state.family === 4 ? stepClient4(state.of, input, now) : stepClient6(state.of, input, now);
  for (const { bytes } of told.sends) out.sends.push({ family, interfaceName, bytes });
  for (const event of told.events) out.events.push({ household, client, event });
}

function stateOf(client: LabClient, random: RandomSource): Device["state"] {
  return client.family === 4
    ? { family: 4, of: createClient4(client.identity, random) }
    : { family: 6, of: createClient6(client.identity, random) };
}

function linkKey(family: 4 | 6, interfaceName: string): string {
  return `${family} ${interfaceName}`;
}
