import type { LeasequeryTargets } from "@leasewire/api";

/** Addresses of the lab's server; null where the machine has no such loopback. */
export interface LabWorkerData {
  readonly server4: { readonly address: string; readonly port: number };
  readonly server6: { readonly address: string; readonly port: number } | null;
}

/** What the lab's thread does for the main thread. */
export interface LabApi {
  examples(): LeasequeryTargets["examples"];
}
