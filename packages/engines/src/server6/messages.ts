import type { BindingInput } from "@leasewire/bindings";
import type { LocalServerConfiguration } from "@leasewire/config";
import type { InstanceName } from "@leasewire/net";
import type { Message6, RelayMessage6 } from "@leasewire/wire";
import type { Arrival, LocalAddress, ServerOutput } from "../server-common/messages.ts";

export type Server6Input =
  /** `bytes` are not changed before the changes of the step are in the table. */
  | { readonly kind: "datagram"; readonly arrival: Arrival; readonly bytes: Uint8Array }
  /** The same, decoded already. */
  | { readonly kind: "message"; readonly arrival: Arrival; readonly message: Message6 | RelayMessage6 }
  /**
   * A committed configuration: every DHCPv6 server, and the addresses of the interfaces that clients are on. Where pools or
   * addresses changed, what is free is found anew from the table.
   */
  | {
      readonly kind: "configuration";
      readonly servers: readonly LocalServerConfiguration[];
      readonly localAddresses?: readonly LocalAddress[];
    }
  /** Whether leases can be stored. While not, nothing is granted; what promises nothing is still answered. */
  | { readonly kind: "granting"; readonly allowed: boolean }
  /** An operator ended this binding, or the table refused it: it is RESET, removed or not in the table. */
  | { readonly kind: "cleared"; readonly binding: BindingInput }
  /** An operator asks for this; see `reconfigure` of the output for what becomes of it. */
  | { readonly kind: "reconfigure"; readonly request: ReconfigureRequest }
  /** Time passed: whatever is due is done. */
  | { readonly kind: "deadline" };

/** Makes a client come back (RFC 9915 §18.3.11). */
export interface ReconfigureRequest {
  readonly instance: InstanceName;
  readonly duid: Uint8Array;
  /** What the client is to send. */
  readonly ask: "renew" | "rebind" | "information-request";
}

/** Why a RECONFIGURE was not sent; each with a sentence for a person. */
export type ReconfigureRefusal =
  | "server-unknown"
  | "reconfigure-off"
  | "client-unknown"
  | "client-unwilling"
  | "client-unreachable"
  | "reconfigures-max";

/** What became of a `reconfigure` input. `message` has neither a capital nor a full stop. */
export type ReconfigureAnswer =
  | { readonly started: true }
  | { readonly refusal: ReconfigureRefusal; readonly message: string };

export interface Server6Output extends ServerOutput {
  /** undefined for every input but `reconfigure`. */
  reconfigure?: ReconfigureAnswer;
}
