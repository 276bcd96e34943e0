import { type BindingInput, BindingState, bindingId, incomingWins, isEnded } from "@leasewire/bindings";
import { equalBytes } from "@leasewire/net";
import { type Context, countDrop, countNote } from "./context.ts";
import type { Query, Run } from "./state.ts";

export const causeRecorded = "individual leasequery";
export const causeEnded = "individual leasequery: not leased";

/** What became of the leases of one answer. */
export interface Recorded {
  readonly recorded: number;
  readonly unchanged: number;
  readonly older: number;
}

/**
 * Hands the leases of an accepted answer to the table, each by the rule of RFC 6926 §7.6 (which is RFC 4388 §6.8 and
 * RFC 5007 §4.3.4 made precise): what tells of the later transaction wins. What is stored already makes no change.
 */
export function recordLeases(context: Context, query: Query, leases: readonly BindingInput[]): Recorded {
  const { run, relay } = query.server;
  let recorded = 0;
  let unchanged = 0;
  let older = 0;
  for (const told of leases) {
    const id = bindingId(relay.family, told.instance, told.address, told.prefixLength);
    const stored = context.state.bindings.binding(relay.family, told.instance, told.address, told.prefixLength);
    const lease = stored === undefined ? withStart(told, context) : settle(told, stored, context);
    if (stored !== undefined && sameLease(stored, lease, run)) {
      run.bindingIds.add(id);
      unchanged += 1;
    } else if (stored !== undefined && !incomingWins(stored, lease)) {
      older += 1;
    } else {
      run.bindingIds.add(id);
      recorded += 1;
      context.out.changes.push({
        family: relay.family,
        binding: lease,
        bindingId: id,
        cause: causeRecorded,
        runId: run.id,
      });
    }
  }
  if (recorded > 0) countNote(context, relay.family, relay.instance, "lease recorded", recorded);
  if (unchanged > 0) countNote(context, relay.family, relay.instance, "lease unchanged", unchanged);
  for (let i = 0; i < older; i += 1) countDrop(context, relay.family, relay.instance, "older than the stored binding");
  return { recorded, unchanged, older };
}

/**
 * Ends the stored bindings that servers of the run called not leased. Called when the run is over and no server confirmed
 * the lease, since a confirmed answer outweighs an unconfirmed one. The word counts if it comes from the server that
 * had told of the lease, or if every server of the run says so: another server may simply not manage the address.
 */
export function endBindings(context: Context, run: Run): number {
  const everyServer = run.servers.every((server) => server.queries.every((query) => query.state === "unconfirmed"));
  const ended = new Set<string>();
  for (const { query, binding } of run.endings) {
    const { family, instance } = query.server.relay;
    const id = bindingId(family, instance, binding.address, binding.prefixLength);
    if (ended.has(id) || (!everyServer && binding.serverAddress !== query.server.address)) continue;
    if (endBinding(context, query, binding)) ended.add(id);
  }
  return ended.size;
}

/**
 * Ends one stored binding that the server of the query does not hold any more, unless the stored record is newer than
 * the answer (RFC 6926 §7.6: against a record without transaction time its start of state, now, is held).
 */
export function endBinding(context: Context, query: Query, listed: BindingInput): boolean {
  const { family, instance } = query.server.relay;
  const { run } = query.server;
  const stored = context.state.bindings.binding(family, instance, listed.address, listed.prefixLength);
  if (stored === undefined || isEnded(stored.state)) return false;
  const nowSeconds = Math.floor(context.now / 1000);
  const word = { clientLastTransactionTimeSeconds: 0, startTimeOfStateSeconds: nowSeconds, dataSource: 0 };
  if (!incomingWins(stored, word)) return false;
  const id = bindingId(family, instance, listed.address, listed.prefixLength);
  run.bindingIds.add(id);
  context.out.changes.push({
    family,
    // When the client was last heard stays on record.
    binding: {
      ...inputOf(stored),
      state: BindingState.AVAILABLE,
      startTimeOfStateSeconds: nowSeconds,
      expiresAtSeconds: 0,
      preferredUntilSeconds: stored.preferredUntilSeconds === undefined ? undefined : 0,
      origin: "individual",
      serverAddress: query.server.address,
    },
    bindingId: id,
    cause: causeEnded,
    runId: run.id,
  });
  countNote(context, family, instance, "lease ended");
  return true;
}

