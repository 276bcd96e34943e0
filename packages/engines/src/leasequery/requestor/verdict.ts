import type { BindingInput } from "@leasewire/bindings";
import type { Question } from "./question.ts";
import type { DropReason, NoteName } from "./reasons.ts";

/** What an answer to an outstanding query amounts to. Judging reads only; acting on the verdict is the parent's. */
export type Verdict =
  /** Not a valid answer: the query stays open, as if nothing had come. */
  | { readonly kind: "invalid"; readonly reason: DropReason | `malformed ${string}`; readonly text: string }
  /** A valid answer that cannot be used. Asking again would bring the same, so the query ends. */
  | { readonly kind: "unusable"; readonly reason: DropReason; readonly text: string }
  /** The server refuses with a status. */
  | {
      readonly kind: "refused";
      readonly reason: "error code" | "query-terminated";
      readonly text: string;
      readonly notes: readonly NoteName[];
    }
  /** There is no such lease. `endings`: stored bindings this speaks of. */
  | {
      readonly kind: "unconfirmed";
      readonly text: string;
      readonly dropReason: DropReason | null;
      readonly endings: readonly BindingInput[];
    }
  /** Not a lease, but what to ask instead (RFC 5007 §4.1.2.5). */
  | { readonly kind: "links"; readonly questions: readonly FollowUp[] }
  | {
      readonly kind: "confirmed";
      readonly leases: readonly BindingInput[];
      /** The access interface the leases name is not configured; printable. null when they are placed, or need no place. */
      readonly waitsFor: string | null;
      readonly notes: readonly NoteName[];
      readonly questions: readonly FollowUp[];
      /** Stored bindings the complete set of the client's leases no longer holds (RFC 5007 §4.1.2.2). */
      readonly endings: readonly BindingInput[];
    };

export interface FollowUp {
  readonly question: Question;
  readonly label: string;
}

export function invalid(reason: DropReason | `malformed ${string}`, text: string): Verdict {
  return { kind: "invalid", reason, text };
}

export function unusable(reason: DropReason, text: string): Verdict {
  return { kind: "unusable", reason, text };
}
