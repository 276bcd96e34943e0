import type { BindingTable } from "@leasewire/bindings";
import { type ConfigTree, logicalInterfaces, type RelayConfiguration, relayConfigurations } from "@leasewire/config";
import {
  createRelay4,
  createRelay6,
  nextRelayDeadlineMs4,
  nextRelayDeadlineMs6,
  type RandomSource,
  type Relay4State,
  type Relay6State,
  type RelayInput,
  type RelayInterface,
  type RelayOutput,
  stepRelay4,
  stepRelay6,
} from "@leasewire/engines";
import { type InstanceName, ipv4ToBytes } from "@leasewire/net";
import { decodeMessage4, OptionCode4 } from "@leasewire/wire";
import type { LabDatagram } from "../src/index.ts";

export interface VirtualRelaysParts {
  readonly tree: ConfigTree;
  readonly tables: Readonly<Record<4 | 6, BindingTable>>;
  readonly random: RandomSource;
  readonly now: () => number;
  readonly toServer: (family: 4 | 6, sourcePort: number, bytes: Uint8Array) => void;
  readonly toClients: (datagram: LabDatagram) => void;
}

const families = [4, 6] as const;
/** How a client's end of a datagram link counts in DHCPv6. */
const clientsAddress = { 4: "127.0.0.1", 6: "fe80::1" } as const;

/** The relay agents of a configuration, without sockets. */
export class VirtualRelays {
  readonly #parts: VirtualRelaysParts;
  readonly #relays: readonly RelayConfiguration[];
  #engine4!: Relay4State;
  #engine6!: Relay6State;
  /** Dropped messages, by reason. */
  readonly dropped = new Map<string, number>();

  constructor(parts: VirtualRelaysParts) {
    this.#parts = parts;
    this.#relays = relayConfigurations(parts.tree);
    this.#start();
  }

  /** All of them start again, and one does so without the bindings it had; their number. */
  restartEmpty(instance: InstanceName): number {
    let forgotten = 0;
    for (const family of families) {
      const table = this.#parts.tables[family];
      for (let row = 1; row <= table.rowLast; row += 1) {
        if (!table.has(row) || table.instanceOf(row) !== instance) continue;
        if (table.remove(row, "forgotten", Math.floor(this.#parts.now() / 1000)).outcome === "removed") forgotten += 1;
      }
    }
    this.#start();
    return forgotten;
  }

  nextDeadlineMs(): number {
    const none = Number.POSITIVE_INFINITY;
    return Math.min(nextRelayDeadlineMs4(this.#engine4) ?? none, nextRelayDeadlineMs6(this.#engine6) ?? none);
  }

  deadline(): void {
    for (const family of families) this.#step(family, { kind: "deadline" });
  }

  fromClient({ family, interfaceName, bytes }: LabDatagram): void {
    const relay = this.#relays.find((one) => one.family === family && one.interfaces.includes(interfaceName))!;
    const { instance } = relay;
    const arrival = { instance, interfaceName, sourceAddress: clientsAddress[family], sourcePort: 68 };
    this.#step(family, { kind: "datagram", arrival, bytes });
  }

  fromServer(family: 4 | 6, port: number, bytes: Uint8Array): void {
    const relay = this.#relays.find((one) => one.family === family && one.forwardingPort === port);
    if (relay === undefined) throw new Error(`no relay agent has port ${port}`);
    const { instance, listenAddress } = relay;
    const [server] = relay.serverGroups[0]!.servers;
    const arrival = {
      instance,
      sourceAddress: server!.address,
      sourcePort: server!.port,
      localAddress: listenAddress,
    };
    this.#step(family, { kind: "datagram", arrival, bytes });
  }

  #start(): void {
    const { tree, tables, random } = this.#parts;
    this.#engine4 = createRelay4({ table: tables[4], random });
    this.#engine6 = createRelay6({ table: tables[6], table4: tables[4], random });
    for (const family of families) {
      const interfaces = logicalInterfaces(tree).map((one): RelayInterface => {
        const { instance, name, description } = one;
        const addresses =
          family === 4
            ? one.addresses4.map(({ address, length }) => ({ address: ipv4ToBytes(address), length }))
            : one.addresses6;
        return { instance, name, description, addresses };
      });
      this.#step(family, { kind: "configuration", relays: this.#relays, interfaces });
    }
  }

  #step(family: 4 | 6, input: RelayInput): void {
    const now = this.#parts.now();
    const output = family === 4 ? stepRelay4(this.#engine4, input, now) : stepRelay6(this.#engine6, input, now);
    this.#carryOut(family, output);
  }

  #carryOut(family: 4 | 6, { changes, sends, notes }: RelayOutput): void {
    for (const { binding, cause } of changes) {
      const result = this.#parts.tables[family].put(binding, cause, Math.floor(this.#parts.now() / 1000));
      if (result.outcome === "refused") throw new Error(result.refusal.message);
    }
    for (const { kind, reason } of notes) {
      if (kind === "drop") this.dropped.set(reason, (this.dropped.get(reason) ?? 0) + 1);
    }
    for (const { instance, bytes, to } of sends) {
      if (to.kind === "server") {
        const relay = this.#relays.find((one) => one.family === family && one.instance === instance)!;
        this.#parts.toServer(family, relay.forwardingPort, bytes);
        continue;
      }
      if (family === 4 && hasRelayInformation(bytes)) throw new Error("a client would see option 82");
      this.#parts.toClients({ family, interfaceName: to.interfaceName, bytes });
    }
  }
}

function hasRelayInformation(bytes: Uint8Array): boolean {
  const decoded = decodeMessage4(bytes);
  return !decoded.ok || decoded.value.has(OptionCode4.relayAgentInformation);
}
