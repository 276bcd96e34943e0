import type { LookupAnswer } from "@leasewire/api";
import { safeLine } from "../safe-text.ts";
import { secondsLeft } from "./binding.ts";
import { renderTable } from "./table.ts";

/** One line for each answer; what is wrong with a line stands in its place. */
export function renderLookup(answers: readonly LookupAnswer[], nowSeconds: number): string {
  if (answers.length === 0) return "Nothing was looked up.\n";
  const table = renderTable<LookupAnswer>(
    [
      { title: "Key", value: ({ key, text }) => key ?? text },
      { title: "Address", value: ({ binding }) => binding?.address },
      { title: "State", value: ({ binding, result }) => binding?.state ?? result },
      { title: "Expires", value: ({ binding }) => binding && secondsLeft(binding.expiresAt, nowSeconds) },
      { title: "Hardware address", value: ({ binding }) => binding?.hardwareAddress },
      { title: "Client identifier", value: ({ binding }) => binding?.clientId },
      { title: "Interface", value: ({ binding }) => binding?.interfaceName },
      { title: "Instance", value: ({ binding }) => binding?.instance },
      { title: "From", value: ({ source }) => source },
      { title: "More", value: ({ further }) => (further === 0 ? "" : `+${further}`), align: "right" },
    ],
    answers,
  );
  const wrong = answers.filter(({ result }) => result === "unreadable" || result === "failed");
  return `${table}${wrong.length === 0 ? "" : "\n"}${wrong.map(({ text, message }) => `${safeLine(text)}: ${safeLine(message)}\n`).join("")}`;
}
