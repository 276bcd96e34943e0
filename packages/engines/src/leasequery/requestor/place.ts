import { formatOpaque } from "@leasewire/net";
import { interfaceOf, type RequestorRelay } from "./relay.ts";

export interface Placement {
  readonly interfaceName: string | undefined;
  /** The interface that must appear before the lease can be recorded, printable; null when none must. */
  readonly waitsFor: string | null;
}

/**
 * Finds the access interface of a lease from its circuit-id or interface-id (Junos). A relay with client
 * interfaces needs one of its own; a relay that only asks takes the text as it is, where it is printable.
 */
export function place(relay: RequestorRelay, circuitId: Uint8Array | undefined): Placement {
  if (circuitId === undefined) return { interfaceName: undefined, waitsFor: null };
  const text = formatOpaque(circuitId);
  const printable = text !== "" && !text.startsWith("0x");
  if (relay.interfaces.length === 0) {
    const fits = printable && text.length <= interfaceNameLengthMax;
    return { interfaceName: fits ? text : undefined, waitsFor: null };
  }
  const found = printable ? interfaceOf(relay, text) : undefined;
  return found === undefined ? { interfaceName: undefined, waitsFor: text } : { interfaceName: found, waitsFor: null };
}

const interfaceNameLengthMax = 128;
