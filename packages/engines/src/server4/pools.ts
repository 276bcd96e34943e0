import type { AddressPool4 } from "@leasewire/config";
import type { InstanceName, Ipv4Address } from "@leasewire/net";
import { ipv4PrefixContains } from "@leasewire/net";
import { AddressSet } from "../server-common/address-set.ts";
import type { PoolStatistics } from "../server-common/messages.ts";
import { Timeline } from "../server-common/timeline.ts";
import type { AbandonedAddress } from "./state.ts";

/** Why an address is not free, one bit each; 0 is free. */
export const Mark = {
  /** The table says ACTIVE. */
  leased: 1,
  /** The table says ABANDONED. */
  abandoned: 2,
  offered: 4,
  /** For a host: free only for it. */
  reserved: 8,
  excluded: 16,
} as const;

/** What an address counts as in its pool. */
export const Standing = { free: 0, active: 1, declined: 2, offered: 3, reserved: 4, excluded: 5 } as const;

const standingOfMarks = Uint8Array.from({ length: 32 }, (_, marks) => {
  if (marks & Mark.excluded) return Standing.excluded;
  if (marks & Mark.leased) return Standing.active;
  if (marks & Mark.abandoned) return Standing.declined;
  if (marks & Mark.offered) return Standing.offered;
  return marks & Mark.reserved ? Standing.reserved : Standing.free;
});

/**
 * Addresses that are given out one after the other. `marks` follows the table with a delay of at most a step and
 * is a hint where to look: before an address is given out its row in the table is looked up.
 *
 * Invariant: an address is in `taken` exactly when it has a mark.
 */
export class AddressRange {
  readonly pool: Pool4;
  readonly low: number;
  readonly high: number;
  readonly marks: Uint8Array;
  readonly taken: AddressSet;
  /** Where the search for a free address goes on: an address that was given up rests as long as it can. */
  cursor = 0;
  /** Number of the client interface + 1 for each leased address; only where clients are limited by interface. */
  interfaces: Uint16Array | undefined;
  /** The slots marked abandoned. */
  readonly abandoned = new Map<number, AbandonedAddress>();

  constructor(pool: Pool4, low: number, high: number) {
    this.pool = pool;
    this.low = low;
    this.high = high;
    const size = high - low + 1;
    this.marks = new Uint8Array(size);
    this.taken = new AddressSet(size);
    pool.counts[Standing.free]! += size;
  }

  setMarks(slot: number, marks: number): void {
    const before = this.marks[slot]!;
    if (before === marks) return;
    this.marks[slot] = marks;
    const { counts } = this.pool;
    counts[standingOfMarks[before]!]! -= 1;
    counts[standingOfMarks[marks]!]! += 1;
    if (marks === 0) this.taken.remove(slot);
    else if (before === 0) this.taken.add(slot);
  }

  mark(slot: number, mark: number): void {
    this.setMarks(slot, this.marks[slot]! | mark);
  }

  unmark(slot: number, mark: number): void {
    this.setMarks(slot, this.marks[slot]! & ~mark);
  }

  /** The next free slot, −1 if there is none. The next search begins behind it. */
  nextFree(): number {
    const slot = this.taken.nextFree(this.cursor);
    if (slot >= 0) this.cursor = slot + 1;
    return slot;
  }
}

export class Pool4 {
  readonly configuration: AddressPool4;
  readonly instance: InstanceName;
  /** In order of address; reserved addresses outside of the configured ranges are ranges of their own. */
  readonly ranges: AddressRange[] = [];
  /** Addresses by `Standing`. */
  readonly counts = new Int32Array(6);
  /** Options to hand out in wire form, by code. */
  readonly encoded: readonly (Uint8Array | undefined)[];
  /** Their codes, as configured. */
  readonly codes: readonly number[];
  /** The addresses marked abandoned, the longest in front. */
  readonly abandoned = new Timeline<AbandonedAddress>();

  constructor(configuration: AddressPool4, encoded: readonly (Uint8Array | undefined)[], codes: readonly number[]) {
    this.configuration = configuration;
    this.instance = configuration.instance;
    this.encoded = encoded;
    this.codes = codes;
  }

  serves(link: Ipv4Address): boolean {
    const { network, linkAddresses } = this.configuration;
    return ipv4PrefixContains(network, link) || linkAddresses.some((prefix) => ipv4PrefixContains(prefix, link));
  }

  holds(address: number): boolean {
    return ipv4PrefixContains(this.configuration.network, address);
  }
}

export function statisticsOf({ configuration, counts }: Pool4): PoolStatistics {
  const [free = 0, active = 0, declined = 0, offered = 0, reserved = 0] = counts;
  return {
    name: configuration.name,
    instance: configuration.instance,
    total: free + active + declined + offered + reserved,
    active,
    offered,
    declined,
    reserved,
    free,
  };
}
