/** Where a server listens for datagrams. */
export interface DatagramEndpoint {
  readonly family: 4 | 6;
  /** Canonical text; absent: every address, and for IPv4 broadcasts as well. */
  readonly address?: string | undefined;
  /** 0: a free one. */
  readonly port: number;
  /** Linux device (an interface or a VRF) that all traffic goes through. Needs the batched implementation. */
  readonly device?: string | undefined;
  /** IPv6: interfaces on which messages to `multicastGroup` are wanted, whether they exist yet or not. */
  readonly multicastInterfaces?: readonly string[] | undefined;
  /** Default ff02::1:2, All_DHCP_Relay_Agents_and_Servers (RFC 9915 §7.1). */
  readonly multicastGroup?: string | undefined;
  /** Forces one implementation; absent: LEASEWIRE_DATAGRAMS, and where that is absent the batched one if it is built. */
  readonly implementation?: DatagramImplementation | undefined;
}

export type DatagramImplementation = "batched" | "plain";

/** How a datagram came in. What the implementation cannot tell is absent. */
export interface DatagramArrival {
  readonly interfaceName?: string | undefined;
  /** Own address it was sent to; for IPv4 broadcasts the address of the interface. Canonical text. */
  readonly localAddress?: string | undefined;
  /** Sent to one of our own addresses, not broadcast or multicast. */
  readonly unicast?: boolean | undefined;
}

/**
 * Datagrams of one turn, without an object for each: they lie in `bytes`, and 16 words of `words` describe each of them,
 * see `arrivalWord`. Both are overwritten after the call: what is kept must be copied.
 */
export interface DatagramBatch {
  readonly count: number;
  readonly bytes: Uint8Array;
  readonly words: Uint32Array;
}

/** Words of one record of a batch; record i begins at word 16 × i. */
export const arrivalWord = {
  /** Of the first octet in `bytes`. */
  offset: 0,
  length: 1,
  sourcePort: 2,
  /** Index of the interface; 0 where it is not known. `interfaceName` names it. */
  interfaceIndex: 3,
  /** 1: sent to one of our own addresses. */
  unicast: 4,
  /** IPv4: one word, the first octet of the address in its highest bits. IPv6: four such words. */
  sourceAddress: 6,
  localAddress: 10,
} as const;

export const arrivalWords = 16;

export interface DatagramHandlers {
  /** One datagram; `sourceAddress` is canonical text without scope, `bytes` belongs to the receiver. */
  onDatagram?(sourceAddress: string, sourcePort: number, bytes: Uint8Array, arrival: DatagramArrival): void;
  /** Takes all datagrams of a turn at once; neither `onArrival` nor `onDatagram` is called then. */
  onBatch?(batch: DatagramBatch): void;
  /**
   * Looks at datagram `index` of a batch where it lies, before octets are copied or an object is made for it. True: it is
   * dealt with; otherwise `onDatagram` is called with it. What is sent meanwhile leaves with the batch.
   */
  onArrival?(batch: DatagramBatch, index: number): boolean;
  /** A datagram could not be sent; told in a later turn. All are counted, floods are not told one by one. */
  onSendFailed?(address: string, port: number, reason: string): void;
  /** The socket failed while open, or a handler threw: a fault of ours or of the system, for the log. */
  onFault(error: Error): void;
}

/** Where a datagram is to leave from; absent: the system chooses. Ignored by the plain implementation. */
export interface DatagramSource {
  readonly interfaceName?: string | undefined;
  readonly localAddress?: string | undefined;
}

export interface DatagramStatistics {
  readonly received: number;
  readonly receivedOctets: number;
  /** Calls into JavaScript that brought datagrams. */
  readonly batches: number;
  readonly sent: number;
  readonly sentOctets: number;
  /** Refused by the system. */
  readonly sendFailed: number;
  /** Not accepted, because too many waited already (`sendQueueMax`, `sendQueueOctetsMax`). */
  readonly sendDropped: number;
  /** Not possible here: see `linkRefusal`. */
  readonly linkRefused: number;
  /** Probes not made, because the system refused or too many were under way (`probesPendingMax`). */
  readonly probesRefused: number;
  /** Dropped by the system, because the socket's buffer was full; null where it does not say. */
  readonly lost: number | null;
}

/** The datagram socket of a server. Sends never block and never throw; after `close` they are ignored. */
export interface ServerDatagrams {
  /** The port that was bound. */
  readonly port: number;
  /** Many datagrams a system call; otherwise one, and neither arrival interfaces (IPv4) nor link sends nor probes. */
  readonly batched: boolean;
  /** Why clients that are attached directly cannot be served; null when they can. */
  readonly linkRefusal: string | null;
  send(address: string, port: number, bytes: Uint8Array, source?: DatagramSource): void;
  /**
   * A place for at most `octets` octets of a message, in `sendOctets` from the offset given; −1: there is none, and the
   * message is counted as dropped. Until `sendPlaced` it belongs to nobody: what is not sent needs no giving back.
   */
  place(octets: number): number;
  /** Where messages are written that are sent from where they lie. Other octets than those of the place are not to be touched. */
  readonly sendOctets: Uint8Array;
  /**
   * Sends what was written at a place, to a peer that receives at a socket: one that takes frames off a virtual link itself
   * may see several of equal length as one. Addresses are words as in a batch, in `peer` from `peerAt` on and in `local` from
   * `localAt` on; `localAt` −1: the system chooses.
   */
  sendPlaced(
    at: number,
    length: number,
    peer: Uint32Array,
    peerAt: number,
    port: number,
    local: Uint32Array,
    localAt: number,
  ): void;
  /**
   * To a host on the link of an interface: 255.255.255.255, a link-local address, or the address that the client with
   * this hardware address is about to get. `localAddress` is the source; absent: the first address of the interface.
   */
  sendOnLink(
    interfaceName: string,
    address: string,
    port: number,
    hardwareAddress: Uint8Array | undefined,
    bytes: Uint8Array,
    localAddress?: string,
  ): void;
  /**
   * Whether somebody answers for an IPv4 address: by ARP on the link of the interface, without one by ICMP echo. False
   * as well when it could not be asked (counted as `probesRefused`).
   */
  probe(interfaceName: string | undefined, address: string, timeoutMs: number): Promise<boolean>;
  /** Sends what waits. It happens once in a turn anyway. */
  flush(): void;
  /** Name of an interface of a batch; undefined when it is gone. */
  interfaceName(index: number): string | undefined;
  /** Takes the place of the endpoint's `multicastInterfaces`: joins on what is new, leaves what is gone. */
  multicastInterfaces(names: readonly string[]): void;
  statistics(): DatagramStatistics;
  close(): Promise<void>;
}

/** Limits of either implementation. */
export const datagramLimits = {
  /** Octets the system may hold for us: 20,000 requests arrive faster than one event loop turn. */
  receiveBufferOctets: 32 * 1024 * 1024,
  probesPendingMax: 16_384,
  sendQueueMax: 2048,
  sendQueueOctetsMax: 1024 * 1024,
} as const;
