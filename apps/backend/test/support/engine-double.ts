import type { EnginePools } from "@leasewire/api";
import type { EngineApi, EngineEvent } from "../../src/engine-thread/messages.ts";
import type { Threads, ThreadsParts } from "../../src/threads/workers.ts";

/** Stands for the engine thread where a test is about HTTP, sign-in or the configuration: no sockets, no bindings. */
export class EngineDouble {
  configured: string[] = [];
  refuse: string | null = null;
  parts: ThreadsParts | null = null;
  restoreAtOnce = true;
  pools: EnginePools = { pools: [], servers: [] };
  poolsAsked = 0;
  stopped = false;

  readonly start = (parts: ThreadsParts): Threads => {
    this.parts = parts;
    if (this.restoreAtOnce) setImmediate(() => this.emit({ kind: "restored", bindings: 0, tookMs: 1 }));
    return {
      engine: this.#api as Threads["engine"],
      stored: async () => {},
      stop: async () => {
        this.stopped = true;
      },
    };
  };

  emit(event: EngineEvent): void {
    this.parts?.onEvent(event);
  }

  readonly #api: Partial<EngineApi> = {
    configure: async (text) => {
      if (this.refuse !== null)
        return { ok: false, findings: [{ severity: "error", rule: "engine", path: "", message: this.refuse }] };
      this.configured.push(text);
      return { ok: true, findings: [] };
    },
    listBindings: async (input) => ({
      ok: true,
      value: { view: "v", total: 0, offset: input.offset, rows: [], sequence: 0, durableSequence: 0 },
    }),
    targets: async () => ({ relays: [] }),
    startRun: async () => ({
      ok: false,
      refusal: { code: "CONFLICT", message: "No relay agent is configured: set forwarding-options dhcp-relay …" },
    }),
    run: async () => null,
    runs: async () => [],
    clearBindings: async () => ({ ok: true, value: { cleared: 0 } }),
    clearStatistics: async () => {},
    serverPools: async () => {
      this.poolsAsked += 1;
      return this.pools;
    },
    servedConnections: async () => [],
    guardRequestors: async () => ({ limits: [], requestors: [], total: 0 }),
    metrics: async () => [{ name: "leasewire_drops_total", labels: { reason: 'a"b\n' }, value: 3 }],
  };
}
