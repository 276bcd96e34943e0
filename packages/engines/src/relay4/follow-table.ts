import { BindingState, type BindingTable, type ChainCursor } from "@leasewire/bindings";
import { type InstanceName, ipv4ToBytes } from "@leasewire/net";
import { type Context4, note } from "./context.ts";
import type { Relay4Limits } from "./limits.ts";

/**
 * Which binding is on which access interface, as the table says: for routes to clients and for limits of clients. Follows
 * what others change as well: leases that are restored, that expire or that are cleared.
 */
export class FollowedRows {
  readonly #table: BindingTable;
  readonly #limits: Relay4Limits;
  #changes: ChainCursor | undefined;
  #sequence = 0;
  /** By row: number of the interface whose client holds it, 0 none. */
  #numbers = new Uint16Array(0);
  /** By row: its address while it is counted. */
  #addresses = new Uint32Array(0);
  /** By row: whether a route stands for it. */
  #routed = new Uint8Array(0);
  readonly #numbersByName = new Map<string, number>();
  readonly #names: { instance: InstanceName; name: string; clients: number }[] = [];

  constructor(table: BindingTable, limits: Relay4Limits) {
    this.#table = table;
    this.#limits = limits;
  }

  /** Whether the table holds changes that have not been followed. */
  get isBehind(): boolean {
    return this.#changes !== undefined && this.#sequence !== this.#table.sequence;
  }

  /** Bindings on the interface with that number. */
  clientsOf(number: number): number {
    return this.#names[number - 1]?.clients ?? 0;
  }

  /** Numbers stay as they are while the process runs. */
  numberOf(context: Context4, instance: InstanceName, name: string): number {
    const key = `${instance} ${name}`;
    const known = this.#numbersByName.get(key);
    if (known !== undefined) return known;
    if (this.#names.length >= Math.min(this.#limits.countedInterfacesMax, 0xffff)) {
      note(context, instance, "interfaces not counted", name);
      return 0;
    }
    this.#names.push({ instance, name, clients: 0 });
    this.#numbersByName.set(key, this.#names.length);
    return this.#names.length;
  }

  /** Looks at every row again, as what is configured has changed; `needed` false: takes back what stands, then rests. */
  followFromTheStart(context: Context4, needed: boolean): void {
    this.#changes?.close();
    this.#changes = undefined;
    if (needed) {
      this.#changes = this.#table.chain({ afterSequence: 0 });
      this.#sequence = -1;
      this.follow(context);
      return;
    }
    for (let row = 1; row < this.#numbers.length; row += 1) {
      if (this.#numbers[row] !== 0) this.#set(context, row, 0, 0, false);
    }
    this.#numbers = new Uint16Array(0);
    this.#addresses = new Uint32Array(0);
    this.#routed = new Uint8Array(0);
  }

  /** Catches up with the table, a bounded number of changes in a call. */
  follow(context: Context4): void {
    if (this.#changes === undefined || this.#sequence === this.#table.sequence) return;
    const { sequence } = this.#table;
    const { rows, done } = this.#changes.next(this.#limits.tableChangesPerStepMax);
    for (const row of rows) this.look(context, row);
    if (done) this.#sequence = sequence;
  }

  /** Looks at one row; one that is gone counts no more. */
  look(context: Context4, row: number): void {
    const table = this.#table;
    if (this.#changes === undefined || row < 1) return;
    let number = 0;
    let address = 0;
    let routed = false;
    if (table.has(row) && table.stateOf(row) === BindingState.ACTIVE) {
      const instance = table.instanceOf(row);
      const relay = context.state.relays.get(instance);
      const name = relay === undefined ? undefined : table.interfaceNameOf(row);
      number = relay === undefined || name === undefined ? 0 : (relay.accesses.get(name)?.number ?? 0);
      address = table.addressWordOf(row, 0);
      routed = number !== 0 && relay!.configuration.accessRoutes;
    }
    if (row >= this.#numbers.length) {
      if (number === 0) return;
      this.#grow(row);
    }
    this.#set(context, row, number, address, routed);
  }

  #set(context: Context4, row: number, number: number, address: number, routed: boolean): void {
    const before = this.#numbers[row]!;
    const addressBefore = this.#addresses[row]!;
    const isSame = before === number && addressBefore === address;
    if (this.#routed[row] !== 0 && !(routed && isSame)) {
      this.#route(context, "remove", before, addressBefore);
      this.#routed[row] = 0;
    }
    if (routed && this.#routed[row] === 0) {
      this.#route(context, "add", number, address);
      this.#routed[row] = 1;
    }
    if (isSame) return;
    if (before !== 0) this.#names[before - 1]!.clients -= 1;
    if (number !== 0) this.#names[number - 1]!.clients += 1;
    this.#numbers[row] = number;
    this.#addresses[row] = number === 0 ? 0 : address;
  }

  #route(context: Context4, kind: "add" | "remove", number: number, address: number): void {
    const { instance, name } = this.#names[number - 1]!;
    context.out.routes.push({ kind, instance, prefix: ipv4ToBytes(address), length: 32, interfaceName: name });
  }

  #grow(row: number): void {
    const length = Math.max(1024, row + 1, this.#numbers.length * 2);
    this.#numbers = grown(this.#numbers, new Uint16Array(length));
    this.#addresses = grown(this.#addresses, new Uint32Array(length));
    this.#routed = grown(this.#routed, new Uint8Array(length));
  }
}

function grown<T extends Uint8Array | Uint16Array | Uint32Array>(before: T, after: T): T {
  after.set(before);
  return after;
}
