/**
 * What the binding table costs: `node bench/bindings.ts [--rows 10000,1000000] [--family 4|6] [--repeat 3]`.
 *
 * Every binding has a client identifier of 7 octets (v6: a DUID of 14 octets), a hardware address, option 82 (v6: relay data)
 * with a circuit-id, a unique remote-id of 32 octets and a relay-id of 32 octets, which 1,000 bindings share or each
 * has for itself. Each repetition is a process of its own. Printed are medians, and lowest to highest.
 *
 * Rates are per second of the thread's processor time, garbage collection included. The longest batches and slices are by
 * the clock, of the least that the same work took in four goes (one above two million rows): what is left is the work. GC pauses are by the clock.
 */
import { execFileSync } from "node:child_process";
import { cpus } from "node:os";
import { PerformanceObserver, performance } from "node:perf_hooks";
import { parseArgs } from "node:util";
import {
  type BindingDraft,
  type BindingFilter,
  type BindingInput,
  type BindingSort,
  BindingTable,
  type Family,
  FIELDS,
  Field,
  openQuery,
} from "@leasewire/bindings";

const { values: args } = parseArgs({
  options: {
    rows: { type: "string", default: "10000,1000000" },
    family: { type: "string" },
    repeat: { type: "string", default: "3" },
    once: { type: "string" },
  },
});
const T0 = 1_790_000_000;
/** How often the same work is done over within a run; once where a table takes minutes to build. */
const repeatsOf = (rows: number): number => (rows > 2_000_000 ? 1 : 4);
const INSTANCE = "default:default";

type Figures = Record<string, number>;

function report(rows: number, family: Family, relayIds: string): void {
  const runs: Figures[] = [];
  for (let i = 0; i < Number(args.repeat); i += 1) {
    const once = JSON.stringify({ rows, family, relayIds });
    const output = execFileSync(process.execPath, ["--expose-gc", import.meta.filename, "--once", once], {
      encoding: "utf8",
      maxBuffer: 1 << 24,
    });
    runs.push(JSON.parse(output) as Figures);
  }
  console.log(`\nDHCPv${family}, ${rows.toLocaleString("en")} bindings, relay-ids ${relayIds}, ${runs.length} runs`);
  for (const name of Object.keys(runs[0]!)) {
    const sorted = runs.map((run) => run[name]!).sort((a, b) => a - b);
    const text = [sorted[Math.floor(sorted.length / 2)]!, sorted[0]!, sorted.at(-1)!].map(format);
    console.log(`  ${name.padEnd(48)} ${text[0]!.padStart(12)}   ${text[1]} – ${text[2]}`);
  }
}

function format(value: number): string {
  return value >= 1000 ? Math.round(value).toLocaleString("en") : value.toFixed(value < 10 ? 2 : 0);
}

