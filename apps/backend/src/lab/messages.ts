import type { LeasequeryTargets } from "@leasewire/api";
import type { LabEndpoint } from "@leasewire/sim";

/** Where the lab's server listens; null where the machine has no such loopback. */
export interface LabWorkerData {
  readonly server4: LabEndpoint;
  readonly server6: LabEndpoint | null;
}

/** What the lab's thread does for the main thread. */
export interface LabApi {
  examples(): Promise<LeasequeryTargets["examples"]>;
}
