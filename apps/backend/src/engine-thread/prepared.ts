import type { Finding } from "@leasewire/config";

/** What a configuration needs and was opened for it: taken whole, or given back whole. */
export interface Prepared {
  /** One of severity error: nothing may be applied. */
  readonly findings: readonly Finding[];
  apply(): Promise<void>;
  discard(): Promise<void>;
}
