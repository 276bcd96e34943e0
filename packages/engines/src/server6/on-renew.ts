import { MessageType6, StatusCode6 } from "@leasewire/wire";
import { rapidCommitAt } from "../server-common/interface-overrides.ts";
import { drop, note } from "./context.ts";
import { type Exchange6, type IaAnswer, rowsOfIa } from "./exchange.ts";
import { endRows, grantAll } from "./grant.ts";
import { noneAvailable } from "./on-solicit.ts";
import { sendReply } from "./reply.ts";
import type { IaRequest } from "./request.ts";
import { isOffLink, reservedLease, runningLeases, selectLeases } from "./select-lease.ts";

/**
 * RFC 9915 §18.3.4. An IA we know of gets its leases extended; one we do not know of gets new ones, for the client says that it
 * is ours. What does not belong to the link any more is told with lifetimes of 0.
 */
export function onRenew(exchange: Exchange6): void {
  answerAll(exchange, "RENEW");
}

/**
 * RFC 9915 §18.3.5. As for RENEW, but an IA we do not know of may be another server's: it gets new leases only where rapid commit
 * is configured, NoBinding where we are authoritative, and otherwise nothing.
 */
export function onRebind(exchange: Exchange6): void {
  answerAll(exchange, "REBIND");
}

type Message = "RENEW" | "REBIND";

function answerAll(exchange: Exchange6, message: Message): void {
  const { context, server } = exchange;
  const ended: number[] = [];
  let silent = message === "REBIND";
  for (const ia of exchange.request.ias) {
    const answer = answerIa(exchange, ia, message, ended);
    if (answer === undefined) continue;
    silent = false;
    exchange.answers.push(answer);
  }
  if (silent && exchange.request.ias.length > 0) {
    drop(context, server.instance, "no record of the client");
    return;
  }
  grantAll(exchange, message);
  endRows(exchange, ended, `${message}: not to be used any more`);
  sendReply(exchange, { messageType: MessageType6.REPLY, configuration: true, promises: true });
}

function answerIa(exchange: Exchange6, ia: IaRequest, message: Message, ended: number[]): IaAnswer | undefined {
  const { context, server } = exchange;
  const known = rowsOfIa(exchange, ia).filter(({ leased }) => leased);
  // What was reserved meanwhile takes the place of what the IA had.
  const reserved = reservedLease(exchange, ia);
  const running = reserved === undefined ? runningLeases(exchange, ia) : [reserved];
  const isPrefix = ia.kind === "pd";
  const gone: { address: Uint8Array; length: number }[] = [];
  for (const { row, address, length } of known) {
    if (running.some((lease) => lease.row === row)) continue;
    gone.push({ address, length });
    ended.push(row);
  }
  for (const lease of ia.leases) {
    if ([...known, ...running].some((one) => isSame(one, lease))) continue;
    if (isOffLink(exchange, lease.address, isPrefix)) gone.push(lease);
  }
  if (gone.length > 0) note(context, server.instance, "not on link");
  if (running.length > 0) {
    // What the client lists and this IA does not have is not to be used (a REBIND may tell of another server's).
    if (message === "RENEW") {
      for (const lease of ia.leases) {
        if (![...known, ...running, ...gone].some((one) => isSame(one, lease))) gone.push(lease);
      }
    }
    return { ia, leases: running, gone, status: 0 };
  }
  if (
    known.length === 0 &&
    message === "REBIND" &&
    !rapidCommitAt(server.configuration, exchange.arrival.interfaceName)
  ) {
    if (gone.length > 0) return { ia, leases: [], gone, status: 0 };
    if (!server.configuration.authoritative) return undefined;
    note(context, server.instance, "no binding");
    return { ia, leases: [], gone, status: StatusCode6.NoBinding };
  }
  const leases = selectLeases(exchange, ia);
  if (leases.length > 0) {
    for (const lease of ia.leases) {
      if (![...leases, ...gone].some((one) => isSame(one, lease))) gone.push(lease);
    }
    return { ia, leases, gone, status: 0 };
  }
  if (gone.length > 0) return { ia, leases, gone, status: 0 };
  note(context, server.instance, "pool exhausted");
  return { ia, leases, gone, status: noneAvailable(ia) };
}

interface Place {
  readonly address: Uint8Array;
  readonly length: number;
}

function isSame(a: Place, b: Place): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < 16; i += 1) if (a.address[i] !== b.address[i]) return false;
  return true;
}