/** Start of state 0 means "not told": a new lease counts from the client's transaction. */
function withStart(told: BindingInput, context: Context): BindingInput {
  if (told.startTimeOfStateSeconds !== 0) return told;
  const start = told.clientLastTransactionTimeSeconds || Math.floor(context.now / 1000);
  return { ...told, startTimeOfStateSeconds: start };
}

/** Times that differ from the stored ones by no more than the transit of two answers may are the stored ones. */
function settle(told: BindingInput, stored: BindingInput, context: Context): BindingInput {
  const tolerance = context.state.limits.timeToleranceSeconds;
  const near = (a: number, b: number) => (Math.abs(a - b) <= tolerance ? b : a);
  const sameTenure =
    told.state === stored.state &&
    sameBytes(told.clientId, stored.clientId) &&
    sameBytes(told.hardwareAddress, stored.hardwareAddress);
  const started =
    told.startTimeOfStateSeconds === 0 && sameTenure
      ? { ...told, startTimeOfStateSeconds: stored.startTimeOfStateSeconds }
      : withStart(told, context);
  return {
    ...started,
    startTimeOfStateSeconds: near(started.startTimeOfStateSeconds, stored.startTimeOfStateSeconds),
    clientLastTransactionTimeSeconds: near(
      started.clientLastTransactionTimeSeconds,
      stored.clientLastTransactionTimeSeconds,
    ),
    expiresAtSeconds: near(started.expiresAtSeconds, stored.expiresAtSeconds),
    preferredUntilSeconds:
      started.preferredUntilSeconds === undefined || stored.preferredUntilSeconds === undefined
        ? started.preferredUntilSeconds
        : near(started.preferredUntilSeconds, stored.preferredUntilSeconds),
  };
}

/** Whether the table would hold the same lease afterwards. Which of several servers told it first does not matter. */
function sameLease(stored: BindingInput, lease: BindingInput, run: Run): boolean {
  const sameServer =
    stored.serverAddress === lease.serverAddress ||
    (run.confirmedBy !== null && run.confirmedBy === stored.serverAddress);
  return (
    sameServer &&
    numberFields.every((field) => (stored[field] ?? 0) === (lease[field] ?? 0)) &&
    bytesFields.every((field) => sameBytes(stored[field], lease[field])) &&
    stored.kind === lease.kind &&
    (stored.interfaceName ?? "") === (lease.interfaceName ?? "")
  );
}

const numberFields = [
  "state",
  "hardwareType",
  "iaid",
  "startTimeOfStateSeconds",
  "clientLastTransactionTimeSeconds",
  "expiresAtSeconds",
  "preferredUntilSeconds",
  "dataSource",
] as const;

const bytesFields = [
  "hardwareAddress",
  "clientId",
  "linkAddress",
  "relayAgentInformation",
  "circuitId",
  "remoteId",
  "relayId",
  "options",
] as const;

/** Absent and empty are the same in the table. */
function sameBytes(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  if (a === undefined || a.length === 0) return b === undefined || b.length === 0;
  return b !== undefined && equalBytes(a, b);
}

/** The input fields of a stored binding, without what the table adds. */
function inputOf(stored: BindingInput): BindingInput {
  const { instance, address, prefixLength, kind, state, hardwareType, hardwareAddress, clientId, iaid } = stored;
  const { startTimeOfStateSeconds, clientLastTransactionTimeSeconds, expiresAtSeconds, preferredUntilSeconds } = stored;
  const { linkAddress, relayAgentInformation, circuitId, remoteId, relayId, options } = stored;
  const { serverIdentifier, serverAddress, dataSource, origin, interfaceName } = stored;
  return {
    instance,
    address,
    prefixLength,
    kind,
    state,
    hardwareType,
    hardwareAddress,
    clientId,
    iaid,
    startTimeOfStateSeconds,
    clientLastTransactionTimeSeconds,
    expiresAtSeconds,
    preferredUntilSeconds,
    linkAddress,
    relayAgentInformation,
    circuitId,
    remoteId,
    relayId,
    options,
    serverIdentifier,
    serverAddress,
    dataSource,
    origin,
    interfaceName,
  };
}
