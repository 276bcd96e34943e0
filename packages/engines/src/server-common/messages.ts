import type { BindingInput } from "@leasewire/bindings";
import type { InstanceName } from "@leasewire/net";

/** Where a message came from and how. */
export interface Arrival {
  readonly instance: InstanceName;
  /** The client interface it arrived on: the client is attached directly, unless the message says that it was relayed. */
  readonly interfaceName?: string | undefined;
  /** Own address of the interface it arrived on, canonical text. */
  readonly localAddress?: string | undefined;
  /** Canonical text, without scope. */
  readonly sourceAddress: string;
  readonly sourcePort: number;
  /** Sent to one of the server's own addresses rather than broadcast or multicast. */
  readonly unicast?: boolean | undefined;
}

/** An address of the server's own interface: tells which pools serve the clients attached there. */
export interface LocalAddress {
  readonly instance: InstanceName;
  readonly interfaceName: string;
  /** 4 or 16 octets. */
  readonly address: Uint8Array;
  readonly length: number;
}

/** A binding to put into the table before the next step. Its arrays may be views of the message: they are not kept. */
export interface ServerChange {
  readonly binding: BindingInput;
  readonly cause: string;
}

export interface ServerSend {
  readonly instance: InstanceName;
  readonly bytes: Uint8Array;
  /** Leaves only after the changes of this step are durable, and not at all if one of them is refused. */
  readonly promises: boolean;
  readonly to:
    | { readonly kind: "unicast"; readonly address: string; readonly port: number }
    | {
        readonly kind: "link";
        readonly interfaceName: string;
        /** The address the client is given, or the broadcast address. */
        readonly address: string;
        readonly port: number;
        readonly hardwareAddress?: Uint8Array | undefined;
      };
}

/** Whether somebody uses the address already; the answer comes back as `probe-result`. */
export interface ServerProbe {
  readonly token: number;
  readonly instance: InstanceName;
  /** Where the client is attached directly; otherwise only an echo request across the network can tell. */
  readonly interfaceName?: string | undefined;
  readonly address: string;
  readonly timeoutMs: number;
}

/** Something worth a line in the trace; it is counted already. */
export interface ServerNote {
  readonly instance: InstanceName;
  readonly kind: "drop" | "note";
  /** Name of the counter. */
  readonly reason: string;
  /** What it was about, printable; absent where the reason says all. */
  readonly text?: string | undefined;
}

export interface ServerOutput {
  readonly changes: ServerChange[];
  readonly sends: ServerSend[];
  readonly probes: ServerProbe[];
  readonly notes: ServerNote[];
}

export function emptyServerOutput(): ServerOutput {
  return { changes: [], sends: [], probes: [], notes: [] };
}

/** Utilisation of a pool: `total` = `free` + addresses that are active, offered, declined or reserved, each counted once. */
export interface PoolStatistics {
  readonly name: string;
  readonly instance: InstanceName;
  /** Addresses, or prefixes to delegate, that can be leased: excluded ones left out. */
  readonly total: number;
  /** Leased. */
  readonly active: number;
  /** Offered, and not leased. */
  readonly offered: number;
  /** In use by somebody who was not given it: declined by a client or found by a probe. */
  readonly declined: number;
  /** Reserved for a host, and neither leased, offered nor declined. */
  readonly reserved: number;
  /** Can be leased to anyone. */
  readonly free: number;
}
