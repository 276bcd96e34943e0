import type { ImportFormat, ImportState } from "@leasewire/api";
import type { MarkTone } from "#ui/mark.tsx";

/** The formats, and where such a file usually lies. */
export const importFormats: readonly { readonly value: ImportFormat; readonly label: string; readonly hint: string }[] =
  [
    { value: "kea-csv4", label: "Kea, DHCPv4 (CSV)", hint: "kea-leases4.csv, as Kea's memfile backend writes it" },
    { value: "kea-csv6", label: "Kea, DHCPv6 (CSV)", hint: "kea-leases6.csv, as Kea's memfile backend writes it" },
    { value: "isc-leases", label: "ISC dhcpd (leases)", hint: "dhcpd.leases or dhcpd6.leases" },
    { value: "csv", label: "Leasewire (CSV)", hint: "A table of bindings in Leasewire's own columns" },
  ];

/** What the beginning of a file gives away about its format; null where nothing does. */
export function guessFormat(beginning: string): ImportFormat | null {
  const text = beginning.replace(/^\uFEFF/, "");
  const header = text.split(/\r?\n/, 1)[0]?.toLowerCase() ?? "";
  if (/^address,hwaddr,client_id,/.test(header)) return "kea-csv4";
  if (/^address,duid,/.test(header)) return "kea-csv6";
  if (
    /^\s*(#|authoring-byte-order|server-duid|lease\s|ia-(na|ta|pd)\s)/.test(text) &&
    /^\s*(lease\s+[0-9]|ia-(na|ta|pd)\s|authoring-byte-order\s|server-duid\s|#\s*the format of this file)/im.test(text)
  ) {
    return "isc-leases";
  }
  return header.includes(",") && /\baddress\b/.test(header) ? "csv" : null;
}

export const importStates: Readonly<
  Record<ImportState, { readonly label: string; readonly tone: MarkTone; readonly meaning: string }>
> = {
  reading: { label: "reading", tone: "info", meaning: "Rows are taken in." },
  storing: { label: "storing", tone: "info", meaning: "Every row is read; the database has still to confirm them." },
  done: { label: "done", tone: "good", meaning: "What was taken is in the database." },
  refused: { label: "refused", tone: "bad", meaning: "Nothing was taken." },
  cancelled: { label: "cancelled", tone: "warn", meaning: "It was stopped before the end of the file." },
  failed: { label: "failed", tone: "bad", meaning: "It could not be finished." },
};

export function isRunning(state: ImportState): boolean {
  return state === "reading" || state === "storing";
}

/** How far an import is, 0 to 100; null where the length of the file is not known. */
export function importPercent(job: {
  readonly octetsRead: number;
  readonly octetsTotal: number | null;
}): number | null {
  return job.octetsTotal === null || job.octetsTotal === 0
    ? null
    : Math.min(100, (job.octetsRead * 100) / job.octetsTotal);
}
