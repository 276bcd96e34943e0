/**
 * What recovery costs: `node bench/recovery.ts [--leases 1000000] [--family 4|6] [--repeat 3]`.
 *
 * The answer of our own server to a bulk query by relay-id, read in pieces of 256 KiB by a relay whose table is empty: from
 * octets to bindings in the table. Every lease has a client identifier of 7 octets (v6: a DUID of 10), a hardware address, and
 * option 82 (v6: relay data) with one of 4,000 interfaces, a remote-id of its own and the relay's relay-id. Each repetition
 * is a process of its own. Printed are medians, and lowest to highest; times are processor time of the thread, garbage
 * collection included.
 */
import { execFileSync } from "node:child_process";
import { parseArgs } from "node:util";
import { type BindingInput, BindingTable, type Family } from "@leasewire/bindings";
import {
  createRecovery,
  LeasequeryConnections,
  type RecoveryOutput,
  type RecoveryRelay,
  type ResponderScopes4,
  type ResponderScopes6,
  seededRandom,
  stepRecovery,
  viewBulkRun,
} from "@leasewire/engines";
import { type Ipv4Address, ipv6FromBytes } from "@leasewire/net";

const { values: args } = parseArgs({
  options: {
    leases: { type: "string", default: "1000000" },
    family: { type: "string" },
    repeat: { type: "string", default: "3" },
    once: { type: "string" },
  },
});
const INSTANCE = "default:default";
const NOW = 1_790_000_000_000;
const NOW_SECONDS = NOW / 1000;
const RELAY_ID = Uint8Array.of(0, 3, 0, 1, 9, 9, 9, 9, 9, 9);
const INTERFACES = Array.from({ length: 4000 }, (_, i) => `ge-0/0/${i >>> 10}.${i & 1023}`);
const READ_OCTETS = 256 * 1024;
const encoder = new TextEncoder();

type Figures = Record<string, number>;

function leaseOf(family: Family, i: number): BindingInput {
  const interfaceId = encoder.encode(INTERFACES[i % INTERFACES.length]!);
  const mac = Uint8Array.of(2, 0, 0, i >>> 16, i >>> 8, i);
  const common = {
    instance: INSTANCE,
    state: 2,
    hardwareAddress: mac,
    startTimeOfStateSeconds: NOW_SECONDS - 500,
    clientLastTransactionTimeSeconds: NOW_SECONDS - 100,
    expiresAtSeconds: NOW_SECONDS + 3600,
    relayId: RELAY_ID,
    circuitId: interfaceId,
    dataSource: 0,
    origin: "server",
  } as const;
  if (family === 4) {
    const remoteId = Uint8Array.of(0x72, 0x69, i >>> 24, i >>> 16, i >>> 8, i);
    return {
      ...common,
      address: Uint8Array.of(10, i >>> 16, i >>> 8, i),
      prefixLength: 32,
      kind: "address",
      hardwareType: 1,
      clientId: Uint8Array.of(1, ...mac),
      remoteId,
      relayAgentInformation: Uint8Array.of(
        ...[1, interfaceId.length, ...interfaceId],
        ...[2, remoteId.length, ...remoteId],
        ...[12, RELAY_ID.length, ...RELAY_ID],
      ),
    };
  }
  const address = Uint8Array.of(0x20, 1, 0xd, 0xb8, 0, 1, 0, 0, 0, 0, 0, 0, i >>> 24, i >>> 16, i >>> 8, i);
  const remoteId = Uint8Array.of(0, 0, 0, 9, i >>> 24, i >>> 16, i >>> 8, i);
  const option = (code: number, data: Uint8Array): number[] => [0, code, 0, data.length, ...data];
  const link = [0x20, 1, 0xd, 0xb8, 0, 1, ...new Array<number>(10).fill(0)];
  return {
    ...common,
    address,
    prefixLength: 128,
    kind: "address",
    hardwareType: 0,
    hardwareAddress: undefined,
    clientId: Uint8Array.of(0, 3, 0, 1, ...mac),
    iaid: 1,
    preferredUntilSeconds: NOW_SECONDS + 1800,
    linkAddress: Uint8Array.from(link),
    remoteId,
    relayAgentInformation: Uint8Array.of(
      ...new Array<number>(15).fill(0xfe),
      i,
      ...[12, 0, ...link, ...address],
      ...option(18, interfaceId),
      ...option(37, remoteId),
      ...option(53, RELAY_ID),
    ),
  };
}

/** What the server answers to these octets. */
function* answerOf(family: Family, leases: number, query: Uint8Array): Generator<Uint8Array> {
  const tables = { 4: new BindingTable(4), 6: new BindingTable(6) };
  for (let i = 1; i <= leases; i += 1) {
    const result = tables[family].put(leaseOf(family, i), "bench", NOW_SECONDS);
    if (result.outcome === "refused") throw new Error(result.refusal.message);
  }
  const engine = new LeasequeryConnections({ tables, durable: () => Number.MAX_SAFE_INTEGER });
  const bulk = {
    connectionsMax: 10,
    emptyRepliesMax: 100,
    timeoutSeconds: 120,
    restrictedRequestor: false,
    queriesParallelMax: 4,
  };
  const link = ipv6FromBytes(Uint8Array.of(0x20, 1, 0xd, 0xb8, 0, 1, ...new Array<number>(10).fill(0)));
  const servers4: ResponderScopes4[] = [
    {
      instance: INSTANCE,
      bulk,
      serverIdentifier: 1 as Ipv4Address,
      managed: [{ address: 0 as Ipv4Address, length: 0 }],
    },
  ];
  const servers6: ResponderScopes6[] = [
    {
      instance: INSTANCE,
      bulk,
      serverDuid: Uint8Array.of(0, 3, 1),
      links: [{ linkAddress: link, prefixes: [{ address: link, length: 48 }] }],
    },
  ];
  engine.configure({ servers4, servers6, tcpConnectionsAcceptedMax: 10 }, NOW);
  const accepted = engine.accept(
    { family, instance: INSTANCE, peerAddress: "192.0.2.9", peerPort: 1, localAddress: "192.0.2.1", localPort: 67 },
    NOW,
  );
  if (!accepted.accepted) throw new Error(accepted.reason);
  engine.receive(accepted.id, query, NOW);
  while (engine.next(accepted.id) === "fill") {
    const buffer = new Uint8Array(READ_OCTETS);
    const octets = engine.fill(accepted.id, buffer, NOW);
    engine.sent(accepted.id, octets, NOW);
    if (octets > 0) yield buffer.subarray(0, octets);
  }
}

