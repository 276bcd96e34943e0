import type {
  Answer,
  BulkStartInput,
  Family,
  InstanceSelector,
  RecoveryGroup,
  Refusal,
  RelayBulkConnections,
  StreamRestartInput,
  StreamView,
} from "@leasewire/api";
import { recoveryEventPeriodMs } from "@leasewire/api";
import type { BindingTable } from "@leasewire/bindings";
import type { ConfigTree, Finding } from "@leasewire/config";
import {
  allRecoveryCounters,
  type BaseTime,
  bulkConnectionStatistics,
  createRecovery,
  type BulkRun as EngineBulkRun,
  nextRecoveryDeadlineMs,
  type RandomSource,
  type RecoveryConnect,
  type RecoveryInput,
  type RecoveryLimits,
  type RecoveryOutput,
  type RecoveryRefusal,
  type RecoveryState,
  stepRecovery,
  viewBulkRun,
  viewStream,
} from "@leasewire/engines";
import { type InstanceName, instanceParts } from "@leasewire/net";
import { connectLeasequery, type LeasequeryConnection } from "@leasewire/transport";
import { canonicalAddress } from "../canonical-address.ts";
import { DeadlineTimer } from "../deadline-timer.ts";
import { instancesMatching } from "../instances.ts";
import { engineThreadLimits } from "../limits.ts";
import type { FinishedBulkRun, RunningBulkRun, StreamEventTold } from "../messages.ts";
import type { Prepared } from "../prepared.ts";
import { type BulkStart, readBulkRequest } from "./bulk-request.ts";
import { type RecoveryRelays, recoveryRelays, relayKey } from "./recovery-relays.ts";
import type { TellRestoring } from "./restoring.ts";

export interface RecoveryParts {
  readonly node: string;
  readonly tables: Readonly<Record<Family, BindingTable>>;
  readonly random: RandomSource;
  readonly now: () => number;
  /** Changes that wait for the database. */
  readonly behind: () => number;
  readonly durableSequence: (family: Family) => number;
  /** The tables may have changed: whoever follows them has work. */
  readonly onChanged: () => void;
  readonly onRun: (run: RunningBulkRun) => void;
  /** It is finished and all that it brought is stored: the run itself can be. */
  readonly onFinished: (run: FinishedBulkRun) => void;
  readonly onStream: (stream: StreamView) => void;
  readonly onStreamEvents: (events: readonly StreamEventTold[]) => void;
  /** All that was told before these times is stored. */
  readonly onBaseTimes: (baseTimes: readonly BaseTime[]) => void;
  /** A binding has been told and waits for its interface, or that is over. */
  readonly onRestoring: TellRestoring;
  readonly onFault: (error: Error) => void;
  /** Absent: `recoveryBehindMax`. */
  readonly behindMax?: number | undefined;
  readonly limits?: Partial<RecoveryLimits> | undefined;
}

interface Held {
  readonly connection: LeasequeryConnection;
  /** The engine wants nothing read; apart from that the writer may be too far behind. */
  paused: boolean;
}

interface Told {
  state: string;
  atMs: number;
}

/**
 * Bulk runs and active streams of the relays: their engine, connections, and what is told of them.
 *
 * Invariants:
 *   - What is received is in the tables when the step returns; nothing is read while the writer is more than
 *     `recoveryBehindMax` changes behind, so that a server cannot fill our memory.
 *   - A run is told as finished once, when all it brought is durable.
 *   - Events of one run or stream are `recoveryEventPeriodMs` apart, unless its state changed.
 */
export class Recovery {
  readonly #parts: RecoveryParts;
  readonly #state: RecoveryState;
  readonly #connections = new Map<number, Held>();
  readonly #deadline: DeadlineTimer;
  #relays: RecoveryRelays = { relays: [], tls: new Map(), timeouts: new Map(), requestedConnectionsMax: 1 };
  #held = false;
  #anew = 0;
  readonly #runsTold = new Map<string, Told>();
  readonly #runsDirty = new Set<string>();
  /** Finished and not told so yet. */
  readonly #runsFinishing = new Set<string>();
  /** When the run that was told as finished did so: one that is retried finishes again. */
  readonly #finishedTold = new Map<string, number>();
  readonly #streamsTold = new Map<string, Told>();
  readonly #streamsDirty = new Set<string>();
  /** Last event of each stream that was told. */
  readonly #eventsTold = new Map<string, object>();
  readonly #baseTimes = new Map<string, BaseTime>();
  #tellTimer: NodeJS.Timeout | null = null;
  #baseTimesTimer: NodeJS.Timeout | null = null;
  /** Times reading stopped because the database was behind. */
  slowed = 0;

