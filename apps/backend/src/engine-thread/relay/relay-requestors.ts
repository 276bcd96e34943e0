import type {
  Answer,
  Family,
  InstanceSelector,
  LeasequeryRun,
  LeasequeryRunDetail,
  LeasequeryStartInput,
  LeasequeryTargets,
  Refusal,
  RelayLeasequeryStatistics,
  RelayStatistics,
} from "@leasewire/api";
import { type BindingInput, type BindingTable, parseBindingId } from "@leasewire/bindings";
import { type ConfigTree, EMPTY_TREE, relayConfigurations } from "@leasewire/config";
import {
  allCounters,
  type BindingReader,
  createRequestor,
  leasequeryStatistics,
  nextDeadlineMs,
  type RandomSource,
  type RequestorInput,
  type RequestorLimits,
  type RequestorOutput,
  type RequestorRefusal,
  type RequestorState,
  relayStatistics,
  step,
} from "@leasewire/engines";
import type { InstanceName } from "@leasewire/net";
import type { openUdp } from "@leasewire/transport";
import { DeadlineTimer } from "../deadline-timer.ts";
import type { Prepared } from "../prepared.ts";
import type { RelayAgents } from "./agents.ts";
import { sharesSocket } from "./places.ts";
import { leasequeryTargets, requestorRelays } from "./relays.ts";
import { Restoring } from "./restoring.ts";
import { RunBook } from "./run-book.ts";
import { readRunRequest } from "./run-request.ts";
import { Sockets } from "./sockets.ts";

export interface RelayRequestorsParts {
  readonly node: string;
  readonly tables: Readonly<Record<Family, BindingTable>>;
  readonly random: RandomSource;
  readonly now: () => number;
  readonly durableSequence: (family: Family) => number;
  readonly writeRun: (run: LeasequeryRunDetail) => Promise<void>;
  readonly onRun: (run: LeasequeryRun) => void;
  /** The tables may have changed: whoever follows them has work. */
  readonly onChanged: () => void;
  readonly onFault: (error: Error) => void;
  /** The relay agents of the node, which hold the sockets of those relays that pass messages on. */
  readonly agents: () => RelayAgents | null;
  readonly limits?: Partial<RequestorLimits> | undefined;
  readonly open?: typeof openUdp | undefined;
}

/** The relays of this node as they ask servers: their engine, sockets and runs. */
export class RelayRequestors {
  readonly #parts: RelayRequestorsParts;
  readonly #state: RequestorState;
  readonly #sockets: Sockets;
  readonly #runs: RunBook;
  readonly #deadline: DeadlineTimer;
  readonly #restoring: Restoring;
  #tree: ConfigTree = EMPTY_TREE;

