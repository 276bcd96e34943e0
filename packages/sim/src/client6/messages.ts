import type { Ipv6Address } from "@leasewire/net";
import {
  encodeMessage6,
  iaAddress,
  iaPrefix,
  identityAssociation,
  type Message6,
  MessageType6,
  type Option6,
  OptionCode6,
  status6,
} from "@leasewire/wire";

/** Who a DHCPv6 client is, and what it wants. */
export interface Identity6 {
  readonly duid: Uint8Array;
  readonly associations: readonly Association6[];
  /** More to tell, in every message but RELEASE: FQDN, vendor class. */
  readonly options?: readonly Option6[] | undefined;
}

/** An IA_NA or an IA_PD: asks for an address or for a prefix. */
export interface Association6 {
  readonly kind: "address" | "prefix";
  readonly iaid: number;
}

export interface AssociationLease6 {
  readonly association: Association6;
  readonly address: Ipv6Address;
  /** 128 for an address. */
  readonly length: number;
  readonly preferredSeconds: number;
  readonly validSeconds: number;
}

/** What a server says of an association. */
export interface Answer6 {
  readonly association: Association6;
  /** 0: none, or Success. */
  readonly status: number;
  /** 0: the client chooses. */
  readonly t1Seconds: number;
  readonly t2Seconds: number;
  readonly leases: readonly AssociationLease6[];
}

export interface Reply6 {
  readonly serverDuid: Uint8Array;
  readonly clientDuid: Uint8Array;
  readonly preference: number;
  /** Of the message as a whole; 0: none, or Success. */
  readonly status: number;
  /** Seconds; undefined if the server says nothing of it or what may not be heeded (RFC 9915 §21.24). */
  readonly solicitRetryMaxSeconds: number | undefined;
  readonly answers: readonly Answer6[];
}

export interface ClientMessage6 {
  readonly type: MessageType6;
  readonly transactionId: number;
  /** Since the exchange began. */
  readonly elapsedMs?: number;
  readonly serverDuid?: Uint8Array | undefined;
  /** Associations of the identity that are asked about, with the leases to name in them. */
  readonly associations: readonly Association6[];
  readonly leases: readonly Pick<AssociationLease6, "association" | "address" | "length">[];
}

const optionRequest = Uint8Array.of(0, OptionCode6.DNS_SERVERS, 0, OptionCode6.DOMAIN_LIST, 0, OptionCode6.SOL_MAX_RT);

/** A message of a client as it leaves it, before any relay (RFC 9915 §18.2). */
export function clientMessage6(identity: Identity6, message: ClientMessage6): Uint8Array {
  const { type, transactionId, serverDuid } = message;
  const options: Option6[] = [{ code: OptionCode6.CLIENTID, data: identity.duid }];
  if (serverDuid !== undefined) options.push({ code: OptionCode6.SERVERID, data: serverDuid });
  const elapsed = Math.min(Math.floor((message.elapsedMs ?? 0) / 10), 0xffff);
  options.push({ code: OptionCode6.ELAPSED_TIME, data: Uint8Array.of(elapsed >>> 8, elapsed & 255) });
  for (const association of message.associations) {
    const leases = message.leases.filter((lease) => isSame(lease.association, association));
    options.push(associationOption(association, leases));
  }
  if (type !== MessageType6.RELEASE) {
    options.push({ code: OptionCode6.ORO, data: optionRequest }, ...(identity.options ?? []));
  }
  return encodeMessage6({ messageType: type, transactionId, options });
}