function once(family: Family, leases: number): Figures {
  const tables = { 4: new BindingTable(4), 6: new BindingTable(6) };
  const state = createRecovery({ tables, random: seededRandom(1) });
  const server = family === 4 ? "192.0.2.1" : "2001:db8::1";
  const relay = {
    instance: INSTANCE,
    family,
    servers: [{ address: server, port: 67, group: null }],
    relayId: RELAY_ID,
    bulk: { attempts: 1, timeoutSeconds: 10, triggerAutomatic: false },
    interfaces: INTERFACES,
    replyRetriesMax: 3,
    replyRetrySeconds: 5,
  } as const;
  const { id, out } = begin(state, relay, family);
  const query = out.writes[0]!.bytes;
  const answer = [...answerOf(family, leases, query)];
  // Read twice: once to an empty table, then again, when every lease is known.
  const figures: Figures = {
    "leases told": leases,
    "octets of the answer": answer.reduce((sum, { length }) => sum + length, 0),
  };
  const buffer = new Uint8Array(READ_OCTETS);
  const read = (): number => {
    globalThis.gc?.();
    const before = process.threadCpuUsage();
    for (const bytes of answer) {
      // As a socket does: the same buffer again and again.
      buffer.set(bytes);
      stepRecovery(
        state,
        { kind: "received", connection: state.linkLast, bytes: buffer.subarray(0, bytes.length) },
        NOW,
      );
    }
    const { user, system } = process.threadCpuUsage(before);
    return (user + system) / 1e6;
  };
  const seconds = read();
  const told = viewBulkRun(state.runs.get(id)!, NOW);
  if (told.state !== "complete" || told.applied !== leases) throw new Error(JSON.stringify(told.servers));
  figures["s, to an empty table"] = seconds;
  figures["leases/s, to an empty table"] = leases / seconds;
  const again = begin(state, relay, family, false);
  // The same transaction id: the answer is the same octets.
  for (const link of state.links.values()) link.xid = xidOf(family, query);
  const secondsAgain = read();
  const second = viewBulkRun(state.runs.get(again.id)!, NOW);
  if (second.state !== "complete" || second.unchanged !== leases) throw new Error(JSON.stringify(second.servers));
  figures["s, all known already"] = secondsAgain;
  figures["leases/s, all known already"] = leases / secondsAgain;
  return figures;
}

function xidOf(family: Family, query: Uint8Array): number {
  const at = family === 4 ? 6 : 3;
  let xid = 0;
  for (let i = 0; i < (family === 4 ? 4 : 3); i += 1) xid = xid * 256 + query[at + i]!;
  return xid;
}

let runs = 0;

function begin(
  state: ReturnType<typeof createRecovery>,
  relay: RecoveryRelay,
  family: Family,
  configure = true,
): { id: string; out: RecoveryOutput } {
  if (configure) stepRecovery(state, { kind: "configuration", relays: [relay], requestedConnectionsMax: 3 }, NOW);
  runs += 1;
  const id = `run-${runs}`;
  stepRecovery(
    state,
    {
      kind: "start-run",
      request: { id, family, key: { kind: "relay-id" }, startedBy: "bench", command: "", cause: "operator" },
    },
    NOW,
  );
  return { id, out: stepRecovery(state, { kind: "connected", connection: state.linkLast, secure: false }, NOW) };
}

function format(value: number): string {
  return value >= 1000 ? Math.round(value).toLocaleString("en") : value.toFixed(value < 10 ? 2 : 0);
}

if (args.once !== undefined) {
  const { family, leases } = JSON.parse(args.once) as { family: Family; leases: number };
  console.log(JSON.stringify(once(family, leases)));
} else {
  for (const family of args.family === undefined ? [4, 6] : [Number(args.family)]) {
    const all: Figures[] = [];
    for (let i = 0; i < Number(args.repeat); i += 1) {
      const output = execFileSync(
        process.execPath,
        ["--expose-gc", import.meta.filename, "--once", JSON.stringify({ family, leases: Number(args.leases) })],
        { encoding: "utf8" },
      );
      all.push(JSON.parse(output) as Figures);
    }
    console.log(`\nDHCPv${family}, ${all.length} runs`);
    for (const name of Object.keys(all[0]!)) {
      const sorted = all.map((figures) => figures[name]!).sort((a, b) => a - b);
      const text = [sorted[Math.floor(sorted.length / 2)]!, sorted[0]!, sorted.at(-1)!].map(format);
      console.log(`  ${name.padEnd(40)} ${text[0]!.padStart(14)}   ${text[1]} – ${text[2]}`);
    }
  }
}
