import { type Message6, OptionCode6 } from "@leasewire/wire";

export type IaKind = "na" | "ta" | "pd";

/** An IA of a client's message (RFC 9915 §21.4, §21.21). Times the client wrote are ignored, as they must be. */
export interface IaRequest {
  readonly kind: IaKind;
  readonly iaid: number;
  /** What the client holds or would like to have, `::` left out; the first `leasesPerIaMax`. */
  readonly leases: readonly { readonly address: Uint8Array; readonly length: number }[];
  /** Prefix length asked for without a prefix (§21.22), 0 if none. */
  readonly lengthHint: number;
}

/** A message of a client, read once from front to end. Octets are views. */
export interface Request6 {
  readonly messageType: number;
  readonly transactionId: number;
  readonly duid: Uint8Array | undefined;
  readonly serverDuid: Uint8Array | undefined;
  readonly ias: readonly IaRequest[];
  /** An IA option of any kind was there, even one that is not served. */
  readonly hasIa: boolean;
  readonly rapidCommit: boolean;
  readonly reconfigureAccept: boolean;
  /** Data of the ORO. */
  readonly requested: Uint8Array | undefined;
  /** Options that leasequery may tell later, whole: USER_CLASS, VENDOR_CLASS, CLIENT_FQDN. */
  readonly kept: readonly Uint8Array[];
}

export type RequestFault = "malformed ia" | "too many ias";

export interface RequestLimits {
  readonly iasPerMessageMax: number;
  readonly leasesPerIaMax: number;
}

const none: readonly never[] = [];

/** The options of a message have been checked to fill it (`decodeMessage6`); what is inside IAs is checked here. */
export function readRequest(message: Message6, temporary: boolean, limits: RequestLimits): Request6 | RequestFault {
  const { bytes } = message;
  const length = bytes.length;
  let duid: Uint8Array | undefined;
  let serverDuid: Uint8Array | undefined;
  let requested: Uint8Array | undefined;
  let rapidCommit = false;
  let reconfigureAccept = false;
  let hasIa = false;
  let ias: IaRequest[] | undefined;
  let kept: Uint8Array[] | undefined;
  for (let at = message.optionsOffset; at < length; ) {
    const code = (bytes[at]! << 8) | bytes[at + 1]!;
    const from = at + 4;
    const to = from + ((bytes[at + 2]! << 8) | bytes[at + 3]!);
    switch (code) {
      case OptionCode6.CLIENTID:
        duid ??= bytes.subarray(from, to);
        break;
      case OptionCode6.SERVERID:
        serverDuid ??= bytes.subarray(from, to);
        break;
      case OptionCode6.ORO:
        requested ??= bytes.subarray(from, to);
        break;
      case OptionCode6.RAPID_COMMIT:
        rapidCommit = true;
        break;
      case OptionCode6.RECONF_ACCEPT:
        reconfigureAccept = true;
        break;
      case OptionCode6.USER_CLASS:
      case OptionCode6.VENDOR_CLASS:
      case OptionCode6.CLIENT_FQDN:
        kept ??= [];
        if (kept.length < 16) kept.push(bytes.subarray(at, to));
        break;
      case OptionCode6.IA_NA:
      case OptionCode6.IA_TA:
      case OptionCode6.IA_PD: {
        hasIa = true;
        if (code === OptionCode6.IA_TA && !temporary) break;
        const ia = readIa(bytes, from, to, code, limits.leasesPerIaMax);
        if (ia === undefined) return "malformed ia";
        ias ??= [];
        if (ias.some((other) => other.kind === ia.kind && other.iaid === ia.iaid)) return "too many ias";
        if (ias.length >= limits.iasPerMessageMax) return "too many ias";
        ias.push(ia);
        break;
      }
    }
    at = to;
  }
  return {
    messageType: message.messageType,
    transactionId: message.transactionId,
    duid,
    serverDuid,
    ias: ias ?? none,
    hasIa,
    rapidCommit,
    reconfigureAccept,
    requested,
    kept: kept ?? none,
  };
}

function readIa(bytes: Uint8Array, from: number, to: number, code: number, leasesMax: number): IaRequest | undefined {
  const kind = code === OptionCode6.IA_NA ? "na" : code === OptionCode6.IA_TA ? "ta" : "pd";
  const head = kind === "ta" ? 4 : 12;
  if (to - from < head) return undefined;
  const iaid = ((bytes[from]! << 24) | (bytes[from + 1]! << 16) | (bytes[from + 2]! << 8) | bytes[from + 3]!) >>> 0;
  let leases: { address: Uint8Array; length: number }[] | undefined;
  let lengthHint = 0;
  for (let at = from + head; at < to; ) {
    if (at + 4 > to) return undefined;
    const inner = (bytes[at]! << 8) | bytes[at + 1]!;
    const end = at + 4 + ((bytes[at + 2]! << 8) | bytes[at + 3]!);
    if (end > to) return undefined;
    if (kind === "pd" ? inner === OptionCode6.IAPREFIX : inner === OptionCode6.IAADDR) {
      if (end - at - 4 < (kind === "pd" ? 25 : 24)) return undefined;
      const length = kind === "pd" ? bytes[at + 12]! : 128;
      if (length > 128) return undefined;
      const addressAt = at + (kind === "pd" ? 13 : 4);
      if (isZero(bytes, addressAt)) {
        if (kind === "pd" && lengthHint === 0) lengthHint = length;
      } else if (length > 0) {
        leases ??= [];
        if (leases.length < leasesMax) leases.push({ address: bytes.subarray(addressAt, addressAt + 16), length });
      }
    }
    at = end;
  }
  return { kind, iaid, leases: leases ?? none, lengthHint };
}

function isZero(bytes: Uint8Array, at: number): boolean {
  for (let i = 0; i < 16; i += 1) if (bytes[at + i] !== 0) return false;
  return true;
}