/** Reads an ADVERTISE or REPLY; undefined where it lacks an identifier. What cannot be read in it is left out. */
export function readReply6(message: Message6): Reply6 | undefined {
  const serverDuid = message.option(OptionCode6.SERVERID);
  const clientDuid = message.option(OptionCode6.CLIENTID);
  if (serverDuid === undefined || clientDuid === undefined) return undefined;
  const retry = message.option(OptionCode6.SOL_MAX_RT);
  const seconds = retry?.length === 4 ? new DataView(retry.buffer, retry.byteOffset).getUint32(0) : 0;
  const answers: Answer6[] = [];
  for (const { code, data } of message.options()) {
    const kind = code === OptionCode6.IA_NA ? "address" : code === OptionCode6.IA_PD ? "prefix" : undefined;
    const answer = kind === undefined ? undefined : readAnswer(kind, data);
    if (answer !== undefined) answers.push(answer);
  }
  return {
    serverDuid: serverDuid.slice(),
    clientDuid,
    preference: message.option(OptionCode6.PREFERENCE)?.[0] ?? 0,
    status: statusOf(message.option(OptionCode6.STATUS_CODE)),
    solicitRetryMaxSeconds: seconds >= 60 && seconds <= 86_400 ? seconds : undefined,
    answers,
  };
}

export function isSame(a: Association6, b: Association6): boolean {
  return a.kind === b.kind && a.iaid === b.iaid;
}

function associationOption(association: Association6, leases: ClientMessage6["leases"]): Option6 {
  // RFC 9915 §18.2.2: T1, T2 and lifetimes of a client are zero, no word of it counts.
  const none = { preferredLifetimeSeconds: 0, validLifetimeSeconds: 0, options: [] };
  const isAddress = association.kind === "address";
  const options = leases.map(({ address, length }) =>
    isAddress
      ? { code: OptionCode6.IAADDR, data: iaAddress.encode({ ...none, address }) }
      : { code: OptionCode6.IAPREFIX, data: iaPrefix.encode({ ...none, prefix: address, prefixLength: length }) },
  );
  return {
    code: isAddress ? OptionCode6.IA_NA : OptionCode6.IA_PD,
    data: identityAssociation.encode({ iaid: association.iaid, t1Seconds: 0, t2Seconds: 0, options }),
  };
}

function readAnswer(kind: Association6["kind"], data: Uint8Array): Answer6 | undefined {
  const decoded = identityAssociation.decode(data);
  if (!decoded.ok) return undefined;
  const { iaid, t1Seconds, t2Seconds, options } = decoded.value;
  // RFC 9915 §21.4: an association whose T1 is behind its T2 is as good as none.
  if (t1Seconds > t2Seconds && t2Seconds > 0) return undefined;
  const association = { kind, iaid } as const;
  const leases = options.flatMap((option) => readLease(association, option) ?? []);
  const status = statusOf(options.find(({ code }) => code === OptionCode6.STATUS_CODE)?.data);
  return { association, status, t1Seconds, t2Seconds, leases };
}

function readLease(association: Association6, { code, data }: Option6): AssociationLease6 | undefined {
  if (association.kind === "address") {
    const decoded = code === OptionCode6.IAADDR ? iaAddress.decode(data) : undefined;
    if (decoded?.ok !== true) return undefined;
    return lease(association, decoded.value.address, 128, decoded.value);
  }
  const decoded = code === OptionCode6.IAPREFIX ? iaPrefix.decode(data) : undefined;
  if (decoded?.ok !== true) return undefined;
  return lease(association, decoded.value.prefix, decoded.value.prefixLength, decoded.value);
}

function lease(
  association: Association6,
  address: Ipv6Address,
  length: number,
  lifetimes: { readonly preferredLifetimeSeconds: number; readonly validLifetimeSeconds: number },
): AssociationLease6 | undefined {
  const { preferredLifetimeSeconds: preferredSeconds, validLifetimeSeconds: validSeconds } = lifetimes;
  // RFC 9915 §21.6: to be discarded.
  if (preferredSeconds > validSeconds) return undefined;
  return { association, address: address.slice() as Ipv6Address, length, preferredSeconds, validSeconds };
}

/** What is no status at all counts as UnspecFail. */
function statusOf(data: Uint8Array | undefined): number {
  if (data === undefined) return 0;
  const decoded = status6.decode(data);
  return decoded.ok ? decoded.value.code : 1;
}
