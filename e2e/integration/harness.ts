import { createSocket, type Socket } from "node:dgram";
import type { LeasequeryRun, LeasequeryRunDetail, LeasequeryStartInput } from "@leasewire/api";
import type { EngineEvent } from "@leasewire/backend/engine-thread/messages.ts";
import { EngineService, type EngineServiceParts } from "@leasewire/backend/engine-thread/service.ts";
import type { StoredBinding, StoredChange } from "@leasewire/backend/persistence-thread/messages.ts";
import { formatFinding } from "@leasewire/config";
import { type ChangeBatch, ChangeBatchReader, changeBatch } from "@leasewire/db/change-batch";
import { seededRandom } from "@leasewire/engines";

/** A database in memory, with a switch to refuse. */
export class MemoryPersistence {
  readonly bindings = new Map<string, StoredBinding & { readonly family: 4 | 6 }>();
  readonly changes: StoredChange[] = [];
  readonly runs = new Map<string, LeasequeryRunDetail>();
  readonly last: Record<4 | 6, number> = { 4: 0, 6: 0 };
  refuse: string | null = null;

  async writeChanges(batch: ChangeBatch) {
    this.#mayRefuse();
    const change = new ChangeBatchReader(batch);
    while (change.next()) {
      const { family, sequence, atSeconds, cause } = change;
      const binding = structuredClone(change.binding());
      const key = `${family}|${binding.instance}|${Buffer.from(binding.address).toString("hex")}/${binding.prefixLength}`;
      if (change.removal) this.bindings.delete(key);
      else this.bindings.set(key, { family, binding, sequence, changedAtSeconds: atSeconds });
      this.changes.push({ family, sequence, atSeconds, kind: change.removal ? "remove" : "put", cause, binding });
      this.last[family] = sequence;
    }
    return { durableSequence: { ...this.last } };
  }

  async writeRun(run: LeasequeryRunDetail) {
    this.#mayRefuse();
    this.runs.set(run.id, structuredClone(run));
  }

  async readBindings(family: 4 | 6, after: number | null, limit: number) {
    this.#mayRefuse();
    const all = [...this.bindings.values()]
      .filter((stored) => stored.family === family && stored.sequence > (after ?? 0))
      .sort((a, b) => a.sequence - b.sequence);
    const page = all.slice(0, limit);
    const puts = page.map(
      ({ binding, sequence, changedAtSeconds: atSeconds }): StoredChange => ({
        family,
        sequence,
        atSeconds,
        kind: "put",
        cause: "",
        binding,
      }),
    );
    return { bindings: changeBatch(puts), next: all.length > limit ? (page.at(-1)?.sequence ?? null) : null };
  }

  async lastSequence(family: 4 | 6) {
    this.#mayRefuse();
    return this.last[family];
  }

  #mayRefuse(): void {
    if (this.refuse !== null) throw new Error(this.refuse);
  }
}

let runs = 0;
let seeds = Date.now() % 1_000_000;

/** The engine thread's service, as the worker runs it, with a database in memory. */
export class TestEngine {
  readonly events: EngineEvent[] = [];
  readonly persistence: MemoryPersistence;
  readonly service: EngineService;

  constructor(persistence = new MemoryPersistence(), parts: Partial<EngineServiceParts> = {}) {
    seeds += 1;
    this.persistence = persistence;
    this.service = new EngineService({
      node: "test",
      persistence,
      emit: (event) => void this.events.push(structuredClone(event)),
      random: seededRandom(seeds),
      onFault: (error) => {
        throw error;
      },
      ...parts,
    });
  }

  static async started(configuration: string, persistence?: MemoryPersistence): Promise<TestEngine> {
    const engine = new TestEngine(persistence);
    await engine.service.start();
    const { ok, findings } = await engine.service.configure(configuration);
    if (!ok) throw new Error(findings.map((finding) => formatFinding(finding)).join("\n"));
    return engine;
  }

  async start(input: LeasequeryStartInput): Promise<string> {
    runs += 1;
    const id = `run-${runs}`;
    const answer = await this.service.startRun(id, input, "tester");
    if (!answer.ok) throw new Error(answer.refusal.message);
    return id;
  }

  /** Runs a query to its end. */
  async query(input: LeasequeryStartInput): Promise<LeasequeryRunDetail> {
    return this.finished(await this.start(input));
  }

  async finished(id: string): Promise<LeasequeryRunDetail> {
    return this.until(id, (run) => run.state !== "running");
  }

  async stored(id: string): Promise<LeasequeryRunDetail> {
    return this.until(id, (run) => run.stored);
  }

  async until(id: string, condition: (run: LeasequeryRun) => boolean): Promise<LeasequeryRunDetail> {
    const deadline = Date.now() + 25_000;
    for (;;) {
      const run = await this.service.run(id);
      if (run !== null && condition(run)) return run;
      if (Date.now() > deadline) throw new Error(`the run did not get there: ${JSON.stringify(run?.servers)}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  async rows(family: 4 | 6) {
    const answer = await this.service.listBindings({
      family,
      filter: {},
      sort: { column: "address", direction: "asc" },
      offset: 0,
      limit: 500,
    });
    if (!answer.ok) throw new Error(answer.refusal.message);
    return answer.value.rows;
  }

  stop(): Promise<void> {
    return this.service.stop();
  }
}

/** A server that answers as the test says: with nothing, rubbish, or whatever `answer` makes of a query. */
export class ScriptedServer {
  readonly received: Uint8Array[] = [];
  readonly #socket: Socket;
  readonly #others: Socket[] = [];

  private constructor(socket: Socket) {
    this.#socket = socket;
  }

  static open(
    address: string,
    port: number,
    answer: (query: Uint8Array, reply: (bytes: Uint8Array, from?: string) => void) => void = () => {},
  ): Promise<ScriptedServer> {
    const type = address.includes(":") ? "udp6" : "udp4";
    const socket = createSocket({ type, reuseAddr: true });
    const server = new ScriptedServer(socket);
    socket.on("message", (query, source) => {
      server.received.push(new Uint8Array(query));
      answer(new Uint8Array(query), (bytes, from) => {
        if (from === undefined) return socket.send(bytes, source.port, source.address);
        const other = createSocket({ type, reuseAddr: true });
        server.#others.push(other);
        other.bind(port, from, () => other.send(bytes, source.port, source.address));
      });
    });
    return new Promise((resolve, reject) => {
      socket.once("error", reject);
      socket.bind(port, address, () => resolve(server));
    });
  }

  async close(): Promise<void> {
    for (const socket of [this.#socket, ...this.#others.splice(0)]) {
      await new Promise<void>((resolve) => socket.close(() => resolve()));
    }
  }
}
