import type { BindingTable } from "@leasewire/bindings";
import { uint32Of } from "./octets.ts";
import type { ResponderLink6, ResponderScopes6 } from "./scopes.ts";

/**
 * Finds the link of an address: that of the longest prefix around it. The prefixes are cut into stretches of addresses
 * that lie side by side, so that a look-up is one search by halves, however many there are.
 */
export class LinkFinder {
  readonly links: readonly ResponderLink6[];
  /** First address of each stretch, four words each. */
  readonly #starts: Uint32Array;
  /** Link of each stretch, −1: none. */
  readonly #links: Int32Array;

  constructor(links: readonly ResponderLink6[]) {
    this.links = links;
    const prefixes = links
      .flatMap((link, index) =>
        link.prefixes.map(({ address, length }) => ({ index, length, ...bounds(address, length) })),
      )
      .sort((a, b) => (a.low < b.low ? -1 : a.low > b.low ? 1 : a.length - b.length));
    const starts: bigint[] = [];
    const owners: number[] = [];
    const open: typeof prefixes = [];
    const cut = (at: bigint): void => {
      const owner = open.at(-1)?.index ?? -1;
      if (at >= LIMIT) return;
      if (starts.at(-1) === at) owners[owners.length - 1] = owner;
      else if (owners.at(-1) !== owner || owners.length === 0) {
        starts.push(at);
        owners.push(owner);
      }
    };
    cut(0n);
    const closeUpTo = (low: bigint): void => {
      for (let top = open.at(-1); top !== undefined && top.high < low; top = open.at(-1)) {
        open.pop();
        cut(top.high + 1n);
      }
    };
    for (const prefix of prefixes) {
      closeUpTo(prefix.low);
      // Of one prefix on two links the first counts.
      const top = open.at(-1);
      if (top !== undefined && top.low === prefix.low && top.length === prefix.length) continue;
      open.push(prefix);
      cut(prefix.low);
    }
    closeUpTo(LIMIT);
    this.#links = Int32Array.from(owners);
    this.#starts = new Uint32Array(starts.length * 4);
    starts.forEach((start, i) => {
      for (let word = 0; word < 4; word += 1)
        this.#starts[i * 4 + word] = Number((start >> BigInt(96 - 32 * word)) & 0xffff_ffffn);
    });
  }

  /** Number of the link, −1: none. */
  find(word0: number, word1: number, word2: number, word3: number): number {
    const starts = this.#starts;
    let low = 0;
    let high = this.#links.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      const at = middle * 4;
      const difference =
        starts[at]! - word0 || starts[at + 1]! - word1 || starts[at + 2]! - word2 || starts[at + 3]! - word3;
      if (difference > 0) high = middle - 1;
      else low = middle;
    }
    return this.#links[low]!;
  }

  findOctets(address: Uint8Array): number {
    return this.findAt(address, 0);
  }

  /** The same of the 16 octets from `at` on. */
  findAt(bytes: Uint8Array, at: number): number {
    return this.find(uint32Of(bytes, at), uint32Of(bytes, at + 4), uint32Of(bytes, at + 8), uint32Of(bytes, at + 12));
  }
}

const LIMIT = 1n << 128n;

function bounds(address: Uint8Array, length: number): { low: bigint; high: bigint } {
  let value = 0n;
  for (const octet of address) value = (value << 8n) | BigInt(octet);
  const size = 1n << BigInt(128 - length);
  const low = value - (value % size);
  return { low, high: low + size - 1n };
}

const finders = new WeakMap<ResponderScopes6, LinkFinder>();

/** The finder of the scopes' links, made once. */
export function linkFinder(scopes: ResponderScopes6): LinkFinder {
  let finder = finders.get(scopes);
  if (finder === undefined) {
    finder = new LinkFinder(scopes.links);
    finders.set(scopes, finder);
  }
  return finder;
}

/**
 * On which link a binding lies: that of the relay's link-address, else the one its address or prefix lies on. A number
 * below 0 stands for a link that is not configured; bindings with the same one are on the same link, as far as is known.
 *
 * What was found of a link-address is remembered until `forget`: to be called when the table may have changed.
 */
export class LinksOfRows {
  readonly #table: BindingTable;
  readonly #finder: LinkFinder;
  readonly #byId = new Map<number, number>();
  #lastId = -1;
  #lastLink = -1;

  constructor(table: BindingTable, finder: LinkFinder) {
    this.#table = table;
    this.#finder = finder;
  }

  forget(): void {
    this.#byId.clear();
    this.#lastId = -1;
  }

  linkOf(row: number): number {
    const table = this.#table;
    const id = table.linkAddressIdOf(row);
    if (id !== 0) {
      const link = id === this.#lastId ? this.#lastLink : this.#linkOfId(id);
      if (link >= 0) return link;
    }
    const own = this.#finder.find(
      table.addressWordOf(row, 0),
      table.addressWordOf(row, 1),
      table.addressWordOf(row, 2),
      table.addressWordOf(row, 3),
    );
    return own >= 0 ? own : -1 - id;
  }

  #linkOfId(id: number): number {
    let link = this.#byId.get(id);
    if (link === undefined) {
      const address = this.#table.linkAddressOfId(id);
      link = address?.length === 16 && address.some((octet) => octet !== 0) ? this.#finder.findOctets(address) : -1;
      this.#byId.set(id, link);
    }
    this.#lastId = id;
    this.#lastLink = link;
    return link;
  }
}
