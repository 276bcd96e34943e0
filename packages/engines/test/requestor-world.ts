import { type Binding, type BindingInput, BindingTable } from "@leasewire/bindings";
import { type InstanceName, ipv4ToBytes, parseDuid, parseIpv4, parseIpv6, type Result } from "@leasewire/net";
import {
  type ClientData6,
  decodeMessage4,
  decodeMessage6,
  encodeRelayAgentInformation,
  encodeRelayMessage6,
  type LeaseReply4,
  type LeaseReply6,
  leaseReply4,
  leaseReply6,
  Message6,
  MessageType4,
  MessageType6,
  OptionCode6,
  readLeasequery4,
  readLeasequery6,
} from "@leasewire/wire";
import {
  createRequestor,
  nextDeadlineMs,
  type RequestorInput,
  type RequestorLimits,
  type RequestorOutput,
  type RequestorRelay,
  type RequestorSend,
  type RunKey,
  type RunView,
  seededRandom,
  step,
  viewRun,
} from "../src/index.ts";

/** 2026-01-01 00:00 UTC: where virtual time begins, ms. */
export const startMs = 1_767_225_600_000;
export const startSeconds = startMs / 1000;
export const instance: InstanceName = "default:default";

export const ip4 = (text: string) => must(parseIpv4(text));
export const ip6 = (text: string) => must(parseIpv6(text));
export const duid = (text: string) => must(parseDuid(text));
export const text = (value: string) => new TextEncoder().encode(value);

export const gateway = ip4("192.0.2.1");
export const relayDuid = duid("00:03:00:01:02:00:00:00:aa:aa");
export const serverDuid = duid("00:03:00:01:02:00:00:00:bb:bb");
export const clientDuid = duid("00:03:00:01:02:00:00:00:00:11");

export function relay4(changes: Partial<RequestorRelay> = {}): RequestorRelay {
  return {
    instance,
    family: 4,
    attempts: 3,
    timeoutSeconds: 4,
    servers: [{ address: "198.51.100.1", port: 67, group: "isp" }],
    interfaces: [],
    replyRetriesMax: 5,
    replyRetrySeconds: 10,
    ...changes,
  };
}

export function relay6(changes: Partial<RequestorRelay> = {}): RequestorRelay {
  return relay4({
    family: 6,
    servers: [{ address: "2001:db8:ffff::1", port: 547, group: "isp" }],
    duid: relayDuid,
    ...changes,
  });
}

export const byAddress4 = (address = "10.0.0.11"): RunKey => ({
  family: 4,
  kind: "address",
  address: ip4(address),
  gatewayAddress: gateway,
});
export const byMac = (): RunKey => ({
  family: 4,
  kind: "mac",
  hardwareType: 1,
  hardwareAddress: Uint8Array.of(2, 0, 0, 0, 0, 0x11),
  gatewayAddress: gateway,
});
export const byClientId4 = (): RunKey => ({
  family: 4,
  kind: "client-id",
  clientId: Uint8Array.of(1, 2, 0, 0, 0, 0, 0x11),
  gatewayAddress: gateway,
});
export const byAddress6 = (address = "2001:db8:1::111", link?: string): RunKey => ({
  family: 6,
  kind: "address",
  address: ip6(address),
  linkAddress: link === undefined ? undefined : ip6(link),
});
export const byDuid = (link?: string): RunKey => ({
  family: 6,
  kind: "client-id",
  duid: clientDuid,
  linkAddress: link === undefined ? undefined : ip6(link),
});

/** A requestor with real tables, in virtual time. */
export class World {
  now = startMs;
  readonly tables = { 4: new BindingTable(4), 6: new BindingTable(6) };
  readonly sent: (RequestorSend & { readonly atMs: number })[] = [];
  readonly notes: string[] = [];
  readonly state;
  refuseChanges: string | null = null;
  #runs = 0;