async function measure(rows: number, family: Family, rowsPerRelayId: number): Promise<Figures> {
  const figures: Figures = {};
  const repeats = repeatsOf(rows);
  const gc = new CollectionPauses();
  globalThis.gc?.();
  const before = process.memoryUsage();

  const source = new Source(family, rowsPerRelayId);
  const least = { insert: [] as number[], renew: [] as number[], move: [] as number[] };
  const visits = Math.min(rows, 500_000);
  const best = (name: string, rate: number): void => {
    figures[name] = Math.max(figures[name] ?? 0, rate);
  };
  let table = new BindingTable(family);
  for (let repeat = 0; repeat < repeats; repeat += 1) {
    if (repeat > 0) {
      table = new BindingTable(family);
      globalThis.gc?.();
    }
    gc.phase("inserts");
    const insert = (n: number): void => {
      const result = table.put(source.input(n), "bulk", T0);
      if (result.outcome !== "inserted") throw new Error(JSON.stringify(result));
    };
    const inserts = timed(rows, insert, least.insert);
    if (repeat === 0) {
      gc.phase(null);
      globalThis.gc?.();
      const after = process.memoryUsage();
      const grown = after.arrayBuffers + after.heapUsed - before.arrayBuffers - before.heapUsed - table.log.bytes;
      figures["bytes a binding, indexes included"] = table.bytes / rows;
      figures["bytes a binding, as the process grew"] = grown / rows;
    }
    best("inserts/s", inserts);
    if (repeat === repeats - 1) {
      const other = new BindingTable(family);
      figures["inserts/s of drafts"] = timed(rows, (n) => {
        const result = other.putDraft(source.draft(n), "bulk", T0);
        if (result.outcome !== "inserted") throw new Error(JSON.stringify(result));
      });
    }
    gc.phase("updates");
    const renew = (i: number): void => {
      const input = source.input(scatter(i, rows));
      input.clientLastTransactionTimeSeconds = T0 + 1800;
      input.expiresAtSeconds = T0 + 5400;
      table.put(input, "active", T0 + 1800);
    };
    best("updates/s, renewals", timed(visits, renew, least.renew));
    const move = (i: number): void => {
      table.put(source.input(scatter(i, rows), 1), "active", T0 + 3600);
    };
    best("updates/s, other circuit-id and remote-id", timed(visits, move, least.move));
    gc.phase(null);
  }
  figures["longest 64 inserts, ms"] = longestOf(least.insert);
  figures["longest 64 renewals, ms"] = longestOf(least.renew);
  figures["longest 64 other updates, ms"] = longestOf(least.move);

  const lookups = Math.min(rows, 300_000);
  // The keys are copied into one buffer: a thousand copied inputs of ten buffers each are garbage of the measurement's own,
  // and cost the collector more than the table does.
  const lookup = (
    name: string,
    keyOf: (input: BindingInput) => Uint8Array,
    find: (key: Uint8Array) => number,
  ): void => {
    const length = keyOf(source.input(0, 1)).length;
    const buffer = new Uint8Array(1000 * length);
    const keys = Array.from({ length: 1000 }, (_, i) => {
      buffer.set(keyOf(source.input(scatter(i * 257, rows), 1)), i * length);
      return buffer.subarray(i * length, (i + 1) * length);
    });
    // The keys grow old before the counting begins.
    globalThis.gc?.();
    let found = 0;
    gc.phase("look-ups");
    const perSecond = timed(lookups, (i) => {
      found += find(keys[i % 1000]!) > 0 ? 1 : 0;
    });
    if (found < lookups * 0.4) throw new Error(`${name}: only ${found} of ${lookups} found`);
    gc.phase(null);
    figures[`look-ups/s by ${name}`] = perSecond;
  };
  const first = (rowsFound: Iterable<number>): number => {
    for (const row of rowsFound) return row;
    return -1;
  };
  const byAddress = (key: Uint8Array): number => table.byAddress(INSTANCE, key);
  lookup("address", (input) => input.address, byAddress);
  lookup(
    "client identifier",
    (input) => input.clientId!,
    (key) => first(table.byClientId(INSTANCE, key)),
  );
  lookup(
    "hardware address",
    (input) => input.hardwareAddress!,
    (key) => first(table.byHardwareAddress(INSTANCE, key)),
  );
  lookup(
    "remote-id",
    (input) => input.remoteId!,
    (key) => first(table.byRemoteId(INSTANCE, key)),
  );
  lookup(
    "circuit-id",
    (input) => input.circuitId!,
    (key) => first(table.byCircuitId(INSTANCE, key)),
  );
  lookup(
    "relay-id",
    (input) => input.relayId!,
    (key) => first(table.byRelayId(INSTANCE, key)),
  );
  lookup(
    "link address",
    (input) => input.linkAddress!,
    (key) => first(table.byLinkAddress(INSTANCE, key)),
  );

  gc.phase("queries");
  const query = (name: string, filter: BindingFilter, sort?: BindingSort): void => {
    const least: number[] = [];
    const start = cpuMs();
    for (let repeat = 0; repeat < repeats; repeat += 1) {
      const work = openQuery(table, filter, sort);
      for (let slice = 0, done = false; !done; slice += 1) {
        const from = performance.now();
        done = work.step();
        least[slice] = Math.min(least[slice] ?? Number.POSITIVE_INFINITY, performance.now() - from);
      }
      work.page(0, 100);
    }
    figures[`${name}: first page, CPU ms`] = (cpuMs() - start) / repeats;
    figures[`${name}: longest slice, ms`] = longestOf(least);
  };
  query("all by address", {}, { column: "address" });
  query("all by remote-id, descending", {}, { column: "remoteId", descending: true });
  query("search for 00:7b:2", { text: "00:7b:2" }, { column: "address" });
  query("search for a circuit", { text: "ge-1/0/3.7:" }, { column: "expiresAt" });

  gc.phase("expirations and removals");
  const start = cpuMs();
  let expired = 0;
  for (let done = false; !done; ) {
    const slice = table.expire(T0 + 10_000, 512);
    done = slice.done;
    expired += slice.expired;
  }
  figures["expirations/s"] = (expired / (cpuMs() - start)) * 1000;
  const removeStart = cpuMs();
  let removed = 0;
  for (let done = false; !done; ) {
    const slice = table.sweep(T0 + 200_000, 512);
    done = slice.done;
    removed += slice.removed;
  }
  figures["removals/s"] = (removed / (cpuMs() - removeStart)) * 1000;
  gc.phase(null);
  await gc.into(figures);
  return figures;
}

