import { createHmac } from "node:crypto";
import type { Family, InstanceSelector } from "@leasewire/api";
import type { BindingInput, BindingTable } from "@leasewire/bindings";
import type { LocalServerConfiguration } from "@leasewire/config";
import {
  type Arrival,
  clearServerStatistics4,
  clearServerStatistics6,
  createServer4,
  createServer6,
  type LocalAddress,
  nextServerDeadlineMs4,
  nextServerDeadlineMs6,
  type PoolStatistics,
  poolStatistics4,
  poolStatistics6,
  type RandomSource,
  type ReconfigureRequest,
  type Server6Output,
  type ServerOutput,
  type ServerStatisticsView,
  serverStatistics4,
  serverStatistics6,
  step4,
  step6,
} from "@leasewire/engines";
import type { Message4, Message6, RelayMessage6 } from "@leasewire/wire";

/** What the engines of both families are told alike. */
export type CommonInput =
  | { readonly kind: "datagram"; readonly arrival: Arrival; readonly bytes: Uint8Array }
  | {
      readonly kind: "configuration";
      readonly servers: readonly LocalServerConfiguration[];
      readonly localAddresses: readonly LocalAddress[];
    }
  | { readonly kind: "granting"; readonly allowed: boolean }
  | { readonly kind: "cleared"; readonly binding: BindingInput }
  | { readonly kind: "deadline" };

/** The DHCP engine of a family, all instances. Decides only; see `step4` and `step6`. */
export interface ServerEngine {
  readonly family: Family;
  step(input: CommonInput, now: number): ServerOutput;
  nextDeadlineMs(): number | null;
  poolStatistics(): readonly PoolStatistics[];
  statistics(selector: InstanceSelector, now: number): ServerStatisticsView;
  clearStatistics(selector: InstanceSelector, now: number): void;
}

export interface ServerEngine4 extends ServerEngine {
  message(arrival: Arrival, message: Message4, now: number): ServerOutput;
  probeResult(token: number, inUse: boolean, now: number): ServerOutput;
}

export interface ServerEngine6 extends ServerEngine {
  message(arrival: Arrival, message: Message6 | RelayMessage6, now: number): ServerOutput;
  reconfigure(request: ReconfigureRequest, now: number): Server6Output;
}

export function serverEngine4(table: BindingTable, random: RandomSource): ServerEngine4 {
  const state = createServer4({ table, random });
  return {
    family: 4,
    step: (input, now) => step4(state, input, now),
    message: (arrival, message, now) => step4(state, { kind: "message", arrival, message }, now),
    probeResult: (token, inUse, now) => step4(state, { kind: "probe-result", token, inUse }, now),
    nextDeadlineMs: () => nextServerDeadlineMs4(state),
    poolStatistics: () => poolStatistics4(state),
    statistics: (selector, now) => serverStatistics4(state, selector, now),
    clearStatistics: (selector, now) => clearServerStatistics4(state, selector, now),
  };
}

/** `reconfigureSecret` is kept over restarts, so that clients heed a RECONFIGURE after one. */
export function serverEngine6(
  table: BindingTable,
  random: RandomSource,
  reconfigureSecret: Uint8Array | undefined,
): ServerEngine6 {
  const state = createServer6({
    table,
    random,
    reconfigureSecret,
    hmacMd5: (key, message) => createHmac("md5", key).update(message).digest(),
  });
  return {
    family: 6,
    step: (input, now) => step6(state, input, now),
    message: (arrival, message, now) => step6(state, { kind: "message", arrival, message }, now),
    reconfigure: (request, now) => step6(state, { kind: "reconfigure", request }, now),
    nextDeadlineMs: () => nextServerDeadlineMs6(state),
    poolStatistics: () => poolStatistics6(state),
    statistics: (selector, now) => serverStatistics6(state, selector, now),
    clearStatistics: (selector, now) => clearServerStatistics6(state, selector, now),
  };
}
