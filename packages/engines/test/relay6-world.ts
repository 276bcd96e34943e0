import { BindingTable } from "@leasewire/bindings";
import type {
  AccessInterface,
  InterfaceText,
  RelayConfiguration,
  RelayOverrides,
  RemoteIdText,
} from "@leasewire/config";
import type { InstanceName } from "@leasewire/net";
import {
  decodeMessage6,
  type Message6,
  messageTypeName6,
  OptionCode6,
  type RelayMessage6,
  relayChain6,
} from "@leasewire/wire";
import { seededRandom } from "../src/random.ts";
import type { RelayInterface, RelayOutput, RelaySend } from "../src/relay-common/index.ts";
import {
  createRelay6,
  nextRelayDeadlineMs6,
  type Relay6Input,
  type Relay6Options,
  type Relay6State,
  stepRelay6,
} from "../src/relay6/index.ts";
import { ip, START } from "./server6-world.ts";

/** A DHCPv6 relay agent with its table in virtual time: what a step learns is in the table before the next one. */
export interface RelayWorld6 {
  readonly table: BindingTable;
  state: Relay6State;
  now: number;
  step(input: Relay6Input): RelayOutput;
  /** A message that arrives on an access interface, from a client at fe80::c unless told otherwise. */
  fromClient(
    bytes: Uint8Array,
    more?: { interfaceName?: string; source?: string; port?: number; hardwareAddress?: Uint8Array },
  ): Relayed;
  /** A message from a server, or from a relay agent that is on no access interface. */
  fromServer(bytes: Uint8Array, source?: string, port?: number): Relayed;
  /** Lets time pass: what runs out is EXPIRED in the table, and deadlines are kept. Routes that came of it. */
  pass(seconds: number): RelayOutput["routes"];
  configure(relays: readonly RelayConfiguration[], interfaces?: readonly RelayInterface[]): RelayOutput;
}

/** What came of a message. */
export interface Relayed {
  readonly output: RelayOutput;
  readonly sends: readonly RelaySend[];
  /** `RELAY-FORW to 2001:db8:5::1 547`, `REPLY to fe80::c 546 on ge-0/0/1.100`, `drop: REASON`, `nothing`. */
  readonly said: readonly string[];
  /** The first thing sent, if it is a relay message. */
  readonly relayed: RelayMessage6 | undefined;
}

export const INSTANCE: InstanceName = "default:default";
export const RELAY_ID = Uint8Array.from([0, 3, 0, 1, 2, 0, 0, 0, 0, 0x77]);
export const SERVER = "2001:db8:5::1";

export const PLAIN: InterfaceText = {
  prefix: { hostName: false, logicalSystemName: false, routingInstanceName: false },
  requireInterfaceDescription: false,
  useVlanId: false,
  vlanIdOnly: false,
  noVlanInterfaceName: false,
  includeIrbAndL2: false,
  keepIncoming: false,
  useOption82Strict: false,
};
export const REMOTE: RemoteIdText = { ...PLAIN, hostNameOnly: false, enterpriseNumber: 2636 };

const OVERRIDES: RelayOverrides = {
  alwaysWriteOption82: false,
  alwaysWriteGiaddr: false,
  trustOption82: false,
  disableRelay: false,
  allowSnoopedClients: false,
  layer2UnicastReplies: false,
  noBindOnRequest: false,
  sendReleaseOnDelete: false,
  replaceIpSourceWithGiaddr: false,
};

export function accessInterface(
  name = "ge-0/0/1.100",
  more: Partial<Omit<AccessInterface, "overrides">> & { overrides?: Partial<RelayOverrides> } = {},
): AccessInterface {
  return {
    name,
    group: "access",
    activeServerGroup: "core",
    relayAgentInterfaceId: PLAIN,
    ...more,
    overrides: { ...OVERRIDES, ...more.overrides },
  };
}

export function relay(more: Partial<RelayConfiguration> = {}): RelayConfiguration {
  return {
    instance: INSTANCE,
    family: 6,
    listenPort: 546,
    forwardingPort: 547,
    relayId: RELAY_ID,
    serverGroups: [{ name: "core", servers: [{ address: SERVER, port: 547 }] }],
    activeServerGroup: "core",
    overrides: OVERRIDES,
    relayAgentInterfaceId: PLAIN,
    excludeRelayAgentIdentifier: false,
    groups: [],
    accessInterfaces: [accessInterface()],
    interfaces: [],
    maximumHopCount: 8,
    accessRoutes: false,
    devices: new Map(),
    ...more,
  };
}