  constructor(relays: readonly RequestorRelay[], limits: Partial<RequestorLimits> = {}, seed = 1) {
    const { tables } = this;
    this.state = createRequestor({
      random: seededRandom(seed),
      limits,
      bindings: {
        binding: (family, name, address, length) => tables[family].at(tables[family].byPrefix(name, address, length)),
        *bindingsOfClient(family: 4 | 6, name: InstanceName, clientId: Uint8Array): Generator<BindingInput> {
          for (const row of tables[family].byClientId(name, clientId)) {
            const binding = tables[family].at(row);
            if (binding !== undefined) yield binding;
          }
        },
      },
    });
    this.input({ kind: "configuration", relays });
  }

  input(input: RequestorInput): RequestorOutput {
    const output = step(this.state, input, this.now);
    for (const note of output.notes) this.notes.push(`${note.kind}: ${note.name}`);
    this.sent.push(...output.sends.map((send) => ({ ...send, atMs: this.now })));
    for (const { family, binding, cause, runId, bindingId } of output.changes) {
      const result =
        this.refuseChanges === null
          ? this.tables[family].put(binding, cause, Math.floor(this.now / 1000))
          : { outcome: "refused" as const, refusal: { message: this.refuseChanges } };
      if (result.outcome !== "refused") continue;
      this.input({ kind: "change-refused", runId, bindingId, message: result.refusal.message });
    }
    return output;
  }

  start(key: RunKey, tail: Partial<Extract<RequestorInput, { kind: "start-run" }>["request"]> = {}): string {
    const output = this.tryStart(key, tail);
    if (output.refusal !== null) throw new Error(output.refusal.message);
    return `run-${this.#runs}`;
  }

  tryStart(key: RunKey, tail: Partial<Extract<RequestorInput, { kind: "start-run" }>["request"]> = {}) {
    this.#runs += 1;
    const request = { id: `run-${this.#runs}`, key, startedBy: "tester", command: "request …", ...tail };
    return this.input({ kind: "start-run", request });
  }

  run(id = `run-${this.#runs}`): RunView {
    const run = this.state.runs.get(id);
    if (run === undefined) throw new Error(`no run ${id}`);
    return viewRun(run);
  }

  /** The last query sent to a server. */
  query(address?: string): RequestorSend {
    const query = this.sent.findLast((send) => address === undefined || send.address === address);
    if (query === undefined) throw new Error("nothing was sent");
    return query;
  }

  /** A datagram, from the server the query went to unless said otherwise. */
  receive(bytes: Uint8Array, query = this.query(), changes: { address?: string; port?: number } = {}): RequestorOutput {
    return this.input({
      kind: "datagram",
      family: query.family,
      instance: query.instance,
      sourceAddress: changes.address ?? query.address,
      sourcePort: changes.port ?? query.port,
      bytes,
    });
  }

  /** Lets time pass, doing what falls due. */
  pass(ms: number): void {
    const end = this.now + ms;
    for (let next = nextDeadlineMs(this.state); next !== null && next <= end; next = nextDeadlineMs(this.state)) {
      this.now = Math.max(this.now, next);
      this.input({ kind: "deadline" });
    }
    this.now = end;
  }

  binding4(address = "10.0.0.11"): Binding | undefined {
    return this.tables[4].at(this.tables[4].byPrefix(instance, ipv4ToBytes(ip4(address)), 32));
  }

  binding6(address = "2001:db8:1::111", length = 128): Binding | undefined {
    return this.tables[6].at(this.tables[6].byPrefix(instance, ip6(address), length));
  }

  /** Counters of drops by name, both families together. */
  drops(): Record<string, number> {
    const drops: Record<string, number> = {};
    for (const counters of this.state.counters.values()) {
      for (const [name, value] of counters.drops) drops[name] = (drops[name] ?? 0) + value;
    }
    return drops;
  }
}

/** Option 82 with a circuit-id and a remote-id. */
export function option82(circuitId: string | null = "ge-0/0/1.0"): Uint8Array {
  const remoteId = { code: 2, data: text("subscriber-11") };
  return encodeRelayAgentInformation(circuitId === null ? [remoteId] : [{ code: 1, data: text(circuitId) }, remoteId]);
}

