import type { BindingInput } from "@leasewire/bindings";
import type { LocalServerConfiguration } from "@leasewire/config";
import type { Message4 } from "@leasewire/wire";
import type { Arrival, LocalAddress } from "../server-common/messages.ts";

export type Server4Input =
  /** `bytes` are not changed before the changes of the step are in the table. */
  | { readonly kind: "datagram"; readonly arrival: Arrival; readonly bytes: Uint8Array }
  /** The same, decoded already. */
  | { readonly kind: "message"; readonly arrival: Arrival; readonly message: Message4 }
  /** A committed configuration: every DHCPv4 server, and the addresses of the interfaces that clients are on. */
  | {
      readonly kind: "configuration";
      readonly servers: readonly LocalServerConfiguration[];
      readonly localAddresses?: readonly LocalAddress[];
    }
  | { readonly kind: "probe-result"; readonly token: number; readonly inUse: boolean }
  /** Whether leases can be stored. While not, nothing is granted; what promises nothing is still answered. */
  | { readonly kind: "granting"; readonly allowed: boolean }
  /** An operator ended this binding: it is RESET or removed in the table. */
  | { readonly kind: "cleared"; readonly binding: BindingInput }
  /** Time passed: whatever is due is done. */
  | { readonly kind: "deadline" };
