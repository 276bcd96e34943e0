import type { BindingRow } from "@leasewire/api";
import { type Backend, startBackend } from "../../support/backend.ts";
import type { ApiClient } from "../../support/client.ts";
import {
  type ClientMemory,
  clientMemory,
  dhclient,
  dhcpcd,
  type RunningClient,
  udhcpc,
} from "../../support/clients.ts";
import { type Dhcpd, startDhcpd } from "../../support/dhcpd.ts";
import type { AccessUnit, RelayNetwork } from "../../support/relay-network.ts";

/** Seconds told to clients. */
export interface LeaseTimes {
  readonly renewal: number;
  readonly rebinding: number;
  readonly valid: number;
}

/** DHCP on the units: which have our server, which have ISC dhcpd. */
export interface Served {
  readonly network: RelayNetwork;
  readonly own: readonly AccessUnit[];
  readonly dhcpd: readonly AccessUnit[];
  readonly times: LeaseTimes;
}

/** What Debian's clients are, and how they are made to give up a lease. */
export const clientKinds = [
  {
    client: "dhclient",
    family: 4,
    start: (unit, memory) => dhclient(unit, memory, { args: ["-4"] }),
    release: async (unit, memory) => void (await dhclient(unit, memory, { args: ["-4", "-r"] }).ended()),
  },
  {
    client: "udhcpc",
    family: 4,
    start: (unit, memory) => udhcpc(unit, memory, ["-R"]),
    release: async (_unit, _memory, client) => client.signal("SIGTERM"),
  },
  {
    client: "dhcpcd",
    family: 4,
    start: (unit, memory) => dhcpcd(unit, memory, "interface c1\nduid\nipv4only\nnoarp\nrelease\n"),
    release: async (_unit, _memory, client) => client.signal("SIGTERM"),
  },
  {
    client: "dhclient",
    family: 6,
    start: (unit, memory) => dhclient(unit, memory, { args: ["-6", "-N", "-P"] }),
    release: async (unit, memory) => void (await dhclient(unit, memory, { args: ["-6", "-N", "-P", "-r"] }).ended()),
  },
  {
    client: "dhcpcd",
    family: 6,
    start: (unit, memory) => dhcpcd(unit, memory, "interface c1\nipv6only\nnoipv6rs\nrelease\nia_na 1\nia_pd 2\n"),
    release: async (_unit, _memory, client) => client.signal("SIGTERM"),
  },
] as const satisfies readonly {
  readonly client: string;
  readonly family: 4 | 6;
  readonly start: (unit: AccessUnit, memory: ClientMemory) => RunningClient;
  readonly release: (unit: AccessUnit, memory: ClientMemory, client: RunningClient) => Promise<void>;
}[];
export type ClientKind = (typeof clientKinds)[number];

/** One client on one unit. */
export class Subscriber {
  readonly unit: AccessUnit;
  readonly kind: ClientKind;
  readonly #memory = clientMemory();
  #client: RunningClient;

  constructor(unit: AccessUnit, kind: ClientKind) {
    this.unit = unit;
    this.kind = kind;
    this.#client = kind.start(unit, this.#memory);
  }

  output(): string {
    return this.#client.output();
  }

  /** The address that the client has set on its interface. */
  get address(): string | undefined {
    return this.unit.clientAddresses().find((text) => text.includes(":") === (this.kind.family === 6));
  }

