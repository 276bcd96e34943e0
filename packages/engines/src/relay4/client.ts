import { BindingState, Field } from "@leasewire/bindings";
import { equalBytes, ipv4ToBytes } from "@leasewire/net";
import { OptionCode4 } from "@leasewire/wire";
import type { Context4 } from "./context.ts";
import type { Relay4, Relay4State } from "./state.ts";

/** Whether the client of the message scanned last has a binding here: at the address it names, or at any. */
export function hasBinding(context: Context4, relay: Relay4): boolean {
  const { state } = context;
  const { message, table } = state;
  const asked = message.ciaddr === 0 ? message.number(OptionCode4.requestedIpAddress) : message.ciaddr;
  if (asked !== 0) {
    const row = table.byPrefix(relay.instance, ipv4ToBytes(asked), 32);
    if (row > 0 && holdsBinding(state, row)) return true;
  }
  const clientId = message.option(OptionCode4.clientIdentifier);
  return (
    (clientId !== undefined && anyActive(state, table.byClientId(relay.instance, clientId))) ||
    (message.hlen > 0 && anyActive(state, table.byHardwareAddress(relay.instance, message.chaddr)))
  );
}

/** Whether the row is an active binding of the client of the message scanned last. */
export function holdsBinding(state: Relay4State, row: number): boolean {
  const { table, message } = state;
  return (
    table.stateOf(row) === BindingState.ACTIVE && isClientOf(state, row, message.option(OptionCode4.clientIdentifier))
  );
}

/**
 * Whether the row is of the client with that identifier and the hardware address of the message scanned last. Where one
 * side lacks the identifier, as servers need not echo it, the hardware address decides.
 */
export function isClientOf({ table, message }: Relay4State, row: number, clientId: Uint8Array | undefined): boolean {
  const stored = table.fieldOf(row, Field.clientId);
  if (stored !== undefined && clientId !== undefined) return equalBytes(stored, clientId);
  const hardwareAddress = table.fieldOf(row, Field.hardwareAddress);
  return hardwareAddress !== undefined && message.hlen > 0 && equalBytes(hardwareAddress, message.chaddr);
}

function anyActive({ table, limits }: Relay4State, rows: Iterable<number>): boolean {
  let left = limits.rowsPerClientMax;
  for (const row of rows) {
    if (table.stateOf(row) === BindingState.ACTIVE) return true;
    left -= 1;
    if (left === 0) return false;
  }
  return false;
}