/**
 * Calls per second of processor time. Into `least`, by the clock, goes what each 64 calls took if it is less than what is
 * there: done over with the same work, the clock's waiting for others drops out, and what the work itself costs stays.
 */
function timed(count: number, call: (i: number) => void, least: number[] = []): number {
  const start = cpuMs();
  for (let i = 0, batch = 0; i < count; batch += 1) {
    const from = performance.now();
    for (const to = Math.min(i + 64, count); i < to; i += 1) call(i);
    least[batch] = Math.min(least[batch] ?? Number.POSITIVE_INFINITY, performance.now() - from);
  }
  return (count / (cpuMs() - start)) * 1000;
}

/** Processor time of this thread, waiting for a core not in it; Linux counts it in ticks of some milliseconds. */
function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

function longestOf(times: readonly number[]): number {
  return times.reduce((a, b) => Math.max(a, b), 0);
}

/**
 * Pauses by the clock, as V8 reports them, told apart by what was being done. Between the phases a whole table is given
 * up, which no program does, and the measurement makes its keys: those pauses are nobody's.
 */
class CollectionPauses {
  readonly #phases: { readonly name: string | null; readonly startMs: number }[] = [{ name: null, startMs: 0 }];
  readonly #entries: { readonly startTime: number; readonly duration: number }[] = [];
  readonly #observer = new PerformanceObserver((list) => this.#entries.push(...list.getEntries()));

  constructor() {
    this.#observer.observe({ entryTypes: ["gc"] });
  }

  phase(name: string | null): void {
    this.#phases.push({ name, startMs: performance.now() });
  }

  async into(figures: Figures): Promise<void> {
    // V8's reports come with the next turn.
    await new Promise((resolve) => setTimeout(resolve, 50));
    this.#observer.disconnect();
    const byPhase = new Map<string, number[]>();
    for (const { startTime, duration } of this.#entries) {
      const name = this.#phases.findLast(({ startMs }) => startMs <= startTime)?.name;
      if (typeof name === "string") byPhase.set(name, [...(byPhase.get(name) ?? []), duration]);
    }
    for (const [name, pauses] of byPhase) {
      pauses.sort((x, y) => x - y);
      figures[`GC pauses by the clock during ${name}: number`] = pauses.length;
      figures[`GC pauses by the clock during ${name}: median, ms`] = pauses[pauses.length >>> 1] ?? 0;
      figures[`GC pauses by the clock during ${name}: longest, ms`] = pauses.at(-1) ?? 0;
    }
  }
}

/** Position i of a walk that visits rows in no useful order. */
function scatter(i: number, rows: number): number {
  return (i * 7_368_787) % rows;
}

/** Makes the input of binding n, always in the same object and buffers: what is measured is the table. */
class Source {
  readonly #family: Family;
  readonly #rowsPerRelayId: number;
  readonly #input: BindingInput;
  readonly #relay: Uint8Array;
  readonly #remoteAt: number;
  readonly #relayIdAt: number;
  readonly #circuitAt: number;
  readonly #draft: BindingDraft;

