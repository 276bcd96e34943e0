import type { RelayInput } from "../relay-common/messages.ts";
import type { Arrival } from "../server-common/messages.ts";

/** How a message came; the link-layer address it came from, where the socket tells, is passed on (RFC 6939). */
export interface RelayArrival6 extends Arrival {
  readonly hardwareAddress?: Uint8Array | undefined;
}

export type Relay6Input =
  | Exclude<RelayInput, { readonly kind: "datagram" }>
  /** `bytes` are not changed before the changes of the step are in the table. */
  | { readonly kind: "datagram"; readonly arrival: RelayArrival6; readonly bytes: Uint8Array };
