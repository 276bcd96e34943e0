import type { RunServerState, RunState } from "@leasewire/api";

export type Tone = "busy" | "good" | "neutral" | "warn" | "bad";

/** How a state of a run or of one of its servers is shown, and what it means. */
export interface StateWords {
  readonly label: string;
  readonly tone: Tone;
  readonly meaning: string;
}

export const runStateWords: Readonly<Record<RunState, StateWords>> = {
  running: { label: "Running", tone: "busy", meaning: "Servers are being asked." },
  confirmed: { label: "Confirmed", tone: "good", meaning: "At least one server named a lease." },
  unconfirmed: { label: "Unconfirmed", tone: "neutral", meaning: "The servers answered that there is no lease." },
  failed: { label: "Failed", tone: "bad", meaning: "No server gave an answer that could be used." },
  cancelled: { label: "Cancelled", tone: "warn", meaning: "Somebody stopped the query before it ended." },
};

export const serverStateWords: Readonly<Record<RunServerState, StateWords>> = {
  querying: { label: "Querying", tone: "busy", meaning: "An answer is awaited." },
  confirmed: { label: "Confirmed", tone: "good", meaning: "It named a lease." },
  unconfirmed: { label: "Unconfirmed", tone: "neutral", meaning: "It answered that there is no lease." },
  refused: { label: "Refused", tone: "bad", meaning: "It answered with an error status." },
  dropped: { label: "Dropped", tone: "bad", meaning: "It answered, and the answer broke a rule." },
  silent: { label: "Silent", tone: "bad", meaning: "It gave no answer to any attempt." },
  error: { label: "Error", tone: "bad", meaning: "The query could not be sent." },
  cancelled: { label: "Cancelled", tone: "warn", meaning: "The query was cancelled before it answered." },
};