  constructor(parts: RecoveryParts) {
    this.#parts = parts;
    this.#state = createRecovery({ tables: parts.tables, random: parts.random, limits: parts.limits });
    this.#deadline = new DeadlineTimer(
      parts.now,
      () => nextRecoveryDeadlineMs(this.#state),
      () => this.#step({ kind: "deadline" }),
    );
  }

  /** Nothing waits for a moment: the clock may be set. */
  get isIdle(): boolean {
    return nextRecoveryDeadlineMs(this.#state) === null;
  }

  async prepare(tree: ConfigTree): Promise<Prepared> {
    const findings: Finding[] = [];
    const relays = recoveryRelays(tree, this.#parts.node, findings);
    return {
      findings,
      apply: async () => {
        this.#relays = relays;
        const { requestedConnectionsMax } = relays;
        this.#step({ kind: "configuration", relays: relays.relays, requestedConnectionsMax });
      },
      discard: async () => {},
    };
  }

  /** The bindings are restored and the configuration is in force: what begins by itself begins. Once. */
  begin(baseTimes: readonly BaseTime[]): void {
    const bound = (family: Family, instance: InstanceName) =>
      this.#parts.tables[family].counts(instance)[activeState] ?? 0;
    this.#step({ kind: "restored", bound, baseTimes });
  }

  start(input: BulkStartInput, start: BulkStart): Answer<RunningBulkRun> {
    const read = readBulkRequest(input, start);
    if (!read.ok) return read;
    return this.#answer(start.id, this.#step({ kind: "start-run", request: read.request }));
  }

  command(kind: "cancel" | "pause" | "resume" | "retry", id: string): Answer<RunningBulkRun> {
    return this.#answer(id, this.#step({ kind: `${kind}-run`, id }));
  }

  run(id: string): RunningBulkRun | null {
    const run = this.#state.runs.get(id);
    return run === undefined ? null : shown(viewBulkRun(run, this.#parts.now()));
  }

  groups(id: string): readonly RecoveryGroup[] | null {
    const run = this.#state.runs.get(id);
    return run === undefined ? null : viewBulkRun(run, this.#parts.now()).groups;
  }

  /** Newest first. */
  runs(): readonly RunningBulkRun[] {
    return [...this.#state.runs.keys()].reverse().flatMap((id) => this.run(id) ?? []);
  }

  streams(): readonly StreamView[] {
    return [...this.#state.streams.keys()].flatMap((key) => this.#streamView(key) ?? []);
  }

  restartStreams({
    family,
    peerAddress,
    resync,
    ...selector
  }: StreamRestartInput): Answer<{ readonly restarted: number }> {
    const server = canonicalAddress(family, peerAddress);
    if (server === undefined) {
      return refuse("BAD_REQUEST", `${JSON.stringify(peerAddress)} is not an IPv${family} address.`, "peerAddress");
    }
    const instances = instancesMatching(
      [...this.#state.streams.values()].map(({ relay }) => relay.instance),
      selector,
    );
    const meant = [...this.#state.streams.values()].filter(
      (stream) =>
        stream.relay.family === family && stream.address === server && instances.includes(stream.relay.instance),
    );
    if (meant.length === 0) {
      return refuse(
        "NOT_FOUND",
        `No relay keeps an active leasequery to ${server}: it needs "active-leasequery" and the server in a server-group.`,
        "peerAddress",
      );
    }
    for (const { relay } of meant) {
      this.#step({ kind: "restart-stream", family, instance: relay.instance, server, resync });
    }
    return { ok: true, value: { restarted: meant.length } };
  }

  /** A relay has lost all it knew: it asks for everything again, and its streams begin anew. */
  beginAnew(instance: InstanceName, startedBy: string, forgotten: Readonly<Record<Family, number>>): void {
    const { logicalSystem = "default", routingInstance = "default" } = instanceParts(instance);
    for (const { family } of this.#relays.relays.filter((relay) => relay.instance === instance)) {
      this.#anew += 1;
      const id = `anew-${Math.floor(this.#parts.now()).toString(36)}-${this.#anew}`;
      const input = { family, key: { kind: "relay-id" as const }, logicalSystem, routingInstance };
      this.start(input, { id, startedBy, cause: "automatic", expected: forgotten[family] });
    }
    for (const { family } of this.#relays.relays.filter((relay) => relay.instance === instance)) {
      this.#step({ kind: "bindings-lost", family, instance });
    }
  }

  /** Everything of the family up to that sequence is stored. */
  durable(family: Family, sequence: number): void {
    this.#step({ kind: "durable", family, sequence });
    this.#tellFinished();
    this.#heedWriter();
  }

  bulkConnections(family: Family, selector: InstanceSelector): RelayBulkConnections {
    return { family, ...bulkConnectionStatistics(this.#state, family, selector, this.#parts.now()) };
  }

  clearStatistics(family: Family, selector: InstanceSelector, server: string | undefined): void {
    this.#step({ kind: "clear-statistics", family, ...selector, server });
  }

  metrics(add: (name: string, value: number, labels?: Record<string, string>) => void): void {
    for (const { family, instance, group, name, value } of allRecoveryCounters(this.#state)) {
      const label = { drops: "reason", notes: "note", received: "message", sent: "message" }[group];
      add(`recovery_${group}_total`, value, { family: String(family), instance, [label]: name });
    }
    for (const stream of this.streams()) {
      const labels = { family: String(stream.family), instance: stream.instance, server: stream.server };
      add("stream_active", stream.phase === "Active" ? 1 : 0, labels);
      add("stream_received_total", stream.received, labels);
      add("stream_reconnects_total", stream.reconnects, labels);
      add("stream_open_gaps", stream.gaps.filter(({ healedAtMs }) => healedAtMs === null).length, labels);
      if (stream.lagSeconds !== null) add("stream_lag_seconds", stream.lagSeconds, labels);
    }
    add("recovery_connections", this.#connections.size);
    add("recovery_runs", this.#state.runs.size);
    add("recovery_slowed_total", this.slowed);
    add("recovery_slowed", this.#held ? 1 : 0);
  }

  /** Cancels what runs and closes the connections; what is not told yet is told. */
  close(): void {
    for (const [id, run] of this.#state.runs) {
      if (run.finishedAtMs === null) this.#step({ kind: "cancel-run", id });
    }
    this.#deadline.stop();
    for (const { connection } of this.#connections.values()) connection.close();
    this.#connections.clear();
    if (this.#tellTimer !== null) clearTimeout(this.#tellTimer);
    this.#tellTimer = null;
    this.#tell(true);
    if (this.#baseTimesTimer !== null) clearTimeout(this.#baseTimesTimer);
    this.#baseTimesTimer = null;
    this.#tellBaseTimes();
  }

  /** Runs the engine and carries out what it decided. What it learnt is in the tables already. */
  #step(input: RecoveryInput): RecoveryOutput {
    const output = stepRecovery(this.#state, input, this.#parts.now());
    for (const connect of output.connects) this.#connect(connect);
    for (const { connection, bytes } of output.writes) this.#connections.get(connection)?.connection.write(bytes);
    for (const number of output.secures) this.#connections.get(number)?.connection.secure();
    for (const number of output.pauses) this.#pause(number, true);
    for (const number of output.resumes) this.#pause(number, false);
    for (const number of output.closes) this.#close(number);
    for (const baseTime of output.baseTimes) this.#keepBaseTime(baseTime);
    for (const id of output.runs) this.#runsDirty.add(id);
    for (const key of output.streams) this.#streamsDirty.add(key);
    for (const { family, instance, address, prefixLength, done } of output.restoring) {
      this.#parts.onRestoring(family, instance, address, prefixLength, done);
    }
    this.#parts.onChanged();
    if (input.kind === "received") this.#heedWriter();
    if (this.#runsDirty.size > 0 || this.#streamsDirty.size > 0) this.#tell(false);
    else if (this.#runsFinishing.size > 0) this.#tellFinished();
    this.#deadline.schedule();
    return output;
  }

  #connect({ connection: number, family, instance, address, port, localAddress, device, tls }: RecoveryConnect): void {
    const later = (input: RecoveryInput) => {
      if (this.#connections.has(number)) this.#step(input);
    };
    const result = connectLeasequery(
      {
        family,
        address,
        port,
        localAddress,
        device,
        tls: tls ? this.#relays.tls.get(relayKey(family, instance)) : undefined,
      },
      {
        onConnected: (secure) => later({ kind: "connected", connection: number, secure }),
        onData: (bytes) => later({ kind: "received", connection: number, bytes }),
        onClosed: (reason) => {
          if (this.#connections.delete(number)) this.#step({ kind: "closed", connection: number, reason });
        },
        onFault: (error) => this.#parts.onFault(error),
      },
    );
    if (!result.ok) {
      const reason = result.error.message;
      // In a later turn, so that a step is never entered from within another.
      setImmediate(() => this.#step({ kind: "closed", connection: number, reason }));
      return;
    }
    this.#connections.set(number, { connection: result.value, paused: false });
    if (this.#held) result.value.pause();
  }

  #pause(number: number, paused: boolean): void {
    const held = this.#connections.get(number);
    if (held === undefined || held.paused === paused) return;
    held.paused = paused;
    if (paused) held.connection.pause();
    else if (!this.#held) held.connection.resume();
  }

  #close(number: number): void {
    const held = this.#connections.get(number);
    this.#connections.delete(number);
    held?.connection.close();
  }

  /** Stops reading where the database cannot keep up, and goes on when half of it is stored. */
  #heedWriter(): void {
    const behind = this.#parts.behind();
    const behindMax = this.#parts.behindMax ?? engineThreadLimits.recoveryBehindMax;
    if (!this.#held && behind > behindMax) {
      this.#held = true;
      this.slowed += 1;
      for (const { connection } of this.#connections.values()) connection.pause();
      // Silence is ours now, not the servers'.
      this.#step({ kind: "reading", held: true });
    } else if (this.#held && behind <= behindMax / 2) {
      this.#held = false;
      for (const { connection, paused } of this.#connections.values()) if (!paused) connection.resume();
      this.#step({ kind: "reading", held: false });
    }
  }

  #keepBaseTime(baseTime: BaseTime): void {
    this.#baseTimes.set(`${baseTime.family}|${baseTime.instance}|${baseTime.server}`, baseTime);
    this.#baseTimesTimer ??= setTimeout(() => {
      this.#baseTimesTimer = null;
      this.#tellBaseTimes();
    }, engineThreadLimits.baseTimePeriodMs);
  }

  #tellBaseTimes(): void {
    if (this.#baseTimes.size === 0) return;
    this.#parts.onBaseTimes([...this.#baseTimes.values()]);
    this.#baseTimes.clear();
  }

  /** What has changed its state at once, the rest no more often than `recoveryEventPeriodMs`; all of it at the end. */
  #tell(all: boolean): void {
    const now = this.#parts.now();
    let waiting = false;
    for (const id of this.#runsDirty) {
      const run = this.#state.runs.get(id);
      if (run === undefined) {
        this.#runsDirty.delete(id);
        this.#runsTold.delete(id);
        this.#runsFinishing.delete(id);
        this.#finishedTold.delete(id);
        continue;
      }
      if (run.finishedAtMs === null || run.finishedAtMs === this.#finishedTold.get(id)) this.#runsFinishing.delete(id);
      else this.#runsFinishing.add(id);
      const told = this.#runsTold.get(id);
      if (!all && told !== undefined && told.state === run.state && now - told.atMs < recoveryEventPeriodMs) {
        waiting = true;
        continue;
      }
      this.#runsDirty.delete(id);
      this.#runsTold.set(id, { state: run.state, atMs: now });
      this.#parts.onRun(shown(viewBulkRun(run, now)));
    }
    for (const key of this.#streamsDirty) {
      const stream = this.#state.streams.get(key);
      if (stream === undefined) {
        this.#streamsDirty.delete(key);
        this.#streamsTold.delete(key);
        this.#eventsTold.delete(key);
        continue;
      }
      this.#tellEvents(key);
      const told = this.#streamsTold.get(key);
      if (!all && told !== undefined && told.state === stream.phase && now - told.atMs < recoveryEventPeriodMs) {
        waiting = true;
        continue;
      }
      this.#streamsDirty.delete(key);
      this.#streamsTold.set(key, { state: stream.phase, atMs: now });
      const view = this.#streamView(key);
      if (view !== null) this.#parts.onStream(view);
    }
    this.#tellFinished();
    this.#forgetOld();
    if (!waiting) return;
    this.#tellTimer ??= setTimeout(() => {
      this.#tellTimer = null;
      this.#tell(false);
    }, recoveryEventPeriodMs);
  }

  #tellFinished(): void {
    for (const id of this.#runsFinishing) {
      const run = this.#state.runs.get(id);
      if (run === undefined || run.finishedAtMs === null) {
        this.#runsFinishing.delete(id);
        continue;
      }
      // Held against the table slice by slice: what it says of groups is not final yet.
      if (run.walk !== null) continue;
      if (run.lastSequence > this.#parts.durableSequence(run.request.family)) continue;
      this.#runsFinishing.delete(id);
      this.#finishedTold.set(id, run.finishedAtMs);
      const view = viewBulkRun(run, this.#parts.now());
      this.#parts.onFinished({ run: shown(view), groups: view.groups });
    }
  }

  /** The engine forgets old runs; so is what was told of them. */
  #forgetOld(): void {
    for (const told of [this.#runsTold, this.#finishedTold]) {
      if (told.size <= this.#state.runs.size + engineThreadLimits.runsForgottenSlack) continue;
      for (const id of told.keys()) if (!this.#state.runs.has(id)) told.delete(id);
    }
  }

  #tellEvents(key: string): void {
    const stream = this.#state.streams.get(key);
    if (stream === undefined) return;
    const { events, relay, address } = stream;
    const last = this.#eventsTold.get(key);
    const from = last === undefined ? 0 : events.indexOf(last as (typeof events)[number]) + 1;
    const fresh = events.slice(from);
    const newest = events.at(-1);
    if (newest === undefined || fresh.length === 0) return;
    this.#eventsTold.set(key, newest);
    const { family, instance } = relay;
    this.#parts.onStreamEvents(fresh.map((event) => ({ family, instance, server: address, ...event })));
  }

  #streamView(key: string): StreamView | null {
    const stream = this.#state.streams.get(key);
    if (stream === undefined) return null;
    const { key: id, events: _, ...view } = viewStream(this.#state, stream, this.#parts.now());
    const seconds = this.#relays.timeouts.get(relayKey(view.family, view.instance));
    return {
      id,
      ...view,
      timeoutSeconds: seconds?.timeoutSeconds ?? 0,
      idleTimeoutSeconds: seconds?.idleTimeoutSeconds ?? 0,
    };
  }

  #answer(id: string, { refusal }: RecoveryOutput): Answer<RunningBulkRun> {
    if (refusal !== null) return { ok: false, refusal: refusalOf(refusal) };
    const run = this.run(id);
    return run === null ? refuse("NOT_FOUND", `There is no bulk run ${id} any more.`, "id") : { ok: true, value: run };
  }
}

/** BindingState.ACTIVE, as index of `counts`. */
const activeState = 2;

function shown({ groups: _groups, groupsLeftOut: _left, lastSequence: _last, ...run }: EngineBulkRun): RunningBulkRun {
  return run;
}

function refusalOf({ code, message, field }: RecoveryRefusal): Refusal {
  const codes = {
    limit: "UNAVAILABLE",
    "no-relay": "CONFLICT",
    "no-server": "CONFLICT",
    "server-unknown": "BAD_REQUEST",
    "group-unknown": "BAD_REQUEST",
    "key-unsupported": "BAD_REQUEST",
    "relay-id-missing": "CONFLICT",
    "base-time-unknown": "CONFLICT",
    "run-unknown": "NOT_FOUND",
    "run-finished": "CONFLICT",
    "run-running": "CONFLICT",
    "stream-unknown": "NOT_FOUND",
  } as const satisfies Record<RecoveryRefusal["code"], Refusal["code"]>;
  return { code: codes[code], message, field };
}

function refuse(code: Refusal["code"], message: string, field?: string): { ok: false; refusal: Refusal } {
  return { ok: false, refusal: { code, message, field } };
}
