/** Keys that work anywhere in the console, for the help page; pages add their own. */
export interface Shortcut {
  readonly keys: readonly string[];
  readonly does: string;
}

export const generalShortcuts: readonly Shortcut[] = [
  { keys: ["Ctrl K"], does: "Open the palette: go to a page, look up an address, MAC or client" },
  { keys: ["?"], does: "Show this help" },
  { keys: ["t"], does: "Switch between light, dark and automatic theme" },
  { keys: ["/"], does: "Go to the first filter or search field of the page" },
  { keys: ["Esc"], does: "Close what is open" },
];

/** How long after `g` the second key is still taken as its continuation. */
export const sequenceGapMsMax = 1_500;

/** What a key press means, given what was pressed before it. */
export type KeyMeaning =
  | { readonly kind: "none" }
  | { readonly kind: "pending" }
  | { readonly kind: "go"; readonly key: string }
  | { readonly kind: "key"; readonly key: string };

export interface KeyPress {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
}

/**
 * Reads one key press. `pendingSinceMs`: when `g` was pressed, undefined if it was not. Presses with a modifier belong
 * to the browser.
 */
export function readKey(press: KeyPress, pendingSinceMs: number | undefined, nowMs: number): KeyMeaning {
  if (press.ctrlKey || press.metaKey || press.altKey || press.key.length !== 1) return { kind: "none" };
  if (pendingSinceMs !== undefined && nowMs - pendingSinceMs <= sequenceGapMsMax) return { kind: "go", key: press.key };
  return press.key === "g" ? { kind: "pending" } : { kind: "key", key: press.key };
}
