import type { BindingInput } from "@leasewire/bindings";
import type { RelayConfiguration } from "@leasewire/config";
import type { InstanceName } from "@leasewire/net";
import type { Arrival, ServerChange, ServerNote } from "../server-common/messages.ts";

/** An access interface: a logical interface that clients, or relay agents nearer to them, are on. */
export interface RelayInterface {
  readonly instance: InstanceName;
  /** Logical name: `ge-0/0/1.100`. */
  readonly name: string;
  /** Those of the relay agent's family, 4 or 16 octets each; the first is the primary one. */
  readonly addresses: readonly { readonly address: Uint8Array; readonly length: number }[];
  readonly hardwareAddress?: Uint8Array | undefined;
  readonly vlan?: { readonly outer?: number | undefined; readonly inner?: number | undefined } | undefined;
  /** Of the unit. */
  readonly description?: string | undefined;
  /** Of the physical interface. */
  readonly deviceDescription?: string | undefined;
  /** IRB: logical name of the layer-2 interface behind it. */
  readonly l2Interface?: string | undefined;
}

export type RelayInput =
  /**
   * `arrival.interfaceName` is the access interface it arrived on; absent: it came to the socket that faces the servers.
   * `bytes` are not changed before the changes of the step are in the table.
   */
  | { readonly kind: "datagram"; readonly arrival: Arrival; readonly bytes: Uint8Array }
  /** A committed configuration: the relay agents of the family and every interface they may relay for. */
  | {
      readonly kind: "configuration";
      readonly relays: readonly RelayConfiguration[];
      readonly interfaces: readonly RelayInterface[];
      readonly hostName?: string | undefined;
    }
  /**
   * A binding is being restored by leasequery, or is restored: meanwhile its client's packets are dropped and counted.
   * `address` null: nothing of the instance is being restored any more.
   */
  | {
      readonly kind: "restoring";
      readonly instance: InstanceName;
      readonly address: Uint8Array | null;
      /** Absent: 32 or 128. */
      readonly prefixLength?: number | undefined;
      /** True once it is restored or given up. */
      readonly done?: boolean | undefined;
    }
  /** An operator ended this binding: as it was before. A row that is removed is in no list of changes: `row` tells it. */
  | { readonly kind: "cleared"; readonly binding: BindingInput & { readonly row?: number } }
  /** Time passed: whatever is due is done. */
  | { readonly kind: "deadline" };

/** A relay agent promises nothing: what it sends leaves at once, before what it learnt is stored. */
export interface RelaySend {
  readonly instance: InstanceName;
  readonly bytes: Uint8Array;
  readonly to:
    | {
        readonly kind: "server";
        readonly address: string;
        readonly port: number;
        /** Own address it leaves from; absent: whichever the system takes. */
        readonly localAddress?: string | undefined;
      }
    | {
        readonly kind: "link";
        readonly interfaceName: string;
        /** Of the client or the next relay agent, or the broadcast address. */
        readonly address: string;
        readonly port: number;
        /** Where to, as the client has not answered for the address yet; absent: the neighbour is looked up. */
        readonly hardwareAddress?: Uint8Array | undefined;
      };
}

/** What should stand in the kernel's routes, where `access-routes` is configured. */
export interface RelayRoute {
  readonly kind: "add" | "remove";
  readonly instance: InstanceName;
  /** 4 or 16 octets. */
  readonly prefix: Uint8Array;
  readonly length: number;
  readonly interfaceName: string;
  /** DHCPv6: link-local address of the client, for a delegated prefix. */
  readonly nextHop?: string | undefined;
}

export interface RelayOutput {
  readonly changes: ServerChange[];
  readonly sends: RelaySend[];
  readonly routes: RelayRoute[];
  readonly notes: ServerNote[];
}

export function emptyRelayOutput(): RelayOutput {
  return { changes: [], sends: [], routes: [], notes: [] };
}
