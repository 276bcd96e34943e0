import type { InstanceName } from "@leasewire/net";
import { Message6 } from "@leasewire/wire";
import { leaseKey } from "../server6/leases.ts";
import { readRequest } from "../server6/request.ts";
import { type Context6, note } from "./context.ts";
import type { Relay6 } from "./state.ts";

/** A binding is being restored by leasequery, or no longer is; `address` null: none of the instance is. */
export function onRestoring(
  context: Context6,
  instance: InstanceName,
  address: Uint8Array | null,
  length: number,
  done: boolean,
): void {
  const { state } = context;
  const relay = state.relays.get(instance);
  if (relay === undefined) return;
  const { restoring } = relay;
  if (address === null) {
    state.restoringCount -= restoring.size;
    restoring.clear();
    return;
  }
  const key = leaseKey(address, length);
  if (done) {
    if (restoring.delete(key)) state.restoringCount -= 1;
    return;
  }
  if (restoring.has(key)) return;
  if (state.restoringCount >= state.limits.restoringMax) {
    note(context, instance, "too many restored");
    return;
  }
  restoring.set(key, { address: address.slice(), length });
  state.restoringCount += 1;
}

/**
 * Whether a client's message is about a binding that is being restored. A query by address may restore the delegated prefix around
 * it, so that a prefix is also held against the addresses inside it, as far as `restoringComparedMax`.
 */
export function isBeingRestored({ state }: Context6, { restoring }: Relay6, message: Uint8Array): boolean {
  const request = readRequest(new Message6(message), true, state.limits);
  if (typeof request === "string") return false;
  for (const { leases } of request.ias) {
    for (const { address, length } of leases) {
      if (restoring.has(leaseKey(address, length))) return true;
      if (length === 128) continue;
      let compared = 0;
      for (const one of restoring.values()) {
        if (one.length > length && isInside(one.address, address, length)) return true;
        compared += 1;
        if (compared >= state.limits.restoringComparedMax) break;
      }
    }
  }
  return false;
}

function isInside(address: Uint8Array, prefix: Uint8Array, length: number): boolean {
  const whole = length >>> 3;
  for (let i = 0; i < whole; i += 1) if (address[i] !== prefix[i]) return false;
  const rest = length & 7;
  return rest === 0 || ((address[whole]! ^ prefix[whole]!) & (0xff00 >>> rest) & 0xff) === 0;
}