  release(): Promise<void> {
    return this.kind.release(this.unit, this.#memory, this.#client);
  }

  signal(signal: NodeJS.Signals): void {
    this.#client.signal(signal);
  }

  async remove(): Promise<void> {
    await this.#client.kill();
    this.unit.forgetAddresses();
    this.#memory.remove();
  }
}

/** The servers of both kinds and the relay agent, started side by side; `parts` has them as they come. */
export interface Programs {
  server: Backend;
  relay: Backend;
  isc: Readonly<Record<4 | 6, Dhcpd>>;
}

export async function startPrograms(served: Served, parts: Partial<Programs>, relayAgent: string): Promise<Programs> {
  const { namespace, relayAddress } = served.network;
  const started = await Promise.allSettled([
    startBackend({ web: false, configuration: ownServerConfiguration(served) }).then((one) => {
      parts.server = one;
    }),
    startBackend({ web: false, configuration: relayAgent, place: { namespace, address: relayAddress } }).then((one) => {
      parts.relay = one;
    }),
    startServers(served).then((both) => {
      parts.isc = both;
    }),
  ]);
  for (const one of started) if (one.status === "rejected") throw one.reason;
  return parts as Programs;
}

export async function stopPrograms({ server, relay, isc }: Partial<Programs>): Promise<void> {
  await Promise.all([relay?.dispose(), server?.dispose(), isc?.[4].stop(), isc?.[6].stop()]);
}

export async function bindings(
  api: ApiClient,
  family: 4 | 6,
  role: "relay" | "server",
): Promise<readonly BindingRow[]> {
  return (await api.bindings.list.query({ family, filter: { role }, limit: 500 })).rows;
}

export async function binding(api: ApiClient, family: 4 | 6, role: "relay" | "server", address: string) {
  return (await bindings(api, family, role)).find((row) => row.address === address);
}

/** Our server: a pool for each unit, prefixes too. */
function ownServerConfiguration({ network, own, times }: Served): string {
  const server = "set system services dhcp-local-server";
  const pool = "set access address-assignment pool";
  return `
${server} listen-address ${network.ownServer4}
${server} allow-leasequery
${server} allow-bulk-leasequery
${server} allow-active-leasequery insecure
${server} dhcpv6 listen-address ${network.ownServer6}
${server} dhcpv6 duid 00:03:00:01:02:00:5e:10:00:02
${server} dhcpv6 allow-leasequery
${server} dhcpv6 allow-bulk-leasequery
${server} dhcpv6 allow-active-leasequery insecure
${own
  .map((unit) => {
    const homes = `${pool} homes${unit.unit} family inet`;
    const homes6 = `${pool} homes6-${unit.unit} family inet6`;
    const delegated = `${pool} delegated${unit.unit} family inet6`;
    return `${homes} network ${unit.network4}
${homes} range r low ${unit.address4(2)} high ${unit.address4(62)}
${homes} dhcp-attributes maximum-lease-time ${times.valid}
${homes} dhcp-attributes t1-renewal-time ${times.renewal}
${homes} dhcp-attributes t2-rebinding-time ${times.rebinding}
${homes} dhcp-attributes router ${unit.relayAddress4}
${homes6} prefix ${unit.network6}
${homes6} range r low ${unit.address6("100")} high ${unit.address6("1ff")}
${delegated} prefix ${unit.delegated}::/48
${delegated} range r low ${unit.delegated}:: high ${unit.delegated}:ff00:: prefix-length 56
${delegated} link-address ${unit.network6}
${[homes6, delegated]
  .map(
    (one) => `${one} dhcp-attributes valid-lifetime ${times.valid}
${one} dhcp-attributes preferred-lifetime ${times.valid}
${one} dhcp-attributes t1-renewal-time ${times.renewal}
${one} dhcp-attributes t2-rebinding-time ${times.rebinding}`,
  )
  .join("\n")}`;
  })
  .join("\n")}`;
}

/** The relay agent: units on the devices of the network, those of our server and those of dhcpd in a group each. */
export function relayConfiguration({ network, own, dhcpd }: Served, more = ""): string {
  const relay = "set forwarding-options dhcp-relay";
  const groups = [
    { name: "own", units: own, server4: network.ownServer4, server6: network.ownServer6 },
    { name: "isc", units: dhcpd, server4: network.dhcpdAddress4, server6: network.dhcpdAddress6 },
  ].filter(({ units }) => units.length > 0);
  return `
${[...own, ...dhcpd]
  .map(
    ({ unit, device }) => `set interfaces ge-0/0/1 unit ${unit} device ${device}
set interfaces ge-0/0/1 unit ${unit} vlan-id ${unit}`,
  )
  .join("\n")}
${relay} overrides always-write-option-82
${relay} relay-option-82 circuit-id
${relay} leasequery attempts 10 timeout 1
${relay} dhcpv6 relay-agent-interface-id
${relay} dhcpv6 leasequery attempts 10 timeout 1
${groups
  .flatMap(({ name, units, server4, server6 }) => [
    `${relay} server-group ${name} ${server4}`,
    `${relay} dhcpv6 server-group ${name} ${server6}`,
    ...[relay, `${relay} dhcpv6`].flatMap((family) => [
      `${family} group ${name} active-server-group ${name}`,
      ...units.map((unit) => `${family} group ${name} interface ${unit.name}`),
    ]),
  ])
  .join("\n")}
${relay} group own relay-option-82 circuit-id
${relay} group own relay-option-82 server-id-override
${more}
`;
}

/** ISC dhcpd for its units, both families, on the usual ports. */
async function startServers({ network, dhcpd, times }: Served): Promise<Readonly<Record<4 | 6, Dhcpd>>> {
  const link = { namespace: network.dhcpdNamespace };
  const common = `authoritative;
default-lease-time ${times.valid};
max-lease-time ${times.valid};
option dhcp-renewal-time ${times.renewal};
option dhcp-rebinding-time ${times.rebinding};
dhcp-cache-threshold 0;
allow leasequery;
`;
  const network4 = network.dhcpdAddress4.replace(/\d+$/, (last) => String(Number(last) & 252));
  const configuration4 = `${common}stash-agent-options true;
ping-check false;
subnet ${network4} netmask 255.255.255.252 { }
${dhcpd
  .map(
    ({ address4, relayAddress4 }) => `subnet ${address4(0)} netmask 255.255.255.192 {
  range ${address4(2)} ${address4(62)};
  option routers ${relayAddress4};
}`,
  )
  .join("\n")}
`;
  const configuration6 = `${common}subnet6 ${network.dhcpdAddress6.replace(/:2$/, ":")}/64 { }
${dhcpd
  .map(
    ({ address6, network6, delegated }) => `subnet6 ${network6} {
  range6 ${address6("100")} ${address6("1ff")};
  prefix6 ${delegated}:: ${delegated}:ff00:: /56;
}`,
  )
  .join("\n")}
`;
  const started = await startDhcpd({ link, family: 4, port: 67, configuration: configuration4, leases: "" });
  try {
    return {
      4: started,
      6: await startDhcpd({ link, family: 6, port: 547, configuration: configuration6, leases: "" }),
    };
  } catch (error) {
    await started.stop();
    throw error;
  }
}
