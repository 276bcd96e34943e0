import type { Finding, LocalServerConfiguration } from "@leasewire/config";
import type { LeasequeryConnections } from "@leasewire/engines";
import { type LeasequeryListener, serveLeasequery, type TlsMaterial } from "@leasewire/transport";
import type { Prepared } from "../prepared.ts";
import { readTlsMaterial } from "../tls-material.ts";
import { serverPath } from "./paths.ts";

interface Held {
  /** Address, port and VRF. */
  readonly place: string;
  readonly listener: LeasequeryListener;
}

/** Where requestors connect for bulk and active leasequery: one listener for each server that allows either. */
export class LeasequeryListeners {
  readonly #served: LeasequeryConnections;
  readonly #onFault: (error: Error) => void;
  readonly #serve: typeof serveLeasequery;
  #held = new Map<string, Held>();

  constructor(
    served: LeasequeryConnections,
    onFault: (error: Error) => void,
    serve: typeof serveLeasequery = serveLeasequery,
  ) {
    this.#served = served;
    this.#onFault = onFault;
    this.#serve = serve;
  }

  get size(): number {
    return this.#held.size;
  }

  /** Opens what the servers need beyond what is open. Findings of severity error: nothing may be applied. */
  async prepare(servers: readonly LocalServerConfiguration[]): Promise<Prepared> {
    const findings: Finding[] = [];
    const next = new Map<string, Held>();
    const opened: Held[] = [];
    const replacing: { key: string; server: LocalServerConfiguration; tls: TlsMaterial | undefined }[] = [];
    for (const server of servers) {
      if (server.allowBulkLeasequery === undefined && server.allowActiveLeasequery === undefined) continue;
      const tls = readTlsMaterial(`${serverPath(server)} tls`, server.tls, findings);
      if (tls === null) continue;
      const place = placeOf(server);
      const key = [place, server.instance, tls?.certificate, tls?.privateKey, tls?.ca].join("|");
      const kept = this.#held.get(key);
      if (kept !== undefined) {
        next.set(key, kept);
      } else if ([...this.#held.values()].some((held) => held.place === place)) {
        // Other certificates, or another server, where one listens already: the old one must close first.
        replacing.push({ key, server, tls });
      } else {
        const held = await this.#open(server, tls, findings);
        if (held === undefined) continue;
        opened.push(held);
        next.set(key, held);
      }
    }
    return {
      findings,
      apply: async () => {
        const old = this.#held;
        this.#held = next;
        await closeAll([...old].filter(([key]) => !next.has(key)).map(([, held]) => held));
        for (const { key, server, tls } of replacing) {
          const faults: Finding[] = [];
          const held = await this.#open(server, tls, faults);
          if (held !== undefined) next.set(key, held);
          for (const { message } of faults) this.#onFault(new Error(message));
        }
      },
      discard: () => closeAll(opened),
    };
  }

  async close(): Promise<void> {
    const held = [...this.#held.values()];
    this.#held = new Map();
    await closeAll(held);
  }

  async #open(
    server: LocalServerConfiguration,
    tls: TlsMaterial | undefined,
    findings: Finding[],
  ): Promise<Held | undefined> {
    const { family, instance, listenAddress, listenPort, vrfDevice } = server;
    const result = await this.#serve(
      { family, instance, address: listenAddress, port: listenPort, device: vrfDevice, tls },
      this.#served,
      { onFault: this.#onFault },
    );
    if (result.ok) return { place: placeOf(server), listener: result.value };
    const path = serverPath(server);
    findings.push({
      severity: "error",
      rule: `listen-${result.error.code}`,
      path: `${path} listen-port`,
      message: `Bulk and active leasequery: ${result.error.message}`,
      remedy: `set ${path} listen-port PORT`,
    });
    return undefined;
  }
}

function placeOf({ family, listenAddress, listenPort, vrfDevice }: LocalServerConfiguration): string {
  return `${family}|${listenAddress ?? "*"}|${listenPort}|${vrfDevice ?? ""}`;
}

async function closeAll(held: readonly Held[]): Promise<void> {
  await Promise.all(held.map(({ listener }) => listener.close()));
}
