import type { LeasequeryTargets } from "@leasewire/api";
import type { LabPlaces } from "@leasewire/sim";

export interface LabEndpoint {
  readonly address: string;
  readonly port: number;
}

/** How households reach the lab's server; IPv6: null where the machine has no such loopback. */
export type LabWorkerData =
  /** Over the access interfaces of relay agents in the configuration. */
  | { readonly kind: "interfaces"; readonly places: LabPlaces }
  /** As the first labs did, whose configuration has no such interfaces: through gateways that the lab itself plays. */
  | { readonly kind: "gateways"; readonly server4: LabEndpoint; readonly server6: LabEndpoint | null };

/** What the lab's thread does for the main thread. */
export interface LabApi {
  examples(): Promise<LeasequeryTargets["examples"]>;
}
