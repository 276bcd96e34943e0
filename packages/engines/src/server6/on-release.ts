import { BindingState } from "@leasewire/bindings";
import { MessageType6, StatusCode6 } from "@leasewire/wire";
import { endedBinding } from "./binding.ts";
import { note } from "./context.ts";
import { type Exchange6, rowsOfIa } from "./exchange.ts";
import type { ClientRow } from "./leases.ts";
import { sendReply } from "./reply.ts";
import type { IaRequest } from "./request.ts";

/** RFC 9915 §18.3.7: the leases named end, and stay with the client as long as nobody else needs them. */
export function onRelease(exchange: Exchange6): void {
  const { nowSeconds, out } = exchange.context;
  const unbound = endNamed(exchange, exchange.request.ias, ({ row }) => {
    out.changes.push({ binding: endedBinding(exchange, row, BindingState.RELEASED, nowSeconds), cause: "RELEASE" });
  });
  answerEnding(exchange, unbound);
}

/** Gives what the client names and holds to `end`, and the IAs of which it holds nothing. */
export function endNamed(
  exchange: Exchange6,
  ias: readonly IaRequest[],
  end: (row: ClientRow, ia: IaRequest) => void,
): IaRequest[] {
  const unbound: IaRequest[] = [];
  for (const ia of ias) {
    const rows = rowsOfIa(exchange, ia).filter(({ leased }) => leased);
    if (rows.length === 0) {
      unbound.push(ia);
      continue;
    }
    for (const row of rows) {
      const named = ia.leases.some(({ address, length }) => length === row.length && isSame(address, row.address));
      if (named) end(row, ia);
    }
  }
  if (unbound.length > 0) note(exchange.context, exchange.server.instance, "no binding");
  return unbound;
}

export function answerEnding(exchange: Exchange6, unbound: readonly IaRequest[]): void {
  sendReply(exchange, {
    messageType: MessageType6.REPLY,
    status: StatusCode6.Success,
    unbound,
    configuration: false,
    promises: false,
  });
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = 0; i < 16; i += 1) if (a[i] !== b[i]) return false;
  return true;
}