  constructor(family: Family, rowsPerRelayId: number) {
    this.#family = family;
    this.#rowsPerRelayId = rowsPerRelayId;
    // Option 82: sub-option code and length of one octet each. Relay data: two of two octets, behind the peer-address
    // and the header of the RELAY-FORW.
    const lead = family === 4 ? 0 : 16 + 34;
    const head = family === 4 ? 2 : 4;
    this.#circuitAt = lead + head;
    this.#remoteAt = this.#circuitAt + 14 + head;
    this.#relayIdAt = this.#remoteAt + 32 + head;
    // As in a buffer of the network: one behind the other.
    const clientIdLength = family === 4 ? 7 : 14;
    const relayAt = 6 + clientIdLength;
    const relayLength = this.#relayIdAt + 32;
    const bytes = new Uint8Array(relayAt + relayLength);
    this.#relay = bytes.subarray(relayAt).fill(0xa5);
    const hardwareAddress = bytes.subarray(0, 6);
    this.#input = {
      instance: INSTANCE,
      address: new Uint8Array(family === 4 ? 4 : 16),
      prefixLength: family === 4 ? 32 : 128,
      kind: "address",
      state: 2,
      hardwareType: 1,
      hardwareAddress,
      clientId: bytes.subarray(6, relayAt),
      iaid: family === 4 ? undefined : 1,
      startTimeOfStateSeconds: T0,
      clientLastTransactionTimeSeconds: T0,
      expiresAtSeconds: T0,
      preferredUntilSeconds: family === 4 ? undefined : T0 + 1800,
      linkAddress: new Uint8Array(family === 4 ? 4 : 16),
      relayAgentInformation: this.#relay,
      circuitId: this.#relay.subarray(this.#circuitAt, this.#circuitAt + 14),
      remoteId: this.#relay.subarray(this.#remoteAt, this.#remoteAt + 32),
      relayId: this.#relay.subarray(this.#relayIdAt, this.#relayIdAt + 32),
      serverIdentifier: Uint8Array.from([192, 0, 2, 1]),
      serverAddress: "192.0.2.1",
      dataSource: 0,
      origin: "bulk",
    };
    const starts = new Int32Array(FIELDS);
    const lengths = new Int32Array(FIELDS).fill(-1);
    const place = (field: number, start: number, length: number): void => {
      starts[field] = start;
      lengths[field] = length;
    };
    place(Field.hardwareAddress, 0, 6);
    place(Field.clientId, 6, clientIdLength);
    place(Field.relayAgentInformation, relayAt, relayLength);
    place(Field.circuitId, relayAt + this.#circuitAt, 14);
    place(Field.remoteId, relayAt + this.#remoteAt, 32);
    place(Field.relayId, relayAt + this.#relayIdAt, 32);
    this.#draft = { ...this.#input, bytes, starts, lengths };
  }

  /** The same as `input`, as octets and places. */
  draft(n: number): BindingDraft {
    const { clientLastTransactionTimeSeconds, expiresAtSeconds } = this.input(n);
    this.#draft.clientLastTransactionTimeSeconds = clientLastTransactionTimeSeconds;
    this.#draft.expiresAtSeconds = expiresAtSeconds;
    return this.#draft;
  }

  input(n: number, generation = 0): BindingInput {
    const input = this.#input;
    const { address } = input;
    address[0] = this.#family === 4 ? 10 : 0x20;
    write32(address, address.length - 4, n);
    if (this.#family === 4) address[0] = 10 + (n >>> 24);
    write32(input.hardwareAddress!, 2, Math.imul(n, 0x9e3779b1));
    const { clientId } = input;
    clientId![0] = 1;
    clientId!.set(input.hardwareAddress!, clientId!.length - 6);
    const spread = Math.imul(n + 1, 0x85ebca6b);
    write32(this.#relay, this.#remoteAt, spread);
    write32(this.#relay, this.#remoteAt + 4, n * 2 + generation);
    const relay = Math.floor(n / this.#rowsPerRelayId);
    write32(this.#relay, this.#relayIdAt, Math.imul(relay + 7, 0xc2b2ae35));
    write32(this.#relay, this.#relayIdAt + 4, relay);
    const circuit = `ge-1/0/${(n >>> 8) % 8}.${n % 10}:${100 + ((n + generation) % 4000)}`.padEnd(14, "0");
    for (let i = 0; i < 14; i += 1) this.#relay[this.#circuitAt + i] = circuit.charCodeAt(i);
    write32(input.linkAddress!, 0, 0x0a000000 | Math.floor(n / 2000));
    input.clientLastTransactionTimeSeconds = T0;
    input.expiresAtSeconds = T0 + 3600 + (n % 3600);
    return input;
  }
}

function write32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}

if (args.once !== undefined) {
  const { rows, family, relayIds } = JSON.parse(args.once) as { rows: number; family: Family; relayIds: string };
  process.stdout.write(JSON.stringify(await measure(rows, family, relayIds === "unique" ? 1 : 1000)));
} else {
  const families: Family[] = args.family === undefined ? [4, 6] : [args.family === "6" ? 6 : 4];
  console.log(`${cpus()[0]?.model ?? "?"}, ${cpus().length} cores, Node ${process.version}`);
  for (const family of families) {
    for (const rows of args.rows.split(",").map(Number)) {
      for (const relayIds of ["shared", "unique"]) report(rows, family, relayIds);
    }
  }
}
