import { z } from "zod";

/** Name of a relay of the lab: its logical system. */
export const labRelayInput = z.object({ name: z.string().min(1).max(63) });

/** A relay of the lab that can be restarted empty. */
export interface LabRelay {
  readonly name: string;
  /** Bindings it holds now. */
  readonly bindings4: number;
  readonly bindings6: number;
  /** When it was last restarted empty; null: never. */
  readonly restartedAtMs: number | null;
}

export interface LabView {
  /** Empty outside the lab. */
  readonly relays: readonly LabRelay[];
}

/** What a restart threw away. */
export interface LabRestart {
  readonly name: string;
  readonly forgotten4: number;
  readonly forgotten6: number;
}
