import { spawn } from "node:child_process";
import type { ExchangeOptions, ExchangeReport } from "./exchanges.ts";

/**
 * The load client, in a process of its own:
 *
 *   const report = await runLoad({ scenario: "dora", localAddress: "10.64.0.1", serverAddress: "198.18.0.2", … });
 *
 * or from the command line, `node bench/load/client.ts '{"scenario": "dora", …}'`, which prints the report as JSON.
 */
export interface LoadOptions extends Partial<ExchangeOptions> {
  /** DORA and SARR lease; the others ask for leases that a run with the same seed has made, or that were there before. */
  readonly scenario:
    | "dora"
    | "sarr"
    | "leasequery4-by-address"
    | "leasequery4-by-client-id"
    | "leasequery4-by-hardware-address"
    | "leasequery6-by-address"
    | "leasequery6-by-duid";
  readonly serverAddress: string;
  /** Own address, where answers are taken: giaddr, and for SARR the link-address unless that is given. */
  readonly localAddress: string;
  /** Default: of relays, 67 and 547; for IPv6 leasequeries 546. */
  readonly localPort?: number;
  readonly count: number;
  /** 0 to 255: other seeds are other clients. */
  readonly seed?: number;
  readonly linkAddress?: string;
  /** SARR: an address, a prefix, or both (default). */
  readonly associations?: "address" | "prefix" | "both";
  /**
   * File of addresses, 4 or 16 octets each, that of client N at place N. DORA and SARR write it; leasequeries by address
   * read it and ask for one after the other, again from the first after the last.
   */
  readonly leasesFile?: string;
  /** Leasequeries by client: how many clients there are; default: as many as queries. */
  readonly span?: number;
}

export interface LoadReport extends ExchangeReport {
  readonly scenario: LoadOptions["scenario"];
  /** Datagrams by batches; a plain socket would be the bottleneck. */
  readonly batched: boolean;
}

export interface LoadPlace {
  /** Network namespace to run in; absent: where we are. */
  readonly namespace?: string;
}

/** Runs the load client to its end. */
export function runLoad(options: LoadOptions, place: LoadPlace = {}): Promise<LoadReport> {
  const script = [new URL("client.ts", import.meta.url).pathname, JSON.stringify(options)];
  const [command, ...parameters] =
    place.namespace === undefined
      ? [process.execPath, ...script]
      : ["ip", "netns", "exec", place.namespace, process.execPath, ...script];
  return new Promise((resolve, reject) => {
    const child = spawn(command!, parameters, { stdio: ["ignore", "pipe", "inherit"] });
    const end = () => child.kill("SIGKILL");
    process.once("exit", end);
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => {
      output += chunk.toString();
    });
    child.on("error", reject);
    child.on("close", (code) => {
      process.off("exit", end);
      if (code === 0) resolve(JSON.parse(output) as LoadReport);
      else reject(new Error(`The load client ended with code ${code}.`));
    });
  });
}
