import type { ReconfigureAsk, ReconfigureOutcome } from "@leasewire/api";

export function renderReconfigured({ started, refusals }: ReconfigureOutcome, ask: ReconfigureAsk): string {
  if (started === 0 && refusals.length === 0) return "No client has a lease; nobody was told.\n";
  const lines = refusals.map(({ clients, message }) => `${clients} refused: ${message}.`);
  return [`${started} told to ${ask}.`, ...lines].map((line) => `${line}\n`).join("");
}