export function relayInterface(
  name = "ge-0/0/1.100",
  addresses: readonly string[] = ["fe80::1", "2001:db8:1::1"],
  more: Partial<RelayInterface> = {},
): RelayInterface {
  return {
    instance: INSTANCE,
    name,
    addresses: addresses.map((address) => ({ address: ip(address), length: 64 })),
    ...more,
  };
}

export function relayWorld6(
  relays: readonly RelayConfiguration[] = [relay()],
  interfaces: readonly RelayInterface[] = [relayInterface()],
  options: Partial<Relay6Options> & { hostName?: string } = {},
): RelayWorld6 {
  const table = options.table ?? new BindingTable(6);
  const world: RelayWorld6 = {
    table,
    state: createRelay6({ random: seededRandom(7), ...options, table }),
    now: START,
    step(input) {
      const output = stepRelay6(world.state, input, world.now);
      for (const { binding, cause } of output.changes) {
        const result = table.put(binding, cause, Math.floor(world.now / 1000));
        if (result.outcome === "refused") throw new Error(result.refusal.message);
      }
      return output;
    },
    fromClient(bytes, { interfaceName = "ge-0/0/1.100", source = "fe80::c", port = 546, hardwareAddress } = {}) {
      const arrival = { instance: INSTANCE, interfaceName, sourceAddress: source, sourcePort: port, hardwareAddress };
      return relayed(world.step({ kind: "datagram", arrival, bytes }));
    },
    fromServer(bytes, source = SERVER, port = 547) {
      const arrival = { instance: INSTANCE, sourceAddress: source, sourcePort: port, unicast: true };
      return relayed(world.step({ kind: "datagram", arrival, bytes }));
    },
    pass(seconds) {
      const until = world.now + seconds * 1000;
      const routes: RelayOutput["routes"] = [];
      for (;;) {
        const due = nextRelayDeadlineMs6(world.state);
        const stop = due === null || due > until;
        world.now = stop ? until : Math.max(world.now, due);
        while (!table.expire(Math.floor(world.now / 1000), 1000).done);
        routes.push(...world.step({ kind: "deadline" }).routes);
        if (stop) return routes;
      }
    },
    configure(to, of = interfaces) {
      return world.step({ kind: "configuration", relays: to, interfaces: of, hostName: options.hostName });
    },
  };
  world.configure(relays);
  return world;
}

export function relayed(output: RelayOutput): Relayed {
  const said = output.sends.map(({ bytes, to }) => {
    const type = messageTypeName6(bytes[0]!) ?? `type ${bytes[0]}`;
    const on = to.kind === "link" ? ` on ${to.interfaceName}` : "";
    return `${type} to ${to.address} ${to.port}${on}`;
  });
  for (const { kind, reason } of output.notes) if (kind === "drop") said.push(`drop: ${reason}`);
  const first = output.sends[0]?.bytes;
  const decoded = first === undefined ? undefined : decodeMessage6(first);
  return {
    output,
    sends: output.sends,
    said: said.length === 0 ? ["nothing"] : said,
    relayed: decoded?.ok && decoded.value.kind === "relay" ? decoded.value : undefined,
  };
}

/** The relay messages around the innermost message, outermost first. */
export function chainOf(bytes: Uint8Array): { readonly relays: readonly RelayMessage6[]; readonly message: Message6 } {
  const decoded = decodeMessage6(bytes);
  if (!decoded.ok) throw new Error(decoded.error.message);
  const chain = relayChain6(decoded.value);
  if (!chain.ok) throw new Error(chain.error.message);
  if (chain.value.message === undefined) throw new Error("relays no message");
  return { relays: chain.value.relays, message: chain.value.message };
}

/** Options of a relay message as `name: text`, RELAY_MSG left out; octets that are not printable in hex. */
export function optionsOf(message: RelayMessage6): string[] {
  const texts: string[] = [];
  for (const { code, data } of message.options()) {
    if (code === OptionCode6.RELAY_MSG) continue;
    const name = Object.entries(OptionCode6).find(([, value]) => value === code)?.[0] ?? String(code);
    const printable = data.every((octet) => octet >= 0x20 && octet < 0x7f);
    texts.push(`${name}: ${printable ? String.fromCharCode(...data) : hex(data)}`);
  }
  return texts;
}

export function hex(octets: Uint8Array): string {
  return [...octets].map((octet) => octet.toString(16).padStart(2, "0")).join("");
}
