import { readFileSync, writeFileSync } from "node:fs";
import { openServerDatagrams, type ServerDatagrams } from "@leasewire/transport";
import { Dora } from "./dora.ts";
import { type ExchangeOptions, Exchanges, type Scenario } from "./exchanges.ts";
import { Leasequery4 } from "./leasequery4.ts";
import { Leasequery6 } from "./leasequery6.ts";
import { address4, address6, get32 } from "./octets.ts";
import type { LoadOptions, LoadReport } from "./run.ts";
import { Sarr } from "./sarr.ts";

// The process of the load client; run.ts says what it takes.

const options = JSON.parse(process.argv[2] ?? "") as LoadOptions;
const family = /^(sarr|leasequery6)/.test(options.scenario) ? 6 : 4;
const report = await run();
process.stdout.write(`${JSON.stringify(report)}\n`);

async function run(): Promise<LoadReport> {
  const scenario = scenarioOf(options);
  let exchanges: Exchanges | undefined;
  const opened = await openServerDatagrams(
    { family, address: options.localAddress, port: options.localPort ?? defaultPort() },
    {
      onBatch: (batch) => exchanges?.onBatch(batch),
      onFault(error) {
        throw error;
      },
    },
  );
  if (!opened.ok) throw new Error(opened.error.message);
  const socket: ServerDatagrams = opened.value;
  exchanges = new Exchanges(scenario, exchangeOptions(), socket);
  const outcome = await exchanges.run();
  await socket.close();
  writeLeases(scenario);
  return { scenario: options.scenario, batched: socket.batched, ...outcome };
}

function exchangeOptions(): ExchangeOptions {
  return {
    serverAddress: options.serverAddress,
    serverPort: options.serverPort ?? (family === 4 ? 67 : 547),
    count: options.count,
    outstanding: options.outstanding ?? 64,
    rate: options.rate,
    timeoutMs: options.timeoutMs ?? 1000,
    tries: options.tries ?? 4,
    warmup: options.warmup ?? 0,
  };
}

function defaultPort(): number {
  if (family === 4) return 67;
  return options.scenario === "sarr" ? 547 : 546;
}

function scenarioOf({ scenario, localAddress, count, seed = 1, ...rest }: LoadOptions): Scenario {
  const span = rest.span ?? count;
  switch (scenario) {
    case "dora":
      return new Dora({ giaddr: address4(localAddress), count, seed });
    case "sarr":
      return new Sarr({
        linkAddress: address6(rest.linkAddress ?? localAddress),
        address: rest.associations !== "prefix",
        prefix: rest.associations !== "address",
        count,
        seed,
      });
    case "leasequery4-by-address":
    case "leasequery4-by-client-id":
    case "leasequery4-by-hardware-address": {
      const by = scenario.slice("leasequery4-by-".length) as "address" | "client-id" | "hardware-address";
      const leases = leasesOf(4);
      const addresses = Uint32Array.from({ length: leases.length / 4 }, (_, i) => get32(leases, i * 4));
      const clients = by === "address" ? addresses.length : span;
      return new Leasequery4({ giaddr: address4(localAddress), by, count, seed, span: clients, addresses });
    }
    case "leasequery6-by-address":
    case "leasequery6-by-duid": {
      const by = scenario === "leasequery6-by-duid" ? "duid" : "address";
      const addresses = leasesOf(16);
      return new Leasequery6({ by, count, seed, span: by === "address" ? addresses.length / 16 : span, addresses });
    }
  }
}

function leasesOf(octets: 4 | 16): Uint8Array {
  if (options.leasesFile === undefined) {
    if (options.scenario.endsWith("-by-address")) throw new Error("Which addresses are asked for? Name a leasesFile.");
    return new Uint8Array(octets);
  }
  return new Uint8Array(readFileSync(options.leasesFile));
}

function writeLeases(scenario: Scenario): void {
  if (options.leasesFile === undefined) return;
  if (scenario instanceof Dora || scenario instanceof Sarr) writeFileSync(options.leasesFile, scenario.addressOctets());
}