/** A server's answer to a DHCPv4 query: ACTIVE for 10.0.0.11 unless changed. */
export function answer4(query: RequestorSend, changes: Partial<LeaseReply4> = {}): Uint8Array {
  const asked = must(readLeasequery4(must(decodeMessage4(query.bytes))));
  const active = (changes.messageType ?? MessageType4.DHCPLEASEACTIVE) === MessageType4.DHCPLEASEACTIVE;
  return leaseReply4({
    messageType: MessageType4.DHCPLEASEACTIVE,
    xid: asked.xid,
    giaddr: asked.giaddr,
    ciaddr: asked.query.kind === "address" ? asked.query.address : ip4("10.0.0.11"),
    serverIdentifier: ip4("198.51.100.1"),
    ...(active
      ? {
          htype: 1,
          chaddr: Uint8Array.of(2, 0, 0, 0, 0, 0x11),
          leaseTimeSeconds: 3000,
          clientLastTransactionTimeSeconds: 600,
          clientIdentifier: Uint8Array.of(1, 2, 0, 0, 0, 0, 0x11),
          relayAgentInformation: option82(),
        }
      : {}),
    ...changes,
  });
}

export const unassigned = { messageType: MessageType4.DHCPLEASEUNASSIGNED } as const;
export const unknown = { messageType: MessageType4.DHCPLEASEUNKNOWN } as const;

/** LQ_RELAY_DATA content of one relay. */
export function relayData6(
  parts: { interfaceId?: string | null; hopCount?: number; link?: string } = {},
): NonNullable<ClientData6["relayData"]> {
  const { interfaceId = "ge-0/0/1.0", hopCount = 0, link = "2001:db8:1::1" } = parts;
  return {
    peerAddress: ip6("2001:db8:99::1"),
    message: encodeRelayMessage6({
      messageType: MessageType6["RELAY-FORW"],
      hopCount,
      linkAddress: ip6(link),
      peerAddress: ip6("fe80::11"),
      options: interfaceId === null ? [] : [{ code: OptionCode6.INTERFACE_ID, data: text(interfaceId) }],
    }),
  };
}

export function lease6(address = "2001:db8:1::111", valid = 7200) {
  return {
    address: ip6(address),
    preferredLifetimeSeconds: Math.min(valid, 3600),
    validLifetimeSeconds: valid,
    options: [],
  };
}

export function prefix6(prefix: string, prefixLength: number, valid = 7200) {
  return {
    prefix: ip6(prefix),
    prefixLength,
    preferredLifetimeSeconds: Math.min(valid, 3600),
    validLifetimeSeconds: valid,
    options: [],
  };
}

export function data6(changes: Partial<ClientData6> = {}): ClientData6 {
  return {
    clientDuid,
    addresses: [lease6()],
    prefixes: [],
    cltTimeSeconds: 600,
    relayData: relayData6(),
    options: [],
    ...changes,
  };
}

/** A server's answer to a DHCPv6 query: client data for 2001:db8:1::111 unless changed. */
export function answer6(query: RequestorSend, changes: Partial<LeaseReply6> = {}): Uint8Array {
  return leaseReply6({
    messageType: MessageType6["LEASEQUERY-REPLY"],
    transactionId: query.xid,
    serverDuid,
    clientDuid: relayDuid,
    clientData: data6(),
    ...changes,
  });
}

/** What a query says, read by the codec: the other side's view. */
export function asked6(query: RequestorSend) {
  const message = must(decodeMessage6(query.bytes));
  if (!(message instanceof Message6)) throw new Error("a relay message");
  return must(readLeasequery6(message));
}

export function asked4(query: RequestorSend) {
  return must(readLeasequery4(must(decodeMessage4(query.bytes))));
}

export function must<T>(result: Result<T, { readonly message: string }>): T {
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}