  constructor(parts: RelayRequestorsParts) {
    this.#parts = parts;
    this.#state = createRequestor({ random: parts.random, bindings: readerOf(parts.tables), limits: parts.limits });
    this.#deadline = new DeadlineTimer(
      parts.now,
      () => nextDeadlineMs(this.#state),
      () => this.#step({ kind: "deadline" }),
    );
    this.#restoring = new Restoring((...told) => parts.agents()?.restoring(...told));
    this.#runs = new RunBook({
      state: this.#state,
      durableSequence: parts.durableSequence,
      sequenceOf: (id) => this.#sequenceOf(id),
      writeRun: parts.writeRun,
      emit: parts.onRun,
    });
    this.#sockets = new Sockets(
      {
        onDatagram: (family, instance, sourceAddress, sourcePort, bytes) =>
          this.#step({ kind: "datagram", family, instance, sourceAddress, sourcePort, bytes }),
        onSendFailed: (xid, reason) => this.#step({ kind: "send-failed", xid, reason }),
        onFault: parts.onFault,
      },
      parts.open,
    );
  }

  /** An answer that came to the socket of a relay agent. */
  received(family: Family, instance: InstanceName, sourceAddress: string, sourcePort: number, bytes: Uint8Array): void {
    this.#step({ kind: "datagram", family, instance, sourceAddress, sourcePort, bytes });
  }

  sendFailed(xid: number, reason: string): void {
    this.#step({ kind: "send-failed", xid, reason });
  }

  /** Nothing waits for a moment: the clock may be set. */
  get isIdle(): boolean {
    return nextDeadlineMs(this.#state) === null;
  }

  async prepare(tree: ConfigTree): Promise<Prepared> {
    const asking = relayConfigurations(tree).filter((relay) => relay.leasequery !== undefined);
    const sockets = await this.#sockets.prepare(asking.filter((relay) => !sharesSocket(relay)));
    return {
      findings: sockets.findings,
      apply: async () => {
        this.#tree = tree;
        const applied = sockets.apply();
        this.#step({ kind: "configuration", relays: requestorRelays(tree, this.#parts.node) });
        await applied;
      },
      discard: sockets.discard,
    };
  }

  targets(): Omit<LeasequeryTargets, "examples"> {
    return leasequeryTargets(this.#tree, this.#parts.node);
  }

  startRun(id: string, input: LeasequeryStartInput, startedBy: string): Answer<LeasequeryRun> {
    const read = readRunRequest(id, input, startedBy);
    if (!read.ok) return read;
    return this.#answer(id, this.#step({ kind: "start-run", request: read.request }));
  }

  cancelRun(id: string): Answer<LeasequeryRun> {
    return this.#answer(id, this.#step({ kind: "cancel-run", id }));
  }

  run(id: string): LeasequeryRunDetail | null {
    return this.#runs.detail(id);
  }

  runs(): readonly LeasequeryRun[] {
    return this.#runs.runs();
  }

  /** Stores the runs whose changes are stored. Rejects when the database refuses. */
  writeFinished(): Promise<void> {
    return this.#runs.writeFinished();
  }

  statistics(family: Family, instance: InstanceSelector): Omit<RelayStatistics, "family" | "forwarded"> {
    return relayStatistics(this.#state, family, instance, this.#parts.now());
  }

  leasequeryStatistics(family: Family, instance: InstanceSelector): RelayLeasequeryStatistics {
    return { family, ...leasequeryStatistics(this.#state, family, instance, this.#parts.now()) };
  }

  clearStatistics(family: Family, instance: InstanceSelector, what: "leasequery" | undefined): void {
    this.#step({ kind: "clear-statistics", family, ...instance, what });
  }

  metrics(add: (name: string, value: number, labels?: Record<string, string>) => void): void {
    for (const { family, instance, group, name, value } of allCounters(this.#state)) {
      const labels = { family: String(family), instance };
      if (group === "leasequery") add(`relay_leasequery_${snake(name)}`, value, labels);
      else add(`relay_${group}_total`, value, { ...labels, [groupLabel[group]]: name });
    }
    add("relay_leasequery_in_flight", this.#state.queries.size);
    add("relay_replies_waiting", this.#state.waiting.length);
    add("relay_sockets", this.#sockets.size);
  }

  /** Cancels what runs and closes the sockets; runs that are not stored yet still can be. */
  async quiesce(): Promise<void> {
    for (const run of [...this.#state.runs.values()]) {
      if (run.state === "running") this.#step({ kind: "cancel-run", id: run.id });
    }
    this.#deadline.stop();
    await this.#sockets.close();
  }

  close(): void {
    this.#runs.close();
  }

  /** Runs the engine and carries out what it decided: changes first, since sends may promise them. */
  #step(input: RequestorInput): RequestorOutput {
    const now = this.#parts.now();
    const output = step(this.#state, input, now);
    for (const id of output.runs) this.#runs.changed(id);
    const refused: Extract<RequestorInput, { kind: "change-refused" }>[] = [];
    for (const { family, binding, bindingId, cause, runId } of output.changes) {
      const result = this.#parts.tables[family].put(binding, cause, Math.floor(now / 1000));
      if (result.outcome !== "refused") continue;
      refused.push({ kind: "change-refused", runId, bindingId, message: result.refusal.message });
    }
    for (const id of output.runs) this.#runs.applied(id);
    for (const { family, instance, address, port, bytes, xid } of output.sends) {
      if (this.#sockets.send(family, instance, address, port, bytes, xid)) continue;
      if (this.#parts.agents()?.sendQuery(family, instance, address, port, bytes, xid) === true) continue;
      setImmediate(() => this.#step({ kind: "send-failed", xid, reason: "the relay has no socket" }));
    }
    this.#restoring.follow(
      this.#state.waiting.flatMap(({ query, leases }) =>
        leases.map((binding) => ({ family: query.server.relay.family, binding })),
      ),
    );
    for (const refusal of refused) this.#step(refusal);
    this.#parts.onChanged();
    this.#deadline.schedule();
    return output;
  }

  #answer(id: string, { refusal }: RequestorOutput): Answer<LeasequeryRun> {
    if (refusal !== null) return { ok: false, refusal: refusalOf(refusal) };
    const run = this.#runs.run(id);
    if (run !== null) return { ok: true, value: run };
    return { ok: false, refusal: { code: "NOT_FOUND", message: `There is no leasequery run ${id} any more.` } };
  }

  #sequenceOf(id: string): number {
    const parsed = parseBindingId(id);
    if (!parsed.ok) return 0;
    const { family, instance, address, prefixLength } = parsed.value;
    const table = this.#parts.tables[family];
    const row = table.byPrefix(instance, address, prefixLength);
    return row > 0 ? table.sequenceOf(row) : 0;
  }
}

const groupLabel = { drops: "reason", notes: "note", received: "message", sent: "message" } as const;

function readerOf(tables: Readonly<Record<Family, BindingTable>>): BindingReader {
  return {
    binding: (family, instance, address, prefixLength) =>
      tables[family].at(tables[family].byPrefix(instance, address, prefixLength)),
    *bindingsOfClient(family: Family, instance: InstanceName, clientId: Uint8Array): Generator<BindingInput> {
      const table = tables[family];
      for (const row of table.byClientId(instance, clientId)) {
        const binding = table.at(row);
        if (binding !== undefined) yield binding;
      }
    },
  };
}

function refusalOf({ code, message, field }: RequestorRefusal): Refusal {
  const codes = {
    limit: "UNAVAILABLE",
    "no-relay": "CONFLICT",
    "no-server": "CONFLICT",
    "server-unknown": "BAD_REQUEST",
    "group-unknown": "BAD_REQUEST",
    "run-unknown": "NOT_FOUND",
    "run-finished": "CONFLICT",
  } as const;
  return { code: codes[code], message, field };
}

function snake(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
