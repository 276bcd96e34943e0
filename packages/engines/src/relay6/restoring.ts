import type { InstanceName } from "@leasewire/net";
import { Message6 } from "@leasewire/wire";
import { leaseKey } from "../server6/leases.ts";
import { readRequest } from "../server6/request.ts";
import { note, type RelayContext6 } from "./context.ts";
import type { Relay6 } from "./state.ts";

/** A binding is being restored by leasequery, or no longer is; `address` null: none of the instance is. */
export function onRestoring(
  context: RelayContext6,
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
  restoring.add(key);
  state.restoringCount += 1;
}

/** Whether a client's message is about a binding that is being restored. */
export function isBeingRestored({ state }: RelayContext6, { restoring }: Relay6, message: Uint8Array): boolean {
  const request = readRequest(new Message6(message), true, state.limits);
  if (typeof request === "string") return false;
  return request.ias.some(({ leases }) =>
    leases.some(({ address, length }) => restoring.has(leaseKey(address, length))),
  );
}
